"""Drive the core: inputs in the order they came, disk before links, nothing else decided here.

A turn takes what has come, gives it to the core, and carries out what the core asks: work that
stays in the process is begun, all records of the turn become one frame of the vote log and one
sync, and only then does anything leave for peers. Whoever has something to say to the core puts
it into the inbox. Where no turn is being carried out, the next is taken in that call, and is over
with it unless there are records: then the driver's task goes on with it, and what comes meanwhile
waits for the turn after.

Source: docs/specs/consensus_core.md, CORE-002 to CORE-004.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import trio

from chain.block.block import Block
from chain.block.certificate import AuthoritySet, Certificate
from chain.block.evidence import Evidence
from chain.block.header import Header
from chain.block.vote import NULLIFY, Vote, VoteKind
from chain.consensus.core import Simplex
from chain.consensus.effects import (
    Alarm,
    BehindBy,
    Build,
    Charge,
    Effect,
    Execute,
    Finalized,
    Offended,
    Persist,
    Send,
    Serve,
    SetTimer,
    StopSigning,
    Verdict,
)
from chain.consensus.log import LogRecord, Place
from node.clock import Clock, VirtualClock
from node.consensus.alarms import Alarms
from node.consensus.outbound import Outbound
from node.consensus.vote_log import VoteLogFatal
from node.telemetry.logs import log_of
from node.telemetry.metrics import CONSENSUS_NULLIFIED, CONSENSUS_VOTES, VOTE_LOG_SECONDS

TURN_MAX_COUNT = 64
"""Inputs of one turn: their records share a sync, and nobody waits long for the next turn."""

TURN_MAX_NS = 4_000_000
"""A turn takes no further input after this long: four milliseconds."""

INBOX_MAX_COUNT = 512
"""Inputs that wait; beyond it whoever reads links waits too."""

Input = Callable[[Simplex, int, int], list[Effect]]


class Log(Protocol):
    """Where records go before anything that depends on them leaves."""

    def append(self, records: tuple[LogRecord, ...]) -> None:
        """Make the records durable, or raise `VoteLogFatal`."""
        ...

    def forget(self, durable_final: Place) -> object:
        """Delete segments that hold nothing above this place, or raise `VoteLogFatal`."""
        ...


class Worker(Protocol):
    """Does what the core asks for inside the process, and answers into the inbox."""

    def build(self, order: Build) -> None:
        """Begin to build a block."""
        ...

    def execute(self, order: Execute) -> None:
        """Begin to execute a block."""
        ...

    def commit(self, order: Finalized) -> None:
        """Queue final blocks for the store."""
        ...

    def serve(self, order: Serve) -> None:
        """Begin to answer a peer from the store."""
        ...

    def catch_up(self, order: BehindBy) -> None:
        """Hand over to range sync."""
        ...

    def charge(self, peer: str, misdeed: str) -> None:
        """Hold a misdeed against a peer."""
        ...

    def keep(self, evidence: Evidence) -> None:
        """Keep a proof for the blocks that this node builds."""
        ...


@dataclass
class _Timer:
    token: int
    at_ms: int


@dataclass
class _Asked:
    """What a turn asks for beside work that is begun already."""

    records: list[LogRecord] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)
    commits: list[Finalized] = field(default_factory=list)
    serves: list[Serve] = field(default_factory=list)


class Driver:
    """Owns the core, and is the only one to call it."""

    def __init__(
        self,
        *,
        core: Simplex,
        clock: Clock,
        log: Log | None,
        outbound: Outbound,
        worker: Worker,
        alarms: Alarms,
    ) -> None:
        self._core = core
        self._clock = clock
        self._log = log
        self._outbound = outbound
        self._worker = worker
        self._alarms = alarms
        self._inbox: deque[Input] = deque()
        self._woken = trio.Event()
        self._room = trio.Event()
        self._resting = trio.Event()
        self._timer: _Timer | None = None
        self._left: _Asked | Exception | None = None
        """Of a turn that was taken where its input came: what the task has to go on with."""
        self._forgetting: Place | None = None
        self._telling = log_of("consensus")
        self.turns_count = 0

    @property
    def core(self) -> Simplex:
        """The core, to be read only: what it is told goes through the inbox."""
        return self._core

    def put(self, *given: Input) -> None:
        """Give the core something: now, or at the turn after the one that is carried out.

        Never waits, and never raises: what a turn raises ends the driver's task.
        """
        self._inbox.extend(given)
        if self._inbox and self._resting.is_set():
            self._turn_here()

    @property
    def is_full(self) -> bool:
        """Whether the inbox holds as much as it may."""
        return len(self._inbox) >= INBOX_MAX_COUNT

    async def wait_room(self) -> None:
        """Wait while the inbox is full: what peers send faster stays with them."""
        while self.is_full:
            self._room = trio.Event()
            await self._room.wait()

    def look_at_clock(self, *, waiting: bool) -> None:
        """Have the core look whether a block is due: something waits, or the wall was moved."""
        self.put(lambda core, now, wall: core.transactions_wait(now, wall, waiting=waiting))

    async def rest(self) -> None:
        """Wait until everything that has come is done."""
        while self._inbox or not self._resting.is_set():
            await self._resting.wait()
            await trio.lowlevel.checkpoint()

    def begin_anew(self, core: Simplex) -> None:
        """Go on with another core, on a chain that went back; what came for this one is gone."""
        self._core = core
        self._inbox.clear()
        self._timer = None
        self.put(lambda core, now, wall: core.start(now, wall))

    def forget(self, place: Place) -> None:
        """Let go of vote log segments that say nothing above this final place."""
        self._forgetting = place
        self._woken.set()

    def built(self, request: int, block: Block | None, following: AuthoritySet | None) -> None:
        """Answer a `Build`."""
        self.put(lambda core, now, wall: core.built(now, wall, request, block, following))

    def judged(self, block_id: bytes, verdict: Verdict, following: AuthoritySet | None) -> None:
        """Answer an `Execute`."""
        self.put(lambda core, now, wall: core.judged(now, wall, block_id, verdict, following))

    def committed(self, block_ids: Iterable[bytes]) -> None:
        """Tell the core which blocks the store holds now."""
        self.put(*map(_committed, block_ids))

    def hold_signing(self, why: str) -> None:
        """Have nothing signed while `why` is not empty."""
        self.put(lambda core, now, wall: core.hold_signing(now, wall, why))

    def synced(self, header: Header, certificate: Certificate, following: AuthoritySet) -> None:
        """Tell the core what range sync has stored."""
        self.put(lambda core, now, wall: core.synced(now, wall, header, certificate, following))

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Take turns until cancelled.

        Raises `VoteLogFatal` when a frame cannot be made durable: nothing of that turn was sent.
        """
        await self._carry_out(self._begun(self._core.start(self._now_ms(), self._clock.wall_ms())))
        task_status.started()
        while True:
            await self._wait()
            left, self._left = self._left, None
            if isinstance(left, Exception):
                raise left
            await self._carry_out(left or self._begun(self._turn()))

    def _now_ms(self) -> int:
        """Return the time that timers run on; beside a virtual wall it stands still.

        So no view runs out there, however far the wall is moved and however long it waits.
        """
        if isinstance(self._clock, VirtualClock):
            return 0
        return self._clock.monotonic_ms()

    def _timer_due(self) -> bool:
        return self._timer is not None and self._timer.at_ms <= self._now_ms()

    async def _wait(self) -> None:
        """Return when there is something to do, after letting others run once."""
        if self._inbox:
            await trio.lowlevel.checkpoint()
        while not self._has_to_go_on():
            self._resting.set()
            self._woken = trio.Event()
            if self._timer is None or isinstance(self._clock, VirtualClock):
                await self._woken.wait()
                continue
            # The timer may have fallen due since it was looked at.
            with trio.move_on_after(max(0, self._timer.at_ms - self._now_ms()) / 1_000):
                await self._woken.wait()
        if self._resting.is_set():
            self._resting = trio.Event()

    def _has_to_go_on(self) -> bool:
        """Whether the task has something to do."""
        is_left = self._left is not None or self._forgetting is not None
        return is_left or bool(self._inbox) or self._timer_due()

    def _turn_here(self) -> None:
        """Take a turn in the task of whoever gave the core something.

        The driver's own task is woken where it has to go on, or to wait for an earlier timer.
        """
        timer = self._timer
        self._resting = trio.Event()
        try:
            self._left = self._turn_without_records()
        except Exception as fault:  # noqa: BLE001 - the driver's task is the one to end with it
            self._left = fault
        if self._left is None:
            self._resting.set()
        if self._timer is not timer or self._has_to_go_on():
            self._woken.set()

    def _turn_without_records(self) -> _Asked | None:
        """Take a turn, and return what is left of it where there are records."""
        asked = self._begun(self._turn())
        if asked.records and self._log is not None:
            return asked
        self._let_go(asked)
        return None

    def _turn(self) -> list[Effect]:
        """Return what the core asks for after taking what has come."""
        self.turns_count += 1
        effects: list[Effect] = []
        began_ns = self._clock.stopwatch_ns()
        for _ in range(TURN_MAX_COUNT):
            if not self._inbox:
                break
            given = self._inbox.popleft()
            effects += given(self._core, self._now_ms(), self._clock.wall_ms())
            if self._clock.stopwatch_ns() - began_ns > TURN_MAX_NS:
                break
        self._room.set()
        # The timer is looked at every turn: a full inbox must not put it off for ever.
        self._take_timer(effects)
        if self._timer is not None and self._timer_due():
            token, self._timer = self._timer.token, None
            ticked = self._core.tick(self._now_ms(), self._clock.wall_ms(), token)
            self._take_timer(ticked)
            effects += ticked
        return effects

    def _take_timer(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SetTimer):
                self._timer = _Timer(effect.token, effect.at_ms)

    def _begun(self, effects: list[Effect]) -> _Asked:
        """Begin the work that stays in the process, and return the rest."""
        self._take_timer(effects)
        asked = _Asked()
        for effect in effects:
            match effect:
                case Persist():
                    asked.records.extend(effect.records)
                case Send():
                    asked.sends.append(effect)
                case Finalized():
                    asked.commits.append(effect)
                case Serve():
                    asked.serves.append(effect)
                case Build():
                    self._worker.build(effect)
                case Execute():
                    self._worker.execute(effect)
                case BehindBy():
                    self._worker.catch_up(effect)
                case _:
                    self._note(effect)
        return asked

    async def _carry_out(self, asked: _Asked) -> None:
        """Make the records durable, then send."""
        if asked.records and self._log is not None:
            await self._make_durable(self._log, tuple(asked.records))
        self._let_go(asked)
        if self._log is None:
            self._forgetting = None
        elif self._forgetting is not None:
            # In turn with appending: a log has one hand on it at a time.
            place, self._forgetting = self._forgetting, None
            await trio.to_thread.run_sync(self._log.forget, place)

    def _let_go(self, asked: _Asked) -> None:
        """Send what depended on the records, which are durable, and queue what is final."""
        _count(asked.records)
        self._outbound.send(asked.sends)
        for commit in asked.commits:
            self._worker.commit(commit)
        for serve in asked.serves:
            self._worker.serve(serve)

    async def _make_durable(self, log: Log, records: tuple[LogRecord, ...]) -> None:
        """Append one frame in a thread: a slow disk stops votes, not the rest of the node."""
        with trio.CancelScope(shield=True):
            try:
                with VOTE_LOG_SECONDS.time():
                    await trio.to_thread.run_sync(log.append, records)
            except VoteLogFatal as fatal:
                self._telling.critical("vote log failed, nothing was sent", why=str(fatal))
                raise

    def _note(self, effect: Effect) -> None:
        match effect:
            case Charge(peer=peer, misdeed=misdeed):
                self._worker.charge(str(peer), misdeed.value)
            case Offended(evidence=evidence):
                self._alarms.sound("authority_contradicted_itself")
                self._worker.keep(evidence)
            case Alarm(what=what, facts=facts):
                self._alarms.sound(what, **dict(facts))
            case StopSigning(why=why):
                self._telling.critical("signing stopped", why=why)
                self._alarms.sound("signing_stopped", why=why)
            case _:
                pass


def _committed(block_id: bytes) -> Input:
    return lambda core, now, wall: core.committed(now, wall, block_id)


def _count(records: Iterable[LogRecord]) -> None:
    """Count the votes that were signed and the views that ended without a block."""
    for record in records:
        if isinstance(record, Vote):
            CONSENSUS_VOTES.labels(VoteKind(record.kind).name.lower()).inc()
        elif isinstance(record, Certificate) and record.kind == NULLIFY:
            CONSENSUS_NULLIFIED.inc()
