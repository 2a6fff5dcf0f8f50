"""The quoter: keeps a bid and an ask on the options nearest to the forward of the next dates.

`chain` is what it sees of a date, `pricing` what a bid and an ask are, `quoting` decides, without
a clock or a socket; `form` is what it is told.
Rules and numbers: docs/specs/agents.md, AGT-075 to AGT-088.
"""
