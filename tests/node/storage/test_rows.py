from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chain.crypto.digest import ZERO_HASH
from chain.state.commitment import BUCKETS_COUNT, bucket_hash
from node.storage import layout
from node.storage.layout import Tip
from node.storage.rows import Rows, differing_buckets, put_bucket, put_final

BEFORE = Tip(0, 0, 0, bytes(32), bytes(32), 10)


def test_size_is_that_of_keys_and_values() -> None:
    rows, later = Rows(), Rows()
    rows.put(b"k", b"value")
    later.delete(b"key")

    rows.append(later)

    assert 9 == rows.size_bytes
    assert [(b"k", b"value"), (b"key", None)] == rows.changes


def test_empty_bucket_has_no_row() -> None:
    rows = Rows()

    put_bucket(rows, 1, ZERO_HASH)
    put_bucket(rows, 2, b"\1" * 32)

    assert [(b"h\0\1", None), (b"h\0\2", b"\1" * 32)] == rows.changes


def test_way_back_that_is_too_far_goes_in_the_same_batch(made_chain: Callable[..., Any]) -> None:
    chain = made_chain()
    deleted: list[int] = []

    for _ in range(1_002):
        rows = Rows()
        put_final(rows, chain.block({1: 1}), BEFORE)
        deleted += [
            layout.height_of_key(key)
            for key, value in rows.changes
            if value is None and key[:1] == layout.UNDO
        ]

    assert [1, 2] == deleted


def test_events_move_the_number_of_the_next(made_chain: Callable[..., Any]) -> None:
    chain = made_chain()

    tips = [
        put_final(Rows(), chain.block({1: 1}, events=count, transactions=3), BEFORE)
        for count in (0, 2)
    ]

    assert [10, 16] == [tip.event_sequence for tip in tips]


def test_block_without_events_has_no_row_of_events(made_chain: Callable[..., Any]) -> None:
    rows = Rows()

    put_final(rows, made_chain().block({1: 1}, events=0), BEFORE)

    assert [] == [key for key, _ in rows.changes if key[:1] == layout.EVENT]


@given(
    st.dictionaries(
        st.integers(0, BUCKETS_COUNT - 1) | st.sampled_from([0, BUCKETS_COUNT - 1]),
        st.lists(st.binary(min_size=64, max_size=64), min_size=1, max_size=3),
        max_size=5,
    ),
    st.sets(
        st.integers(0, BUCKETS_COUNT - 1) | st.sampled_from([0, BUCKETS_COUNT - 1]), max_size=3
    ),
)
def test_exactly_the_changed_buckets_differ(
    held: dict[int, list[bytes]], changed: set[int]
) -> None:
    stored = [ZERO_HASH] * BUCKETS_COUNT
    for bucket, entries in held.items():
        stored[bucket] = bucket_hash(b"".join(entries))
    for bucket in changed:
        stored[bucket] = b"\xff" * 32
    rows = [(bucket, entry) for bucket in sorted(held) for entry in held[bucket]]

    found = list(differing_buckets(stored, rows))

    assert sorted(changed) == found
