import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.codec.canonical import encode
from chain.state.recent import Recent
from node.storage import layout
from node.storage.rows import Rows, put_block, put_fin, put_final, put_tip

GOLDEN = Path(__file__).resolve().parents[2] / "goldens" / "storage.json"


# STORE-001  Every row of a commit, byte for byte.
def test_rows_of_a_commit_are_those_of_the_golden(made_chain: Callable[..., Any]) -> None:
    chain = made_chain()
    before = layout.Tip(0, 0, 0, bytes(32), bytes(32), 5, 0)
    rows = Rows()
    put_block(rows, chain.genesis, bytes([1]) * 32)
    batch = chain.batch(chain.block({1: 10, 2: None, 9: 9}, events=2))
    tip = put_final(rows, batch.blocks[0], before, Recent(0))
    put_tip(rows, tip)
    put_fin(rows, tip, batch.certificate)

    told = [[key.hex(), None if value is None else value.hex()] for key, value in rows.changes]

    if os.environ.get("NOVATION_GOLDENS") == "write":
        GOLDEN.write_text(json.dumps(told, indent=1) + "\n")
    assert json.loads(GOLDEN.read_text()) == told


def test_every_letter_is_one_and_its_own() -> None:
    letters = [
        value
        for name, value in vars(layout).items()
        if isinstance(value, bytes) and name.isupper() and len(value) == 1
    ]

    assert sorted(letters) == sorted(b"mtfshkdbrcuixeg"[i : i + 1] for i in range(15))


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_rows_lie_in_order_of_height(one: int, other: int) -> None:
    keys = [layout.height_key(layout.BLOCK, height) for height in (one, other)]

    assert (one < other) == (keys[0] < keys[1])
    assert one == layout.height_of_key(keys[0])


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_state_row_comes_apart_as_it_was_joined(key: bytes, data: bytes) -> None:
    assert (key, data) == layout.state_row(layout.state_value(key, data))


@pytest.mark.parametrize("value", [b"", b"\0", b"\0\1", b"\0\5abcd"])
def test_state_row_too_short_for_its_key_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="cannot hold its key"):
        layout.state_row(value)


@given(st.dictionaries(st.integers(0, 65_535), st.binary(min_size=32, max_size=32), max_size=5))
def test_hashes_of_buckets_come_back(hashes: dict[int, bytes]) -> None:
    assert hashes == layout.buckets_from(layout.buckets_bytes(hashes))


def test_branch_is_256_buckets_from_its_first() -> None:
    start, hashes = layout.branch_from(layout.branch_key(3), bytes(range(256)) * 32)

    assert (768, 256, bytes(range(32))) == (start, len(hashes), hashes[0])
    with pytest.raises(ValueError, match="hashes of a branch"):
        layout.branch_from(layout.branch_key(3), bytes(32))


def test_location_comes_back() -> None:
    assert (2**40, 4_999) == layout.location_from(layout.location_bytes(2**40, 4_999))


def test_tip_is_an_array_of_its_fields() -> None:
    tip = layout.Tip(1, 2, 3, bytes(32), bytes(32), 4, 5)

    assert 0x97 == encode(tip)[0]
