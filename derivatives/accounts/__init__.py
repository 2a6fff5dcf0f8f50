"""Margin accounts: whose they are, what backs them, who may act for them.

    compartment   a settlement asset, its collateral, instruments and limits; an account
                  belongs to one for life
    cash          an account's balance of the settlement asset, which may be below zero
    collateral    its balances of other assets, never below zero
    custody       what all holders of a compartment have of an asset together
    delegate      a signer who may trade for an account and never withdraw

Read: state, authority, opening, custody, collateral, debt.
Source: docs/specs/accounts.md.
"""
