"""Roots and proofs are those of the golden, and the golden those of the written rule."""

import json
from hashlib import sha256
from pathlib import Path

from tests.chain.state.golden_rows import golden
from tests.chain.state.test_commitment import plain_root

GOLDEN = json.loads((Path(__file__).resolve().parents[2] / "goldens" / "state.json").read_text())


def key_hash(encoded_key: str) -> bytes:
    return sha256(b"NOVATION/key/1" + bytes.fromhex(encoded_key)).digest()


def test_state_roots_changes_and_proofs_are_those_of_the_golden() -> None:
    assert GOLDEN == golden()


def test_roots_of_the_golden_follow_from_its_rows_by_the_written_rule() -> None:
    """STATE-010 to STATE-014."""
    values = {
        encoded_key: sha256(bytes.fromhex(data)).digest() for encoded_key, data in GOLDEN["rows"]
    }
    after = dict(values)
    for _, encoded_key, _, new in GOLDEN["changes"]:
        after.pop(encoded_key, None)
        if new is not None:
            after[encoded_key] = sha256(bytes.fromhex(new)).digest()

    assert GOLDEN["root"] == plain_root({key_hash(k): v for k, v in values.items()}).hex()
    assert GOLDEN["root_after"] == plain_root({key_hash(k): v for k, v in after.items()}).hex()
    assert GOLDEN["empty_root"] == plain_root({}).hex()
