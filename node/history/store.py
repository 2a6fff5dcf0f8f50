"""Keep lists of events and candles in one file: the only file that knows SQLite.

A list is a topic and the numbers of its events, many to a row; what an event says stays with the
chain.  Lists, candles and how far they reach are written together, so that after a power cut
they are those of some earlier block, and the rest is read again.

Calls are synchronous and may come from any thread, one at a time.

Source: docs/specs/history.md, HIST-005 to HIST-009.
"""

import sqlite3
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from node.history.candles import KEPT_MS, Candle
from node.history.listing import CandleKey

FORMAT = 2
ROW_NUMBERS_MAX_COUNT = 1_000
"""Of one topic: what is read for a page of the newest stays small."""
CANDLES_KEPT_COUNT = 50_000
"""For each market and kept span: 34 days of minutes, 5 years of hours."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE lists (
  topic INTEGER, first_seq INTEGER, last_seq INTEGER, steps BLOB,
  PRIMARY KEY (topic, first_seq)
) WITHOUT ROWID;
CREATE TABLE candles (
  instrument TEXT, interval_ms INTEGER, start_ms INTEGER,
  open_ticks INTEGER, high_ticks INTEGER, low_ticks INTEGER, close_ticks INTEGER,
  volume_lots INTEGER, trades_count INTEGER,
  PRIMARY KEY (instrument, interval_ms, start_ms)
) WITHOUT ROWID;
"""
PUT_CANDLE = """
INSERT INTO candles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
  high_ticks = max(high_ticks, excluded.high_ticks),
  low_ticks = min(low_ticks, excluded.low_ticks),
  close_ticks = excluded.close_ticks,
  volume_lots = min(volume_lots + excluded.volume_lots, 1 << 62),
  trades_count = trades_count + excluded.trades_count
"""


class Reach(NamedTuple):
    """How far the index goes: the number of the next event, and the last block that was read."""

    next_seq: int
    height: int
    block_id: bytes


class Damaged(Exception):
    """The file is no index of this chain and format: throw it away and begin anew."""


class Unusable(Exception):
    """The disk does not take it or does not give it."""


class HistoryStore:
    """The open file."""

    def __init__(self, path: Path, chain_id: bytes) -> None:
        """Open or make the file. Raises: Damaged, Unusable."""
        self.path = path
        self._lock = threading.Lock()
        self._topics: dict[str, int] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        except (OSError, sqlite3.Error) as fault:
            raise Unusable(str(fault)) from fault
        try:
            self.reach = self._prepared(chain_id)
        except BaseException:
            self._database.close()
            raise

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._database.close()

    def _prepared(self, chain_id: bytes) -> Reach:
        """Return how far the file reaches, its tables made if it is new."""
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL"):
            self._rows(f"PRAGMA {pragma}")
        if not self._rows("SELECT 1 FROM sqlite_master LIMIT 1"):
            with self._lock, self._writing():
                for statement in TABLES.split(";")[:-1]:
                    self._database.execute(statement)
                self._keep(format=FORMAT, chain_id=chain_id)
                self._keep(next_seq=0, height=0, block_id=b"")
        found: dict[str, Any] = dict(self._rows("SELECT name, value FROM meta"))
        if (found.get("format"), found.get("chain_id")) != (FORMAT, chain_id):
            raise Damaged("it is of another chain or format")
        self._topics = {name: number for number, name in self._rows("SELECT id, name FROM topics")}
        return Reach(found["next_seq"], found["height"], found["block_id"])

    # -- writing

    def append(
        self,
        lists: Mapping[str, Sequence[int]],
        candles: Mapping[CandleKey, Sequence[Candle]],
        reach: Reach,
    ) -> None:
        """Add ascending numbers by topic, and candles, up to a block: all of it or nothing.

        Raises: Damaged, Unusable.
        """
        with self._lock, self._writing():
            self._database.executemany(
                "INSERT INTO lists VALUES (?, ?, ?, ?)",
                [
                    (self._topic(name), part[0], part[-1], _steps_of(part))
                    for name, numbers in lists.items()
                    for part in _parts_of(numbers)
                ],
            )
            self._database.executemany(
                PUT_CANDLE,
                [(*key, *candle) for key, made in candles.items() for candle in made],
            )
            self._keep(**reach._asdict())
        self.reach = reach

    def forget(self, before_seq: int) -> None:
        """Let go of rows that lie before this event, and of the oldest candles of many."""
        with self._lock, self._writing():
            self._database.executemany(
                "DELETE FROM lists WHERE topic = ? AND first_seq < ? AND last_seq < ?",
                [(number, before_seq, before_seq) for number in self._topics.values()],
            )
            for interval_ms in KEPT_MS:
                self._database.execute(
                    "DELETE FROM candles WHERE interval_ms = ?1 AND start_ms <= (SELECT"
                    " max(start_ms) FROM candles AS newest WHERE newest.interval_ms = ?1"
                    " AND newest.instrument = candles.instrument) - ?1 * ?2",
                    (interval_ms, CANDLES_KEPT_COUNT),
                )

    def _topic(self, name: str) -> int:
        number = self._topics.get(name)
        if number is None:
            cursor = self._database.execute("INSERT INTO topics (name) VALUES (?)", (name,))
            number = self._topics[name] = int(cursor.lastrowid or 0)
        return number

    def _keep(self, **values: int | bytes) -> None:
        self._database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    # -- reading

    def newest(self, topic: str, from_seq: int, before_seq: int, limit: int) -> list[int]:
        """Return the numbers of a topic's newest events from one to before another, descending.

        Raises: Damaged, Unusable.
        """
        found: list[int] = []
        for first_seq, steps in self._list_rows(topic, before_seq):
            numbers = [first_seq + step for step in reversed(_steps_from(steps))]
            found += [number for number in numbers if from_seq <= number < before_seq]
            if len(found) >= limit or first_seq < from_seq:
                break
        return found[:limit]

    def _list_rows(self, topic: str, before_seq: int) -> Iterator[tuple[int, bytes]]:
        """Return first number and steps of rows that begin before a number, descending."""
        topic_number = self._topics.get(topic)
        while topic_number is not None:
            # One at a time: nearly always the first is enough.
            rows = self._rows(
                "SELECT first_seq, steps FROM lists WHERE topic = ? AND first_seq < ?"
                " ORDER BY first_seq DESC LIMIT 1",
                topic_number,
                before_seq,
            )
            if not rows:
                return
            yield rows[0]
            before_seq = rows[0][0]

    def candles(
        self, instrument: str, interval_ms: int, from_ms: int, before_ms: int
    ) -> list[Candle]:
        """Return the kept candles of a market between two moments, ascending.

        Raises: Damaged, Unusable.
        """
        rows = self._rows(
            "SELECT start_ms, open_ticks, high_ticks, low_ticks, close_ticks, volume_lots,"
            " trades_count FROM candles WHERE instrument = ? AND interval_ms = ?"
            " AND start_ms >= ? AND start_ms < ? ORDER BY start_ms",
            instrument,
            interval_ms,
            from_ms,
            before_ms,
        )
        return [Candle(*row) for row in rows]

    def last_start(self, instrument: str, interval_ms: int, before_ms: int) -> int | None:
        """Return when a market's last kept candle before a moment begins, None without one."""
        ((start_ms,),) = self._rows(
            "SELECT max(start_ms) FROM candles"
            " WHERE instrument = ? AND interval_ms = ? AND start_ms < ?",
            instrument,
            interval_ms,
            before_ms,
        )
        return None if start_ms is None else int(start_ms)

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._database.execute(statement, values).fetchall()
            except sqlite3.Error as fault:
                raise _named(fault) from fault

    def _writing(self) -> "_Writing":
        return _Writing(self._database)


class _Writing:
    """One transaction of the file: whole, or as if it had never begun."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        try:
            self._database.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as fault:
            raise _named(fault) from fault

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, _: object
    ) -> None:
        try:
            if kind is None:
                self._database.execute("COMMIT")
            elif self._database.in_transaction:
                self._database.execute("ROLLBACK")
        except sqlite3.Error as failed:
            raise _named(failed) from failed
        if isinstance(fault, sqlite3.Error):
            raise _named(fault) from fault


def _named(fault: sqlite3.Error) -> Damaged | Unusable:
    """Return what a fault of the file means: a disk that refuses, or a file that is wrong."""
    if isinstance(fault, sqlite3.OperationalError):
        return Unusable(str(fault))
    return Damaged(str(fault))


def _parts_of(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Return numbers as rows hold them: none longer than is read at once."""
    for start in range(0, len(numbers), ROW_NUMBERS_MAX_COUNT):
        yield numbers[start : start + ROW_NUMBERS_MAX_COUNT]


def _steps_of(numbers: Sequence[int]) -> bytes:
    """Return how far each number lies behind the first, four bytes each."""
    first = numbers[0]
    return struct.pack(f"<{len(numbers)}I", *[number - first for number in numbers])


def _steps_from(steps: bytes) -> Sequence[int]:
    """Return the distances that a row holds. Raises: Damaged."""
    try:
        return struct.unpack(f"<{len(steps) // 4}I", steps)
    except (struct.error, TypeError) as fault:
        raise Damaged("a row of it holds no numbers") from fault
