"""Funding: what keeps a perpetual near its index.

Where the book trades above the index, longs pay shorts, and the other way round.  Each
second's *premium* is sampled, the trimmed mean of an hour becomes the *rate* of the next,
and the *funding index* of the instrument grows with rate, index value and time.  Exactly,
after every transaction:

    balance(house-funding) x 10^18 + sum of exact funding owed = dust_e18 >= 0

Read: state, rate, funding, hooks.
Source: docs/specs/perpetuals.md.
"""
