"""The state: tables of records in memory, overlays for open blocks, one root over all.

`view` says how state is read and changed, `tables` holds what is final, `overlay` what
one block changes, `rewound` what was true some blocks ago; `commitment` is the bucketed
Merkle tree under the state root and `proof` shows one value, or its absence, to anyone.

Source: docs/specs/state.md.
"""
