"""Who is long and short of what, at which cost.

A position is a signed size and its signed cost, the *entry value*.  Nothing is paid when
it opens; closing moves the difference between what came back and its share of the cost
between the account and the instrument's *house*.  Exactly, after every fill:

    sum of size_lots = 0        balance(house) + sum of entry_value_quantums = 0

Read: state, fill.
Source: docs/specs/positions.md.
"""
