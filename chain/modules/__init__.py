"""What any chain needs, each module a folder: system, signers, ledger, authorities.

`registry` is the tuple of them; the order is the order in which their hooks run.
"""
