"""Talk to a node from outside: ask it, build and sign transactions, wait for them.

Plain and synchronous, on the standard library's `http.client`: a command line starts,
asks and ends, and must not pay for an event loop to do so.

`failures` is everything that can go wrong and its exit code; `transport` is JSON-RPC
over one connection; `target` finds the node; `keyring` finds keys; `forms` and `amounts`
turn text into exact values; `building` makes and signs transactions from this program's
own bytes, never from a node's; `sending` submits and waits; `verifying` believes no node.
"""
