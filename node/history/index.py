"""Follow the chain and list what it tells; answer once everything that is final is listed.

The index catches up in the background, a few blocks at a time.  Whoever asks waits for the
last of them, or is refused while very many are missing: a list never silently ends early.

Source: docs/specs/history.md, HIST-020 to HIST-025.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import trio

from chain.block.header import block_id_of
from chain.machine.application import Application
from node.consensus.alarms import Alarms
from node.finality import FinalNotice
from node.history.candles import Candle, at_interval, kept_under, start_of
from node.history.fault import HistoryFault, behind, unusable
from node.history.listing import Kinds, Listing
from node.history.recent import Recent, RecentBlock
from node.history.store import Damaged, HistoryStore, Reach, Unusable
from node.storage.layout import StoredEvent, ToldBlock
from node.storage.leveldb import Storage
from node.storage.rows import events_at

T = TypeVar("T")

STEP_EVENTS_COUNT = 20_000
"""How much is read at a time, whole blocks, and how much waits in memory until it is listed."""

BEHIND_MAX_COUNT = 50_000
"""Whoever asks waits for so many events; beyond it he is told to come again."""

ROUND_EVERY_S = 10.0
"""What waits is listed then, few as it may be; and the chain may have gone back, or the file be
gone. Nobody waits for it: those who ask look themselves."""

PAUSE_S = 10.0
"""Before a disk that refused is tried again."""


class Listed(NamedTuple):
    """Events of a topic, newest first, and the number below which older ones lie, 0 for none."""

    events: list[StoredEvent]
    next_seq: int


NOWHERE = Reach(0, 0, b"")


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
        self._kinds = Kinds(application)
        self._path = path
        self._chain_id = chain_id
        self._events_max_count = events_max_count
        self._forgotten_seq = 0
        self._recent = Recent()
        self._store: HistoryStore | None = None
        self._reach = NOWHERE
        self._is_much = trio.Event()
        self._turn = trio.Lock()

    # -- asking

    async def newest(self, topic: str, before_seq: int | None, limit: int) -> Listed:
        """Return a topic's newest events before a number, newest first.

        Refuses: HistoryFault.
        """
        end = self._end if before_seq is None else before_seq

        def look(store: HistoryStore) -> Listed:
            oldest = store.reach.next_seq - self._events_max_count
            found = store.newest(topic, oldest, end, limit + 1)
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
        end = self._end
        self._recent.add(notices, end)
        if end - self._reach.next_seq > STEP_EVENTS_COUNT:
            self._is_much.set()

    async def run(self, alarms: Alarms, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Follow the chain until cancelled."""
        task_status.started()
        while True:
            self._is_much = trio.Event()
            try:
                await self._follow()
            except HistoryFault as fault:
                alarms.sound(fault.slug, why=fault.happened)
                await trio.sleep(PAUSE_S)
                continue
            with trio.move_on_after(ROUND_EVERY_S):
                await self._is_much.wait()

    async def _follow(self) -> None:
        """List everything that is final now, giving way to who asks between the steps."""
        listed_seq = -1
        while listed_seq < self._end:
            async with self._turn:
                try:
                    listed_seq = await trio.to_thread.run_sync(self._step)
                    self._recent.let_go(self._reach.height)
                except Damaged:
                    self._throw_away()
                except Unusable as fault:
                    self._let_go()
                    raise unusable(str(self._path), str(fault)) from fault

    # -- in a thread

    def _listed_seq(self) -> int:
        """Return the number up to which the chain that is here is listed."""
        return self._reached().next_seq

    def _reached(self) -> Reach:
        """Return the last block whose events are listed: blocks without any are passed in memory.

        Raises: Damaged.
        """
        kept = self._open().reach
        for reach in (self._reach, kept if kept.height else self._beginning()):
            if reach.block_id and self._storage.block_id(reach.height) == reach.block_id:
                return reach
        raise Damaged("the chain went back behind it")

    def _beginning(self) -> Reach:
        return Reach(0, 0, self._storage.block_id(0) or b"")

    def _step(self) -> int:
        """List the next blocks and return the number of the next event."""
        store, reach, tip = self._open(), self._reached(), self._storage.tip()
        listing, start = Listing(self._kinds), reach.next_seq
        for block in self._next(reach):
            seq = listing.add(block.encoded_receipts, reach.next_seq, block.time_ms)
            reach = Reach(seq, block.height, block.block_id)
        if tip is not None and tip.event_sequence == reach.next_seq and tip.height > reach.height:
            reach = Reach(reach.next_seq, tip.height, tip.block_id)
        if reach.next_seq > start:
            store.append(listing.lists(), listing.candles, reach)
            self._forget(store)
        self._reach = reach
        return reach.next_seq

    def _next(self, reach: Reach) -> Sequence[RecentBlock]:
        """Return the next blocks, from memory where they are still there."""
        recent = self._recent.after(reach.height, reach.block_id)
        if recent and self._storage.block_id(recent[-1].height) == recent[-1].block_id:
            return recent
        return [
            self._stored(block) for block in self._storage.told(reach.next_seq, STEP_EVENTS_COUNT)
        ]

    def _stored(self, block: ToldBlock) -> RecentBlock:
        """Return a block as it is read from the chain."""
        header = self._storage.header(block.height)
        assert header is not None, "what was told stands in a stored block"
        return RecentBlock(
            height=block.height,
            block_id=block_id_of(header),
            parent_id=header.parent_id,
            time_ms=header.time_ms,
            encoded_receipts=block.encoded_receipts,
            end_seq=block.first_seq + block.events_count,
        )

    def _forget(self, store: HistoryStore) -> None:
        """Let go of what lies too far back, now and then."""
        oldest_seq = store.reach.next_seq - self._events_max_count
        if oldest_seq - self._forgotten_seq > self._events_max_count >> 4:
            store.forget(oldest_seq)
            self._forgotten_seq = oldest_seq

    def _read(self, numbers: Sequence[int]) -> Iterator[StoredEvent]:
        """Return the events of these numbers, descending, each block read once.

        Raises: Damaged, where the chain holds no such event.
        """
        while numbers:
            blocks = self._storage.told(numbers[0], 1)
            if not blocks:
                raise Damaged(f"it lists event {numbers[0]}, which nothing told")
            own = list(takewhile(blocks[0].first_seq.__le__, numbers))
            yield from events_at(blocks[0], own)
            numbers = numbers[len(own) :]

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
        self._reach = NOWHERE
        if self._store is not None:
            self._store.close()
            self._store = None

    def close(self) -> None:
        """Let the file go."""
        self._let_go()
