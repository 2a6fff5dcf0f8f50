"""The chain's hot paths in C, each beside the Python that defines it.

    native   the C: hashes and trees over bytes
    level    whether it is built here, and how it hashes

Every twin is where the rule is: `chain.crypto.digest`, `chain.crypto.merkle` and
`chain.state.commitment`.  The two agree byte for byte; nothing else knows which of them answers.

Read: level; then sha256.h, tree.h, native.c.
Source: docs/specs/state.md, STATE-050 to STATE-052.
"""
