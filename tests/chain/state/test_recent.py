"""Recent changes: what repeats or goes again is not written, what is at rest is, in C or not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.codec.canonical import decode
from chain.crypto.digest import sha256
from chain.kernel.level import kernel
from chain.state.journal import Change
from chain.state.recent import PlainRecent
from node.storage.layout import ChangeRow

KINDS = [PlainRecent] if kernel is None else [PlainRecent, kernel.Recent]
BYTES_MAX = 10**9


def change(key: int, old: int | None, new: int | None) -> Change:
    name = str(key).encode()
    values = [None if value is None else str(value).encode() for value in (old, new)]
    return Change(sha256(name), name, *values)


def written(one: Change) -> tuple[bytes, bytes, bytes | None]:
    return one.key_hash, one.encoded_key, one.new


def passed(told: Any, blocks_count: int = 3) -> list[Any]:
    """Return what comes to rest while so many blocks change nothing."""
    found = []
    for _ in range(blocks_count):
        told.take(())
        found += told.settle(3, BYTES_MAX)
    return found


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__module__)
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


# STORE-008  A record is at rest once no recent block has changed it.
def test_change_is_at_rest_once_it_is_not_recent(kind: Any) -> None:
    told, one = kind(7), change(1, None, 5)
    told.take((one,))

    before, heights = passed(told, 2), [told.settled_height]
    after = passed(told, 1)

    assert ([], [written(one)]) == (before, after)
    assert [7, 8] == [*heights, told.settled_height]


def test_last_change_alone_is_written(kind: Any) -> None:
    told, second = kind(0), change(1, 5, 6)
    told.take((change(1, 4, 5),))
    told.take((second,))

    assert [written(second)] == passed(told)


def test_what_came_and_went_is_never_written(kind: Any) -> None:
    told = kind(0)
    told.take((change(1, None, 5),))
    told.take((change(1, 5, None),))

    assert [] == passed(told)


def test_row_that_went_came_and_went_is_taken_away(kind: Any) -> None:
    told, last = kind(0), change(1, 6, None)
    told.take((change(1, 5, None),))
    told.take((change(1, None, 6),))
    told.take((last,))

    assert [written(last)] == passed(told)


def test_large_blocks_are_recent_no_longer_than_there_is_room(kind: Any) -> None:
    told, one, two = kind(0), change(1, 1, 2), change(2, 1, 2)
    settled = []

    for each in (one, two):
        size_bytes = len(told.take((each,)))
        settled.append(told.settle(64, size_bytes))

    assert [[], [written(one)]] == settled


Changes = st.lists(
    st.tuples(st.binary(max_size=70), st.none() | st.binary(max_size=300), st.none() | st.binary()),
    max_size=40,
)


# STORE-007  The row is canonical, whatever was changed.
@pytest.mark.parametrize("each", KINDS)
@given(Changes)
def test_row_reads_as_what_was_changed(each: Any, changes: list[Any]) -> None:
    rows = tuple(Change(bytes(32), *one) for one in changes)

    data = each(0).take(rows)

    told = decode(tuple[ChangeRow, ...], data, 10**6)
    assert changes == [(row.key, row.old, row.new) for row in told]


@pytest.mark.parametrize("each", KINDS)
@pytest.mark.parametrize("size", [0, 255, 256, 65_535, 65_536])
def test_row_of_long_values_is_canonical(each: Any, size: int) -> None:
    rows = (Change(bytes(32), b"k" * size, None, bytes(size)),) * 20

    data = each(0).take(rows)

    assert 20 == len(decode(tuple[ChangeRow, ...], data, 10**7))


Blocks = st.lists(
    st.tuples(
        st.dictionaries(st.integers(0, 40), st.none() | st.integers(1, 3), max_size=8),
        st.booleans(),
    ),
    max_size=25,
)


# STORE-008  Rows with the changes of recent blocks over them are the state, restarts or not.
@pytest.mark.parametrize("each", KINDS)
@given(Blocks)
def test_rows_and_recent_changes_are_the_state(
    each: Any, blocks: list[tuple[dict[int, int | None], bool]]
) -> None:
    state: dict[int, int | None] = dict.fromkeys(range(5), 1)
    rows = {written(change(key, None, None))[0]: b"1" for key in state}
    told, kept = each(0), list[tuple[Change, ...]]()
    for writes, restarts in blocks:
        changes = tuple(
            change(key, state.get(key), new) for key, new in writes.items() if state.get(key) != new
        )
        state.update(writes)
        kept.append(changes)
        told.take(changes)
        for key_hash, _, new in told.settle(3, 60):
            rows.pop(key_hash, None)
            if new is not None:
                rows[key_hash] = new
        if restarts:
            told = each(told.settled_height)
            for again in kept[told.settled_height :]:
                told.take_again(again)

    for one in (one for changes in kept[told.settled_height :] for one in changes):
        rows.pop(one.key_hash, None)
        if one.new is not None:
            rows[one.key_hash] = one.new

    assert {
        change(key, None, None).key_hash: str(value).encode()
        for key, value in state.items()
        if value is not None
    } == rows


@pytest.mark.skipif(kernel is None, reason="built without a compiler")
def test_thousands_of_keys_come_and_go_as_in_the_twin() -> None:
    twins = PlainRecent(0), KINDS[-1](0)
    settled: tuple[list[Any], list[Any]] = ([], [])
    state: dict[int, int | None] = {}
    for number in range(30):
        changes = []
        for step in range(700):
            key = (number * 379 + step * step) % 5_000
            new = None if (key + number) % 3 == 0 else number
            changes.append(change(key, state.get(key), new))
            state[key] = new
        once = tuple({one.key_hash: one for one in changes}.values())

        rows = [each.take(once) for each in twins]
        for each, found in zip(twins, settled, strict=True):
            found.extend(each.settle(5, BYTES_MAX))

        assert rows[0] == rows[1]

    assert len(settled[0]) > 5_000
    assert settled[0] == settled[1]


@pytest.mark.skipif(kernel is None, reason="built without a compiler")
@pytest.mark.parametrize(
    "changes",
    [
        [],
        ((b"short", b"k", None, None),),
        ((bytes(32), None, None, None),),
        ((bytes(32), b"k", 1, None),),
        ((bytes(32), b"k", None),),
    ],
)
def test_what_is_no_change_is_refused(changes: Any) -> None:
    with pytest.raises(TypeError):
        KINDS[-1](0).take(changes)
