"""Every method, a file a subject; `every` puts them together.

`chain` what is final · `state` any table or query · `transactions` build, send, follow ·
`explain` why · `trading` accounts, positions, orders and markets ·
`events` what was told, and subscriptions · `operations` peers, stalls, audit ·
`development` what only development chains offer.
"""
