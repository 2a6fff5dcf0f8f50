"""Hashes, Merkle trees, signatures and addresses: what binds a name to its content.

`digest` hashes under a tag, `merkle` proves a leaf, `signing` signs and `verification`
gives the one verdict on a signature, `addresses` writes an address for people.

Source: docs/specs/signatures.md.
"""
