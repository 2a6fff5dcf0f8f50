"""Follow the chain and list what it tells; answer once everything that is final is listed.

The index catches up in the background, a few blocks at a time.  Whoever asks waits for the
last of them, or is refused while very many are missing: a list never silently ends early.

Source: docs/specs/history.md, HIST-020 to HIST-025.
"""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import trio

from chain.block.header import block_id_of
from chain.codec.canonical import decode
from chain.machine.application import Application
from node.consensus.alarms import Alarms
from node.finality import Finality, FinalNotice
from node.history.candles import (
    KEPT_MS,
    Candle,
    at_interval,
    candle_of,
    joined,
    kept_under,
    start_of,
)
from node.history.fault import HistoryFault, behind, unusable
from node.history.recent import Recent, RecentBlock
from node.history.store import CandleKey, Damaged, HistoryStore, Reach, Unusable
from node.history.topics import LISTED, Fill, fill_of, topics_of
from node.storage.layout import StoredEvent
from node.storage.leveldb import Storage
from node.storage.rows import events_of

T = TypeVar("T")

STEP_EVENTS_COUNT = 5_000
"""How much is read at a time, whole blocks: a fraction of a second in a thread."""

BEHIND_MAX_COUNT = 50_000
"""Whoever asks waits for so many events; beyond it he is told to come again."""

ROUND_EVERY_S = 1.0
"""Between two looks at what became final: nobody waits for it, those who ask look themselves."""

IDLE_S = 5.0
"""A chain that stands still is looked at again: it may have gone back, and the file may be gone."""

PAUSE_S = 10.0
"""Before a disk that refused is tried again."""


class Listed(NamedTuple):
    """Events of a topic, newest first, and the number below which older ones lie, 0 for none."""

    events: list[StoredEvent]
    next_seq: int


class History:
    """The index of one node."""

    def __init__(
        self,
        *,
        storage: Storage,
        application: Application,
        path: Path,
        chain_id: bytes,
        events_max_count: int,
    ) -> None:
        """`events_max_count` newest events can be found by topic; candles reach further."""
        self._storage = storage
        self._application = application
        self._path = path
        self._chain_id = chain_id
        self._events_max_count = events_max_count
        self._forgotten_seq = 0
        self._recent = Recent()
        self._store: HistoryStore | None = None
        self._turn = trio.Lock()

    # -- asking

    async def newest(self, topic: str, before_seq: int | None, limit: int) -> Listed:
        """Return a topic's newest events before a number, newest first.

        Refuses: HistoryFault.
        """
        end = self._end if before_seq is None else before_seq

        def look(store: HistoryStore) -> Listed:
            found = store.newest(topic, end, limit + 1)
            return Listed(
                list(self._read(found[:limit])), found[limit - 1] if len(found) > limit else 0
            )

        return await self._ask(look)

    async def candles(
        self, instrument: str, interval_ms: int, before_ms: int, limit: int
    ) -> tuple[list[Candle], bool]:
        """Return a market's newest candles before a moment, ascending, and whether there are older.

        Refuses: HistoryFault.
        """
        kept_ms = kept_under(interval_ms)

        def look(store: HistoryStore) -> tuple[list[Candle], bool]:
            made: list[Candle] = []
            end_ms = before_ms
            while len(made) <= limit:
                last_ms = store.last_start(instrument, kept_ms, end_ms)
                if last_ms is None:
                    break
                missing_count = limit + 1 - len(made)
                from_ms = start_of(last_ms, interval_ms) - (missing_count - 1) * interval_ms
                kept = store.candles(instrument, kept_ms, from_ms, end_ms)
                made = at_interval(kept, interval_ms) + made
                end_ms = from_ms
            return made[-limit:], len(made) > limit

        return await self._ask(look)

    async def _ask(self, look: Callable[[HistoryStore], T]) -> T:
        end = self._end
        async with self._turn:
            for _ in range(2):
                try:
                    await self._catch_up(end)
                    return await trio.to_thread.run_sync(look, self._open())
                except Damaged:
                    self._throw_away()
                except Unusable as fault:
                    self._let_go()
                    raise unusable(str(self._path), str(fault)) from fault
        raise unusable(str(self._path), "what was written is not what is read")

    @property
    def _end(self) -> int:
        tip = self._storage.tip()
        return tip.event_sequence if tip is not None else 0

    async def _catch_up(self, end: int) -> None:
        """List everything before a number. Refuses: history_behind."""
        listed_seq = await trio.to_thread.run_sync(self._listed_seq)
        if end - listed_seq > BEHIND_MAX_COUNT:
            raise behind(listed_seq, end)
        while listed_seq < end:
            listed_seq = await trio.to_thread.run_sync(self._step)

    # -- following

    def told(self, notices: Sequence[FinalNotice]) -> None:
        """Keep blocks that just became durable until they are listed. Never waits."""
        self._recent.add(notices, self._end)

    async def run(
        self, finality: Finality, alarms: Alarms, *, task_status: Any = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Follow the chain until cancelled."""
        task_status.started()
        while True:
            height = finality.head.height
            try:
                await self._follow()
            except HistoryFault as fault:
                alarms.sound(fault.slug, why=fault.happened)
                await trio.sleep(PAUSE_S)
                continue
            await trio.sleep(ROUND_EVERY_S)
            if finality.head.height == height:
                with trio.move_on_after(IDLE_S):
                    await finality.wait_head_above(height)

    async def _follow(self) -> None:
        """List everything that is final now, giving way to who asks between the steps."""
        listed_seq = -1
        while listed_seq < self._end:
            async with self._turn:
                try:
                    listed_seq = await trio.to_thread.run_sync(self._step)
                    self._recent.let_go(listed_seq)
                except Damaged:
                    self._throw_away()
                except Unusable as fault:
                    self._let_go()
                    raise unusable(str(self._path), str(fault)) from fault

    # -- in a thread

    def _listed_seq(self) -> int:
        """Return the number up to which the file lists the chain that is here."""
        reach = self._open().reach
        if reach.next_seq and self._storage.block_id(reach.height) != reach.block_id:
            raise Damaged("the chain went back behind it")
        return reach.next_seq

    def _step(self) -> int:
        """List the next blocks and return the number of the next event."""
        start, store = self._listed_seq(), self._open()
        pointers: list[tuple[str, int]] = []
        candles: dict[CandleKey, list[Candle]] = {}
        reach = store.reach
        for block, block_id, time_ms in self._next(start):
            seq = block.first_seq
            for receipt in block.receipts:
                for told in receipt.events:
                    kind = self._application.event(told.module_number, told.number)
                    if kind in LISTED:
                        event = decode(kind, bytes(told.payload))
                        pointers += [(topic, seq) for topic in topics_of(event)]
                        fill = fill_of(event, receipt.kind)
                        if fill is not None:
                            _add(candles, fill, time_ms)
                    seq += 1
            reach = Reach(seq, block.height, block_id)
        if reach.next_seq > start:
            store.append(pointers, candles, reach)
            self._forget(store)
        return reach.next_seq

    def _next(self, start: int) -> Sequence[RecentBlock]:
        """Return the next blocks that told something, from memory where they are still there."""
        recent = self._recent.from_seq(start)
        if recent:
            last = recent[-1]
            if self._storage.block_id(last.block.height) == last.block_id:
                return recent
        return [
            RecentBlock(block, *self._place_of(block.height))
            for block in self._storage.told(start, STEP_EVENTS_COUNT)
        ]

    def _forget(self, store: HistoryStore) -> None:
        """Let go of what lies too far back, now and then."""
        oldest_seq = store.reach.next_seq - self._events_max_count
        if oldest_seq - self._forgotten_seq > self._events_max_count >> 4:
            store.forget(oldest_seq)
            self._forgotten_seq = oldest_seq

    def _read(self, numbers: Sequence[int]) -> Sequence[StoredEvent]:
        """Return the events of these numbers, descending, each block read once.

        Raises: Damaged, where the chain holds no such event.
        """
        found: list[StoredEvent] = []
        events: dict[int, StoredEvent] = {}
        for number in numbers:
            if number not in events:
                blocks = self._storage.told(number, 1)
                if not blocks:
                    raise Damaged(f"it lists event {number}, which nothing told")
                told = events_of(blocks[0].receipts, blocks[0].height, blocks[0].first_seq)
                events = {event.sequence: event for event in told}
            found.append(events[number])
        return found

    def _place_of(self, height: int) -> tuple[bytes, int]:
        """Return id and time of a stored block."""
        header = self._storage.header(height)
        assert header is not None, "what was told stands in a stored block"
        return block_id_of(header), header.time_ms

    # -- the file

    def _open(self) -> HistoryStore:
        if self._store is None:
            try:
                self._store = HistoryStore(self._path, self._chain_id)
            except Damaged:
                self._throw_away()
                self._store = HistoryStore(self._path, self._chain_id)
        return self._store

    def _throw_away(self) -> None:
        """Delete the file: what follows is made from nothing."""
        self._let_go()
        self._forgotten_seq = 0
        shutil.rmtree(self._path.parent, ignore_errors=True)

    def _let_go(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def close(self) -> None:
        """Let the file go."""
        self._let_go()


def _add(candles: dict[CandleKey, list[Candle]], fill: Fill, time_ms: int) -> None:
    """Put a trade into the candles of every kept span, joining those of one span."""
    for interval_ms in KEPT_MS:
        made = candles.setdefault((fill.instrument, interval_ms), [])
        candle = candle_of(fill, time_ms, interval_ms)
        if made and made[-1].start_ms == candle.start_ms:
            made[-1] = joined(made[-1], candle)
        else:
            made.append(candle)
