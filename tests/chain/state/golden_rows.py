"""The state that `tests/goldens/state.json` describes, and what it describes of it."""

from typing import Any

from chain.codec.canonical import encode
from chain.crypto.merkle import merkle_path, merkle_root
from chain.state.overlay import Overlay
from chain.state.proof import Proof, prove
from tests.chain.state.rows import (
    BALANCES,
    COUNTER,
    GROUND,
    ORDERS,
    Balance,
    Order,
    ground_keys,
    holder,
    tables_with,
)


def golden() -> dict[str, Any]:
    """Rows, roots, changes and proofs as other programs must compute them."""
    rows = [
        *((BALANCES, (holder(n), "USD"), Balance(amount_quantums=n * 1_000)) for n in range(1, 4)),
        (ORDERS, ("BTC", 1), Order(size_lots=-5, note="é")),
        (COUNTER, (), Balance(amount_quantums=0)),
    ]
    tables = tables_with(rows)
    overlay = Overlay(tables)
    overlay.put(BALANCES, (holder(1), "USD"), Balance(amount_quantums=7))
    overlay.delete(COUNTER, ())
    overlay.put(ORDERS, ("BTC", 2), Order(size_lots=1, note=""))
    overlay.seal()
    crowded = tables_with((GROUND, place, Balance(amount_quantums=1)) for place in ground_keys())
    key = BALANCES.encoded((holder(1), "USD"))
    leaves = [bytes([n]) * n for n in range(7)]
    return {
        "empty_root": tables_with().root.hex(),
        "rows": [[encoded_key.hex(), data.hex()] for encoded_key, data in tables.rows()],
        "root": tables.root.hex(),
        "changes": [
            [
                change.key_hash.hex(),
                change.encoded_key.hex(),
                None if change.old is None else change.old.hex(),
                None if change.new is None else change.new.hex(),
            ]
            for change in overlay.encoded_changes
        ],
        "changes_root": overlay.changes_root.hex(),
        "root_after": overlay.root.hex(),
        "key": key.hex(),
        "value_after": "9107",
        "proof_after": shown(prove(overlay, key)),
        "ground_root": crowded.root.hex(),
        "ground_key": GROUND.encoded(ground_keys()[0]).hex(),
        "ground_proof": shown(prove(crowded, GROUND.encoded(ground_keys()[0]))),
        "leaves": [leaf.hex() for leaf in leaves],
        "leaves_root": merkle_root(leaves).hex(),
        "path_of_leaf_6": [sibling.hex() for sibling in merkle_path(leaves, 6)],
    }


def shown(proof: Proof) -> dict[str, Any]:
    """A proof part by part, and as it is encoded."""
    return {
        "entries": proof.entries.hex(),
        "splits": [split.hex() for split in proof.splits],
        "siblings": [sibling.hex() for sibling in proof.siblings],
        "encoded": encode(proof).hex(),
    }
