"""What can be traded, on which terms, and whether it may be now.

    lot      the smallest size: `lot_size_e8` units of the underlying, a whole number of them
    tick     the smallest price move: `tick_size_e8` of the quote asset a unit
    value    price in ticks x tick value = money for one lot, exactly

An instrument opens with a call auction as soon as its feed may be trusted, trades
continuously until the feed falls silent, and opens by auction again.

Read: state, terms, trading, hooks.
Source: docs/specs/instruments.md.
"""
