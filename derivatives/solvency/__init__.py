"""The equations of the books, after every block on every node; and what fails stands still.

    sum of size_lots = 0        balance(house) + sum of entry_value_quantums = 0
    balance(house-funding) x 10^18 - sum of size x funding index at settlement = dust_e18
    sum of balances = supply    sum of a compartment's balances = custody >= 0

They held in the parent, so it is enough that what this block changed sums to zero: the work
is that of the keys that were changed.  Where one fails, or where a hook of the block does,
the compartment is *frozen*: nothing trades in it and nothing leaves it; orders can be
cancelled and collateral deposited; every other compartment goes on.

Read: state, equations, confined, freezing.
Source: docs/specs/solvency.md.
"""
