"""The chain's hot paths in C, each beside the Python that defines it.

    native   the C: hashes and trees over bytes, keys and records, the journal of an open block,
             what is the same for every transaction, and what receipts tell
    level    whether it is built here, and how it hashes

Every twin is where the rule is: `chain.crypto.digest` and `merkle`, `chain.codec.canonical`,
`chain.kit.table`, `chain.state.journal` and `commitment`, `chain.machine.frame`,
`chain.block.transaction` and `told`.  The two agree byte for byte, and nothing else knows which
of them answers.

Read: level; then native.c, sha256.h, tree.h, keys.h, canonical.h, journal.h, known.h, frame.h.
Source: docs/specs/state.md, STATE-050 to STATE-054; docs/specs/machine.md, MACH-028.
"""
