"""HIST-005 to HIST-008, HIST-014: the file of the index."""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.history import store as subject
from node.history.candles import DAY_MS, MINUTE_MS, Candle
from node.history.store import (
    CANDLES_KEPT_COUNT,
    FORMAT,
    Damaged,
    HistoryStore,
    Reach,
    Unusable,
)

CHAIN_ID = b"\x07" * 32
KEY = ("BTC-PERP", MINUTE_MS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history" / "index.sqlite"


def reach(next_seq: int) -> Reach:
    return Reach(next_seq, next_seq, b"\x01" * 32)


def candle(start_ms: int, price: int = 10, lots: int = 1) -> Candle:
    return Candle(start_ms, price, price, price, price, lots, 1)


def test_a_topic_is_read_newest_first_and_in_pages(path: Path) -> None:
    store = HistoryStore(path, CHAIN_ID)
    store.append({"a": [1, 5], "b": [2]}, {}, reach(6))
    store.append({"a": [9]}, {}, reach(10))

    assert [9, 5] == store.newest("a", 0, 10, 2)
    assert [1] == store.newest("a", 0, 5, 2)
    assert [] == store.newest("never", 0, 10, 2)


def test_what_was_written_is_there_when_it_is_opened_again(path: Path) -> None:
    store = HistoryStore(path, CHAIN_ID)
    store.append({"a": [1]}, {KEY: [candle(60_000)]}, reach(2))
    store.close()

    again = HistoryStore(path, CHAIN_ID)

    assert reach(2) == again.reach
    assert ([1], [candle(60_000)]) == (again.newest("a", 0, 9, 9), again.candles(*KEY, 0, 10**6))


def test_candles_of_one_span_that_come_later_are_joined(path: Path) -> None:
    store = HistoryStore(path, CHAIN_ID)
    store.append({}, {KEY: [Candle(60_000, 10, 14, 9, 12, 5, 3)]}, reach(1))
    store.append({}, {KEY: [Candle(60_000, 12, 13, 7, 8, 2, 1)]}, reach(2))

    assert [Candle(60_000, 10, 14, 7, 8, 7, 4)] == store.candles(*KEY, 0, 10**6)
    assert 60_000 == store.last_start(*KEY, 10**6)
    assert store.last_start(*KEY, 60_000) is None


def test_a_volume_stays_an_integer_however_large(path: Path) -> None:
    store = HistoryStore(path, CHAIN_ID)
    for next_seq in (1, 2, 3):
        store.append({}, {KEY: [candle(0, lots=2**62 - 1)]}, reach(next_seq))

    assert 2**62 == store.candles(*KEY, 0, 1)[0].volume_lots


def test_a_write_that_fails_leaves_nothing_of_itself(path: Path) -> None:
    store = HistoryStore(path, CHAIN_ID)
    store.append({"a": [1]}, {}, reach(2))

    with pytest.raises(Damaged):
        store.append({"b": [3], "a": [1]}, {KEY: [candle(0)]}, reach(9))
    store.close()

    again = HistoryStore(path, CHAIN_ID)
    assert (reach(2), [], []) == (
        again.reach,
        again.newest("b", 0, 9, 9),
        again.candles(*KEY, 0, 1),
    )


def test_a_file_of_another_chain_is_no_index_of_this_one(path: Path) -> None:
    HistoryStore(path, CHAIN_ID).close()

    with pytest.raises(Damaged):
        HistoryStore(path, b"\x08" * 32)


@pytest.mark.parametrize("number", [1, FORMAT + 1])
def test_a_file_of_another_format_is_no_index_of_this_one(path: Path, number: int) -> None:
    HistoryStore(path, CHAIN_ID).close()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE meta SET value = ? WHERE name = 'format'", (number,))

    with pytest.raises(Damaged):
        HistoryStore(path, CHAIN_ID)


def test_a_file_of_other_bytes_is_damaged(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no index at all" * 500)

    with pytest.raises(Damaged):
        HistoryStore(path, CHAIN_ID)


def test_a_place_that_is_no_folder_is_unusable(path: Path) -> None:
    path.parent.write_bytes(b"")

    with pytest.raises(Unusable):
        HistoryStore(path, CHAIN_ID)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryStore]:
    """One file for many lists."""
    with closing(HistoryStore(tmp_path_factory.mktemp("shared") / "x" / "i", CHAIN_ID)) as store:
        yield store


LISTS = itertools.count()


@given(
    gaps=st.lists(st.lists(st.integers(1, 3), max_size=9), max_size=5),
    from_seq=st.integers(0, 60),
    before_seq=st.integers(0, 60),
    limit=st.integers(1, 12),
)
def test_any_part_of_a_list_is_found_however_it_was_written(
    shared: HistoryStore, gaps: list[list[int]], from_seq: int, before_seq: int, limit: int
) -> None:
    topic, everything, seq = f"a{next(LISTS)}", [0], 0
    with patch.object(subject, "ROW_NUMBERS_MAX_COUNT", 4):
        shared.append({topic: [0]}, {}, reach(1))
        for part in gaps:
            numbers = [seq := seq + gap for gap in part]
            shared.append({topic: numbers} if numbers else {}, {}, reach(seq + 1))
            everything += numbers

    within = [number for number in reversed(everything) if from_seq <= number < before_seq]
    assert within[:limit] == shared.newest(topic, from_seq, before_seq, limit)


def test_a_row_that_holds_no_numbers_is_damage(path: Path) -> None:
    store = HistoryStore(path, CHAIN_ID)
    store.append({"a": [1, 2]}, {}, reach(3))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE lists SET steps = x'010203'")

    with pytest.raises(Damaged):
        store.newest("a", 0, 9, 9)


def test_old_rows_and_old_candles_of_many_are_let_go(path: Path) -> None:
    store = HistoryStore(path, CHAIN_ID)
    newest_ms = (CANDLES_KEPT_COUNT + 3) * MINUTE_MS
    kept = {KEY: [candle(0), candle(3 * MINUTE_MS), candle(4 * MINUTE_MS), candle(newest_ms)]}
    store.append({"a": [1]}, {**kept, ("BTC-PERP", DAY_MS): [candle(0)]}, reach(2))
    store.append({"a": [3, 5], "b": [3]}, {}, reach(6))

    store.forget(5)

    assert ([5, 3], []) == (store.newest("a", 0, 9, 9), store.newest("b", 0, 9, 9))
    assert [5] == store.newest("a", 5, 9, 9), "of a row that reaches further back"
    found = [one.start_ms for one in store.candles(*KEY, 0, 2**62)]
    assert [4 * MINUTE_MS, newest_ms] == found
    assert [candle(0)] == store.candles("BTC-PERP", DAY_MS, 0, 2**62)
