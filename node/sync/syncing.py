"""Let the machine loose on peers and disk: ask, check in a thread, execute, store.

It waits for nobody in particular: every answer, and every block that consensus stored
meanwhile, is told to the machine, which says what to do next.
"""

from typing import Any, Protocol

import trio

from chain.block.header import parse_header
from chain.codec.record import MalformedRecord
from chain.consensus.effects import Verdict
from node.clock import Clock
from node.consensus.alarms import Alarms
from node.sync import wire
from node.sync.epochs import EpochSets, ReadAuthorities
from node.sync.machine import Apply, Ask, Machine
from node.sync.ranges import (
    CheckedRange,
    CheckedTip,
    UnknownEpoch,
    WrongRange,
    checked_range,
    checked_tip,
)
from node.sync.wire import GetEpochs, GetRange, GetTip, Tip
from node.telemetry.logs import log_of
from p2p.network import Network, PeerId, Refused, TooLarge, Unreachable

ASK_WITHIN_S = 10.0
TIP_EVERY_MS = 1_000
"""How often a peer is asked for its newest certified header, unless consensus brings blocks."""

LOOK_EVERY_S = 0.5
"""The longest that the shell goes without looking who its peers are."""

TRY_AGAIN_S = 0.5
"""How long a range that could not be applied is left alone."""

WRONG_RANGE = "sync.wrong_range"
WRONG_TIP = "sync.wrong_tip"
WRONG_EPOCHS = "sync.wrong_epochs"


class Store(Protocol):
    """Where proven blocks are executed and made durable."""

    @property
    def height(self) -> int:
        """The height of the last block that is stored here."""
        ...

    async def apply(self, checked: CheckedRange) -> Verdict:
        """Execute the blocks that are not here yet, in order, and store them."""
        ...


class Syncing:
    """Catches up whenever a certificate proves that there is something to catch up with."""

    def __init__(
        self,
        *,
        network: Network,
        clock: Clock,
        store: Store,
        chain_id: bytes,
        epochs: EpochSets,
        read_authorities: ReadAuthorities,
        alarms: Alarms,
    ) -> None:
        self._network = network
        self._clock = clock
        self._store = store
        self._chain_id = chain_id
        self._epochs = epochs
        self._read_authorities = read_authorities
        self._alarms = alarms
        self._machine: Machine[CheckedRange] = Machine(store.height)
        self._woken = trio.Event()
        self._tip_due_ms = 0
        self._tips_asked_count = 0
        self._tips_asked_of: set[PeerId] = set()
        self._asking_epochs = False
        self._is_applying = False
        self._halted = False
        self._log = log_of("sync")

    @property
    def best_height(self) -> int:
        """The highest height proven by a certificate."""
        return self._machine.best_height

    @property
    def is_behind(self) -> bool:
        """Whether more than the last two proven blocks are missing here."""
        return self._machine.height + 2 < self._machine.best_height

    def proven(self, height: int) -> None:
        """Note that a certificate proves this height final."""
        if height > self._machine.best_height:
            self._machine.proven(height)
            self._woken.set()

    def moved(self, height: int) -> None:
        """Note that the store reached this height."""
        if not self._is_applying:
            # A quorum made this final with us: no tip says more.
            self._tip_due_ms = self._clock.monotonic_ms() + TIP_EVERY_MS
        self._machine.moved(height)
        if self._machine.is_behind:
            self._woken.set()

    def later_epoch(self) -> None:
        """Note that a peer spoke of an epoch that is not known here."""
        self._tip_due_ms = 0
        self._woken.set()

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Catch up until cancelled."""
        async with trio.open_nursery() as nursery:
            task_status.started()
            while True:
                self._woken = trio.Event()
                self._look_at_peers()
                self._step(nursery)
                with trio.move_on_after(self._wait_s()):
                    await self._woken.wait()

    def _wait_s(self) -> float:
        now_ms = self._clock.monotonic_ms()
        wakes_at_ms = self._machine.wakes_at_ms(now_ms)
        if wakes_at_ms is None:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(0, wakes_at_ms - now_ms) / 1_000)

    def _look_at_peers(self) -> None:
        here = {status.peer for status in self._network.peers() if status.standing is not None}
        known = self._machine.peers
        # In an order of their own: who is asked first must not depend on how names hash.
        for peer in sorted(here - known):
            self._machine.peer_came(peer)
        for gone in sorted(known - here, key=str):
            self._machine.peer_went(gone)

    def _step(self, nursery: trio.Nursery) -> None:
        now_ms = self._clock.monotonic_ms()
        if now_ms >= self._tip_due_ms:
            peer = self._next_peer()
            if peer is not None:
                self._tip_due_ms = now_ms + TIP_EVERY_MS
                self._tips_asked_of.add(peer)
                nursery.start_soon(self._ask_tip, peer)
        if self._halted:
            return
        for step in self._machine.next_steps(now_ms):
            if isinstance(step, Ask):
                nursery.start_soon(self._ask_range, step)
            else:
                nursery.start_soon(self._apply, step)

    def _next_peer(self) -> PeerId | None:
        """Return the peer whose turn it is to be asked for its tip, passing over who is slow."""
        peers = sorted(map(str, self._machine.peers))
        for _ in peers:
            self._tips_asked_count += 1
            peer = peers[self._tips_asked_count % len(peers)]
            if peer not in self._tips_asked_of:
                return peer
        return None

    async def _ask_tip(self, peer: PeerId) -> None:
        try:
            data = await self._request(peer, GetTip(), wire.TIP_MAX_BYTES)
            answer = wire.parse_tip(data)
            if parse_header(answer.header).height <= self._machine.best_height:
                return  # it proves nothing new: not worth a quorum of verifications
            tip = await trio.to_thread.run_sync(self._tip_of, answer)
        except (Unreachable, Refused):
            return
        except (MalformedRecord, WrongRange, TooLarge) as wrong:
            self._charge(peer, WRONG_TIP, wrong)
            return
        except UnknownEpoch:
            await self._ask_epochs(peer)
            return
        finally:
            self._tips_asked_of.discard(peer)
        self.proven(tip.header.height)

    async def _ask_epochs(self, peer: PeerId) -> None:
        if self._asking_epochs:
            return
        self._asking_epochs = True
        try:
            asked = GetEpochs(self._epochs.newest_epoch, wire.WINDOW_MAX_COUNT)
            data = await self._request(peer, asked, wire.EPOCHS_MAX_BYTES)
            self._epochs.extend(wire.parse_epochs(data), self._read_authorities)
        except (Unreachable, Refused):
            return
        except (MalformedRecord, WrongRange, TooLarge) as wrong:
            self._charge(peer, WRONG_EPOCHS, wrong)
        finally:
            self._asking_epochs = False
            self._woken.set()

    async def _ask_range(self, ask: Ask) -> None:
        peer = str(ask.peer)
        try:
            asked = GetRange(ask.from_height, ask.count)
            data = await self._request(peer, asked, wire.ANSWER_MAX_BYTES)
            checked = await trio.to_thread.run_sync(self._range_of, data, ask)
        except (Unreachable, Refused):
            self._machine.silent(ask.token, self._clock.monotonic_ms())
        except (MalformedRecord, WrongRange, TooLarge) as wrong:
            for _ in self._machine.wrong(ask.token, self._clock.monotonic_ms(), WRONG_RANGE):
                self._charge(peer, WRONG_RANGE, wrong)
        except UnknownEpoch:
            self._machine.silent(ask.token, self._clock.monotonic_ms())
            await self._ask_epochs(peer)
        else:
            last_height = checked.blocks[-1].header.height
            self._machine.answered(ask.token, last_height, checked)
            self._machine.proven(checked.certified_header.height)
        self._woken.set()

    async def _apply(self, step: Apply[CheckedRange]) -> None:
        self._is_applying = True
        try:
            verdict = await self._store.apply(step.content)
        finally:
            self._is_applying = False
        if verdict is Verdict.INVALID:
            # A quorum signed what is not valid here: nothing above it can be followed.
            self._halted = True
            self._log.critical("stopped catching up", height=step.from_height, peer=step.peer)
        self._machine.moved(self._store.height)
        if self._store.height < step.to_height:
            await trio.sleep(TRY_AGAIN_S)
            self._machine.moved(self._store.height)
            self._machine.not_applied()
        else:
            self._log.debug("range applied", height=step.to_height, peer=step.peer)
        self._woken.set()

    async def _request(self, peer: PeerId, asked: wire.Request, limit_bytes: int) -> bytes:
        return await self._network.ask(
            peer,
            wire.PROTOCOL,
            wire.request_bytes(asked),
            timeout_s=ASK_WITHIN_S,
            limit_bytes=limit_bytes,
        )

    def _tip_of(self, answer: Tip) -> CheckedTip:
        return checked_tip(answer, self._chain_id, self._epochs.sets)

    def _range_of(self, data: bytes, ask: Ask) -> CheckedRange:
        answer = wire.parse_range(data)
        return checked_range(answer, ask.from_height, ask.count, self._chain_id, self._epochs.sets)

    def _charge(self, peer: PeerId, offence: str, wrong: Exception) -> None:
        self._log.warning("wrong answer", peer=peer, offence=offence, why=str(wrong))
        self._network.charge(peer, offence)
