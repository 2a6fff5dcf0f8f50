"""Margin: what an account must have to hold what it holds.

    E   margin equity        cash, positions at marks, collateral at careful prices
    S   solvency equity      the same at the index: below zero the clearing house takes over
    R   risk                 worst loss of a grid of scenarios, and add-ons
    MM  maintenance          0.8 R, haircut and exit fees: below it the account is liquidated
    IM  initial              1.25 R with resting orders, and what else could happen: needed to
                             take on risk and to withdraw

One lot of an instrument is a row of what it loses in every scenario; an account is a dot
product with its rows.  All sums are exact integers, so order never matters.

Read: state, rows, risk, account, gate, withdrawal, hooks, sweep.
Source: docs/specs/margin.md.
"""
