"""The maker: keeps a ladder of orders on both sides of a market, around its index or mark.

`quoting` decides, without a clock or a socket; `form` is what it is told.
Rules and numbers: docs/specs/agents.md, AGT-030 to AGT-049.
"""
