"""Block trades: two signers agree off the book on legs and prices, and the chain novates them.

    offer    one side signs legs, prices, whom it is for and until when: a file, not a transaction
    accept   the other side sends it; both stand the test of margin, or nothing happened
    revoke   whoever offered takes back what nobody has accepted yet

Read: state, offers, trading, transactions, hooks.
Source: docs/specs/block_trades.md.
"""
