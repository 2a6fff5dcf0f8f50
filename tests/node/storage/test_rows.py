from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chain.crypto.digest import ZERO_HASH
from chain.state.commitment import BUCKETS_COUNT, bucket_hash
from chain.state.recent import Recent
from node.storage import layout
from node.storage.layout import Tip
from node.storage.rows import Rows, differing_buckets, put_final, put_settled

BEFORE = Tip(0, 0, 0, bytes(32), bytes(32), 10, 0)


def test_size_is_that_of_keys_and_values() -> None:
    rows, later = Rows(), Rows()
    rows.put(b"k", b"value")
    later.delete(b"key")

    rows.append(later)

    assert 9 == rows.size_bytes
    assert [(b"k", b"value"), (b"key", None)] == rows.changes


def test_size_of_rows_alike_is_theirs_together() -> None:
    rows = Rows()

    rows.put_each([(b"k1", b"one"), (b"k2", b"two")])
    rows.put_each([])

    assert 10 == rows.size_bytes


def test_record_at_rest_is_a_row_and_what_is_gone_is_none() -> None:
    rows = Rows()

    put_settled(rows, [(b"1" * 32, b"one", b"v"), (b"2" * 32, b"two", None)])

    assert [(b"s" + b"1" * 32, b"\0\3onev"), (b"s" + b"2" * 32, None)] == rows.changes


# STORE-007  A block writes what it changed in one row, and no record by itself yet.
def test_block_puts_what_it_changed_in_one_row(made_chain: Callable[..., Any]) -> None:
    rows = Rows()

    put_final(rows, made_chain().block({n: n for n in range(3, 50)}), BEFORE, Recent(0))

    letters = [key[:1] for key, _ in rows.changes]
    assert (0, 1, 1) == tuple(map(letters.count, (layout.STATE, layout.CHANGES, layout.BUCKETS)))


def test_way_back_that_is_too_far_goes_in_the_same_batch(made_chain: Callable[..., Any]) -> None:
    chain = made_chain()
    deleted: list[int] = []
    recent = Recent(0)

    for _ in range(1_002):
        rows = Rows()
        put_final(rows, chain.block({1: 1}), BEFORE, recent)
        deleted += [
            layout.height_of_key(key)
            for key, value in rows.changes
            if value is None and key[:1] == layout.CHANGES
        ]

    assert [1, 2] == deleted


def test_events_move_the_number_of_the_next(made_chain: Callable[..., Any]) -> None:
    chain = made_chain()

    tips = [
        put_final(Rows(), chain.block({1: 1}, events=count, transactions=3), BEFORE, Recent(0))
        for count in (0, 2)
    ]

    assert [10, 16] == [tip.event_sequence for tip in tips]


def test_block_without_events_has_no_row_of_events(made_chain: Callable[..., Any]) -> None:
    rows = Rows()

    put_final(rows, made_chain().block({1: 1}, events=0), BEFORE, Recent(0))

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
