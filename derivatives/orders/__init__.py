"""The book: orders that rest in state, and how they meet.

    place     an order meets what rests on the other side, best price first, oldest first
    rest      what is left waits in the book, backed by margin as if it were filled
    auction   orders gather without meeting; then one price fills as much as can be filled
    bundle    several legs fill at once and together, whole, or none of them does
    trigger   a stop or take-profit is no order until the mark reaches its price

Read: state, depth, book, matching, entry, transactions, auction, triggers, bundles, hooks.
Source: docs/specs/orders.md.
"""
