"""Who holds how much of what: assets, balances, supplies.

    asset      a short name with a number of decimals: USD has 6, so 1 USD is 1,000,000
    quantums   the smallest amount of an asset; every amount is a whole number of them
    holder     who money sits with: a wallet, a margin account, or a name such as `fees`

Money only moves between holders, so the balances of an asset always sum to its supply.

Source: docs/specs/ledger.md.
"""
