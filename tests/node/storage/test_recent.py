import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chain.state.journal import Change
from node.storage import recent
from node.storage.recent import RECENT_BLOCKS, RECENT_BYTES_MAX, Recent


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let blocks be recent for three blocks alone."""
    monkeypatch.setattr(recent, "RECENT_BLOCKS", 3)


def change(key: int, old: int | None, new: int | None) -> Change:
    name = str(key).encode()
    values = [None if value is None else str(value).encode() for value in (old, new)]
    return Change(name.zfill(32), name, *values)


def passed(told: Recent, blocks_count: int = RECENT_BLOCKS) -> list[Change]:
    """Return what comes to rest while so many blocks change nothing."""
    found = []
    for _ in range(blocks_count):
        told.take((), 0)
        found += told.settle()
    return found


# STORE-008  A record is at rest once none of the last 64 blocks has changed it.
def test_change_is_at_rest_after_64_blocks() -> None:
    told, one = Recent(7), change(1, None, 5)
    told.take((one,), 10)

    before, heights = passed(told, RECENT_BLOCKS - 1), [told.settled_height]
    after = passed(told, 1)

    assert ([], [one]) == (before, after)
    assert [7, 8] == [*heights, told.settled_height]
    assert {} == told.latest


def test_last_change_alone_is_written() -> None:
    told, first, second = Recent(0), change(1, 4, 5), change(1, 5, 6)
    told.take((first,), 10)
    told.take((second,), 10)

    assert [second] == passed(told)


def test_what_came_and_went_is_never_written() -> None:
    told = Recent(0)
    told.take((change(1, None, 5),), 10)
    told.take((change(1, 5, None),), 10)

    assert [] == passed(told)


def test_row_that_went_came_and_went_is_taken_away() -> None:
    told, last = Recent(0), change(1, 6, None)
    told.take((change(1, 5, None),), 10)
    told.take((change(1, None, 6),), 10)
    told.take((last,), 10)

    assert [last] == passed(told)


def test_large_blocks_are_recent_no_longer_than_there_is_room() -> None:
    told, one, two = Recent(0), change(1, 1, 2), change(2, 1, 2)
    settled = []

    for each in (one, two):
        told.take((each,), RECENT_BYTES_MAX)
        settled.append(told.settle())

    assert [[], [one]] == settled


Blocks = st.lists(
    st.tuples(
        st.dictionaries(st.integers(0, 4), st.none() | st.integers(0, 3)),
        st.booleans(),
    ),
    max_size=25,
)


# STORE-008  Rows with the changes of recent blocks over them are the state, restarts or not.
@pytest.mark.usefixtures("short")
@given(Blocks)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_and_recent_changes_are_the_state(
    blocks: list[tuple[dict[int, int | None], bool]],
) -> None:
    state: dict[int, int | None] = {0: 1, 1: 1}
    rows = {change(key, None, None)[0]: str(value).encode() for key, value in state.items()}
    told, kept = Recent(0), []
    for writes, restarts in blocks:
        changes = tuple(
            change(key, state.get(key), new) for key, new in writes.items() if state.get(key) != new
        )
        state.update(writes)
        kept.append(changes)
        told.take(changes, 10)
        for settled in told.settle():
            rows[settled.key_hash] = settled.new or b""
        if restarts:
            told = Recent(told.settled_height)
            for again in kept[told.settled_height :]:
                told.take_again(again, 10)

    rows.update({key_hash: one.new or b"" for key_hash, one in told.latest.items()})

    assert {change(key, None, None)[0]: value for key, value in state.items() if value} == {
        key_hash: int(data) for key_hash, data in rows.items() if data not in {b"", b"0"}
    }
