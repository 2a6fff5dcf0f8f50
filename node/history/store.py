"""Keep pointers to events and candles in one file: the only file that knows SQLite.

A pointer is a topic and the number of an event; what the event says stays with the chain.
Pointers, candles and how far they reach are written together, so that after a power cut they
are those of some earlier block, and the rest is read again.

Calls are synchronous and may come from any thread, one at a time.

Source: docs/specs/history.md, HIST-005 to HIST-009.
"""

import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from node.history.candles import KEPT_MS, Candle

FORMAT = 1
CANDLES_KEPT_COUNT = 50_000
"""For each market and kept span: 34 days of minutes, 5 years of hours."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE pointers (topic INTEGER, seq INTEGER, PRIMARY KEY (topic, seq)) WITHOUT ROWID;
CREATE TABLE candles (
  instrument TEXT, interval_ms INTEGER, start_ms INTEGER,
  open_ticks INTEGER, high_ticks INTEGER, low_ticks INTEGER, close_ticks INTEGER,
  volume_lots INTEGER, trades_count INTEGER,
  PRIMARY KEY (instrument, interval_ms, start_ms)
) WITHOUT ROWID;
"""
# A volume stays at 2^62: beyond 63 bits SQLite would go on with a fraction.
PUT_CANDLE = """
INSERT INTO candles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
  high_ticks = max(high_ticks, excluded.high_ticks),
  low_ticks = min(low_ticks, excluded.low_ticks),
  close_ticks = excluded.close_ticks,
  volume_lots = min(volume_lots + excluded.volume_lots, 4611686018427387904),
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


CandleKey = tuple[str, int]
"""An instrument and a span in ms."""


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
        pointers: Iterable[tuple[str, int]],
        candles: Mapping[CandleKey, Sequence[Candle]],
        reach: Reach,
    ) -> None:
        """Add pointers and candles up to a block, all of it or nothing.

        Raises: Damaged, Unusable.
        """
        with self._lock, self._writing():
            self._database.executemany(
                "INSERT INTO pointers VALUES (?, ?)",
                [(self._topic(name), seq) for name, seq in pointers],
            )
            self._database.executemany(
                PUT_CANDLE,
                [(*key, *candle) for key, made in candles.items() for candle in made],
            )
            self._keep(**reach._asdict())
        self.reach = reach

    def forget(self, before_seq: int) -> None:
        """Let go of pointers to events before this one, and of the oldest candles of many."""
        with self._lock, self._writing():
            for number in self._topics.values():
                self._database.execute(
                    "DELETE FROM pointers WHERE topic = ? AND seq < ?", (number, before_seq)
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

    def newest(self, topic: str, before_seq: int, limit: int) -> list[int]:
        """Return the numbers of a topic's newest events before one, descending.

        Raises: Damaged, Unusable.
        """
        number = self._topics.get(topic)
        if number is None:
            return []
        rows = self._rows(
            "SELECT seq FROM pointers WHERE topic = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
            number,
            before_seq,
            limit,
        )
        return [seq for (seq,) in rows]

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
