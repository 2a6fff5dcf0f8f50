"""Assets that are worth what an oracle's price says: minted against collateral, redeemed for it.

    a mint     the account sells lots to the *issuer* for nothing and is given the asset, so all
               that the lots are worth is owed: a position like any other, margined as such
    a burn     the account gives the asset back and buys the lots for nothing
    a redeem   anybody gives the asset back; an account that is short is closed by as much, and
               pays the index value out of its cash and collateral

One lot is one quantum of the asset, so of every synthetic, always:

    supply = lots that the issuer is long of = lots that all others are short of

A request cannot be taken back, and meets the first price that was observed `delay_ms` later
or after: nobody acts on a price that he knows.

Read: state, terms, debts, minting, redeeming, requests, hooks.
Source: docs/specs/synthetics.md.
"""
