"""The keeper: takes slices of accounts that are closed and collateral of those that owe, for gain.

`keeping` decides, without a clock or a socket; `form` is what it is told.
Rules and numbers: docs/specs/agents.md, AGT-060 to AGT-072.
"""
