"""European options on a forward: paid for at the trade, revalued whole, exercised in cash.

    value    Black-76 on the forward and the surface, which is mark and index at once
    trade    the premium goes from the buyer to the seller through the house; nothing is entered
    expiry   the settlement price of its date gives the payoff; who is short pays who is long

Terms and settlement are of `instruments`, the mark of `marks`, the sweep of `futures`; here is
what a lot is worth in every scenario of margin, and how it leans.

Read: revaluing, greeks.

Source: docs/specs/options.md.
"""
