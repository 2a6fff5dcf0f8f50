"""The arbitrageur: takes from a book what stands apart from the index, so that they meet.

`gap` decides, without a clock or a socket; `form` is what it is told.
Rules and numbers: docs/specs/agents.md, AGT-050 to AGT-059.
"""
