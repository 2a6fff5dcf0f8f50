"""One authority or follower: the core with the driver, disk, store and clock of a process.

What survives a crash is what this file says does: frames that were synced, perhaps the one in
flight, and the store. Everything else is made anew.
"""

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.header import Header, block_id_of
from chain.block.vote import Vote
from chain.consensus import effects as asked
from chain.consensus.core import Simplex
from chain.consensus.effects import Effect, Everyone, Verdict
from chain.consensus.log import NOWHERE, LogRecord, Place, place_of
from chain.consensus.messages import BlockAnswer, GetBlock, Message
from chain.consensus.settings import Recovered, Settings
from tests.simulation.keys import key_of, signer, verify
from tests.simulation.ledger import CHAIN_ID, POISON

if TYPE_CHECKING:
    from tests.simulation.world import World

Name = tuple[int, int]
"""(number, 0), or (number, 1) for the second process that uses the same key."""

SEGMENT_FRAMES = 200
"""The log is rolled here every so many frames, and old segments are deleted."""


@dataclass
class Store:
    """The durable chain: blocks by height, certificates by height, how far each goes."""

    blocks: list[Block]
    ids: list[bytes]
    certificates: dict[int, Certificate] = field(default_factory=dict)
    places: dict[bytes, int] = field(default_factory=dict)

    @property
    def tip(self) -> Header:
        """The last executed final block."""
        return self.blocks[-1].header

    def certified_height(self) -> int:
        """The highest block with its own certificate, 0 for none."""
        return max(self.certificates, default=0)

    def append(self, block: Block, block_id: bytes, certificate: Certificate | None) -> None:
        """Make one more block durable."""
        assert block.header.height == len(self.blocks), "a store has no gaps"
        self.places[block_id] = len(self.blocks)
        self.blocks.append(block)
        self.ids.append(block_id)
        if certificate is not None:
            self.certificates[block.header.height] = certificate


@dataclass
class Disk:
    """The vote log as frames of records; the first may be gone with its segment."""

    frames: list[tuple[LogRecord, ...]] = field(default_factory=list)
    floor: Place = NOWHERE
    in_flight: tuple[LogRecord, ...] | None = None
    """Written, not synced: a crash may keep it or lose it, whole."""

    def highest(self) -> Place:
        """The highest place signed, by floor or record."""
        votes = [place_of(r) for frame in self.frames for r in frame if isinstance(r, Vote)]
        return max([self.floor, *votes])

    def forget(self, durable: Place) -> None:
        """Delete leading frames that are history, as a deleted segment would."""
        if len(self.frames) < 2 * SEGMENT_FRAMES:
            return
        for count, frame in enumerate(self.frames[:SEGMENT_FRAMES]):
            if any(place_of(record) > durable for record in frame):
                old = self.frames[:count]
                break
        else:
            old = self.frames[:SEGMENT_FRAMES]
        votes = [place_of(r) for frame in old for r in frame if isinstance(r, Vote)]
        self.floor = max([self.floor, *votes])
        self.frames = self.frames[len(old) :]


@dataclass
class Clock:
    """Local time from simulated time: a rate for the monotonic clock, an offset for the other.

    A wall clock is disciplined from outside: it may be off, but does not run away.
    """

    rate_ppm: int = 1_000_000
    wall_offset_ms: int = 0

    def now_ms(self, time_us: int) -> int:
        """The monotonic clock. Rounds: down."""
        return time_us * self.rate_ppm // 1_000_000_000

    def wall_ms(self, time_us: int, start_ms: int) -> int:
        """The wall clock."""
        return start_ms + time_us // 1000 + self.wall_offset_ms

    def time_us(self, now_ms: int) -> int:
        """When the monotonic clock shows this. Rounds: up."""
        return -(-now_ms * 1_000_000_000 // self.rate_ppm)


class Member:
    """One process and its successors after crashes."""

    def __init__(self, world: "World", name: Name, seed: int) -> None:
        self.world = world
        self.name = name
        self.key = key_of(name[0])
        self.rng = Random(seed)
        self.clock = Clock()
        genesis = world.rules.genesis()
        self.store = Store([genesis], [block_id_of(genesis.header)])
        self.disk = Disk()
        self.alive = False
        self.incarnation = 0
        self.core: Simplex
        self.executed: dict[bytes, Block]
        self.queue: list[tuple[str, Any]]
        self.busy = False
        self.timer_token = -1
        self.linked: dict[Name, None]
        self.syncing = False
        self.offended: dict[tuple[int, bytes], None] = {}
        self.execute_us = 0
        """How long executing a block takes, for one with a full budget."""
        self.builds_poison = False
        self.undecided_ppm = 0
        self.follower = False

    # --- life -------------------------------------------------------------------------------

    def start(self) -> None:
        """Come up with what the disk holds."""
        assert not self.alive
        self.alive = True
        self.incarnation += 1
        self.queue, self.busy, self.linked, self.syncing = [], False, {}, False
        self.executed = {}
        self.core = Simplex(
            self.world.settings_of(self),
            None if self.follower else self.key,
            signer(self.key),
            verify,
            self._recovered(),
        )
        self.world.auditor.started(self)
        self.take(self.core.start(*self.times()))
        self.world.connect(self)

    def _recovered(self) -> Recovered:
        store = self.store
        height = store.certified_height()
        header = store.blocks[height].header
        opens = height == 0 or header.epoch_end
        epoch = header.epoch + (1 if header.epoch_end else 0) if opens else header.epoch
        tip = store.tip
        return Recovered(
            header=header,
            certificate=store.certificates.get(height),
            authorities=self.world.rules.authorities(epoch),
            tip=None if tip.height == height else tip,
            floor=self.disk.floor,
            highest=self.disk.highest(),
            records=tuple(record for frame in self.disk.frames for record in frame),
        )

    def crash(self) -> None:
        """Die now: the frame in flight is on disk whole, or gone."""
        assert self.alive
        self.alive = False
        if self.disk.in_flight is not None:
            if self.rng.random() < 0.5:
                self.disk.frames.append(self.disk.in_flight)
            self.disk.in_flight = None
        self.world.auditor.crashed(self)
        self.world.disconnect(self)

    def times(self) -> tuple[int, int]:
        """Return both clocks of this process."""
        time_us = self.world.time_us
        return self.clock.now_ms(time_us), self.clock.wall_ms(time_us, self.world.rules.start_ms)

    # --- inputs -----------------------------------------------------------------------------

    def receive(self, incarnation: int, sender: Name, message: Message) -> None:
        """Hear a message, if this process still is the one it was sent to."""
        if self.alive and incarnation == self.incarnation and sender in self.linked:
            self.take(self.core.receive(*self.times(), sender, message))

    def link(self, incarnation: int, other: Name, votes: tuple[Vote, ...]) -> None:
        """A link to another is open, and its hello is read."""
        if not self.alive or incarnation != self.incarnation:
            return
        self.linked[other] = None
        key = key_of(other[0])
        self.take(self.core.peer_up(*self.times(), other, key))
        self.take(self.core.hello_votes(*self.times(), other, key, votes))

    def unlink(self, incarnation: int, other: Name) -> None:
        """A link is gone."""
        if self.alive and incarnation == self.incarnation and other in self.linked:
            del self.linked[other]
            self.take(self.core.peer_down(*self.times(), other))

    def tick(self, incarnation: int, token: int) -> None:
        """The timer has run out."""
        if self.alive and incarnation == self.incarnation and token == self.timer_token:
            self.take(self.core.tick(*self.times(), token))

    # --- effects ----------------------------------------------------------------------------

    def take(self, effects: list[Effect]) -> None:
        """Carry out a batch: what leaves the process waits for the disk, in order."""
        self.world.auditor.saw(self, effects)
        for effect in effects:
            if isinstance(effect, asked.SetTimer):
                self.timer_token = effect.token
                at_us = max(self.clock.time_us(effect.at_ms), self.world.time_us)
                self.world.at(at_us, self.tick, self.incarnation, effect.token)
            elif isinstance(effect, asked.Execute):
                self._execute(effect)
            elif isinstance(effect, asked.Build):
                self._build(effect)
            elif isinstance(effect, asked.BehindBy):
                self.world.sync_soon(self)
            elif isinstance(effect, asked.Offended):
                self.offended[effect.evidence.epoch, effect.evidence.signer] = None
            else:
                self.queue.append(("effect", effect))
        self._run_queue()

    def _run_queue(self) -> None:
        while self.queue and not self.busy:
            kind, item = self.queue.pop(0)
            if kind == "effect" and isinstance(item, asked.Persist):
                self.busy = not self.world.sends_before_sync
                self.disk.in_flight = item.records
                self.world.after(self.world.sync_us(self), self._synced, self.incarnation, item)
            elif kind == "effect" and isinstance(item, asked.Finalized):
                for batch in self._batches(item):
                    self.queue.append(("commit", batch))
            elif kind == "commit":
                self.busy = True
                self.world.after(self.world.sync_us(self), self._committed, self.incarnation, item)
            elif isinstance(item, asked.Send):
                self._send(item)
            elif isinstance(item, asked.Serve):
                self._serve(item)

    def _synced(self, incarnation: int, item: asked.Persist) -> None:
        if not self.alive or incarnation != self.incarnation:
            return
        if not self.world.sends_before_sync:
            self.busy = False
        self.disk.in_flight = None
        self.disk.frames.append(self.world.kept_records(item.records))
        self._run_queue()

    def _batches(self, item: asked.Finalized) -> list[list[tuple[bytes, Certificate | None]]]:
        last = item.block_ids[-1]
        rows = [(b, item.certificate if b == last else None) for b in item.block_ids]
        if len(rows) > 1 and self.rng.random() < 0.5:
            return [[row] for row in rows]
        return [rows]

    def _committed(self, incarnation: int, rows: list[tuple[bytes, Certificate | None]]) -> None:
        if not self.alive or incarnation != self.incarnation:
            return
        self.busy = False
        for block_id, certificate in rows:
            block = self.executed[block_id]
            if block.header.height < len(self.store.blocks):
                # Range sync stored it meanwhile.
                if certificate is not None:
                    self.store.certificates[block.header.height] = certificate
            else:
                self.store.append(block, block_id, certificate)
            self.world.auditor.stored(self, block, block_id, certificate)
            if certificate is not None:
                self.disk.forget(Place(certificate.epoch, certificate.view))
        for block_id, _ in rows:
            self.executed.pop(block_id)
            self.take(self.core.committed(*self.times(), block_id))
        if self.world.loaded:
            self.take(self.core.transactions_wait(*self.times()))
        self._run_queue()

    def _send(self, item: asked.Send) -> None:
        self.world.auditor.sent(self, item.message)
        names = list(self.linked) if isinstance(item.to, Everyone) else list(item.to)
        for name in names:
            self.world.carry(self, name, item.message)

    def _serve(self, item: asked.Serve) -> None:
        peer = item.peer
        assert isinstance(peer, tuple)
        if isinstance(item.wanted, GetBlock):
            place = self.store.places.get(item.wanted.block_id)
            if place is not None:
                answer = BlockAnswer(self.store.blocks[place], item.wanted.block_id)
                self.world.carry(self, peer, answer)
            return
        for height, certificate in self.store.certificates.items():
            if certificate.epoch == item.wanted and self.store.blocks[height].header.epoch_end:
                self.world.carry(self, peer, certificate)

    # --- blocks -----------------------------------------------------------------------------

    def header_of(self, block_id: bytes) -> Header | None:
        """Return the header of an executed block."""
        block = self.executed.get(block_id)
        if block is not None:
            return block.header
        place = self.store.places.get(block_id)
        if place is None and block_id == self.store.ids[0]:
            place = 0
        return None if place is None else self.store.blocks[place].header

    def _execute(self, effect: asked.Execute) -> None:
        cost_us = self.execute_us * (1 + sum(len(t) for t in effect.block.transactions)) // 1000
        self.world.after(cost_us, self._executed, self.incarnation, effect)

    def _executed(self, incarnation: int, effect: asked.Execute) -> None:
        if not self.alive or incarnation != self.incarnation:
            return
        if self.rng.random() * 1_000_000 < self.undecided_ppm:
            self.take(self.core.judged(*self.times(), effect.block_id, Verdict.UNDECIDED))
            return
        parent = self.header_of(effect.parent_id)
        if parent is None:
            # The store went past it meanwhile, with another block.
            assert effect.block.header.height <= self.store.tip.height, "parent is not executed"
            self.take(self.core.judged(*self.times(), effect.block_id, Verdict.INVALID))
            return
        valid = self.world.rules.is_valid(effect.block, parent)
        if valid:
            self.executed[effect.block_id] = effect.block
        after = self._next_set(effect.block.header) if valid else None
        verdict = Verdict.VALID if valid else Verdict.INVALID
        self.take(self.core.judged(*self.times(), effect.block_id, verdict, after))

    def _next_set(self, header: Header) -> Any:
        return self.world.rules.authorities(header.epoch + 1) if header.epoch_end else None

    def _build(self, effect: asked.Build) -> None:
        cost_us = self.execute_us // 1000 + (0 if effect.budget.empty else self.execute_us // 20)
        self.world.after(cost_us, self._built, self.incarnation, effect)

    def _built(self, incarnation: int, effect: asked.Build) -> None:
        if not self.alive or incarnation != self.incarnation:
            return
        parent = self.header_of(effect.parent_id)
        if parent is None:
            assert effect.height <= self.store.tip.height, "parent is not executed"
            self.take(self.core.built(*self.times(), effect.request, None))
            return
        index = self.world.rules.authorities(effect.epoch).index_of(self.key)
        assert index is not None, "only an authority builds"
        block = self.world.rules.child(
            parent,
            epoch=effect.epoch,
            view=effect.view,
            proposer=index,
            time_ms=effect.time_ms,
            transactions=self._transactions(effect),
        )
        self.executed[block_id_of(block.header)] = block
        after = self._next_set(block.header)
        self.take(self.core.built(*self.times(), effect.request, block, after))

    def _transactions(self, effect: asked.Build) -> tuple[bytes, ...]:
        if effect.budget.empty:
            return ()
        if self.builds_poison:
            return (POISON,)
        mark = b"%d of %d at %d.%d" % (effect.request, self.name[0], effect.epoch, effect.view)
        if self.execute_us:
            # Filled to the budget, so that what it costs to execute is what was allowed.
            return (mark.ljust(effect.budget.share_ppm // 1000, b"."),)
        return (mark,)


__all__ = ["CHAIN_ID", "Clock", "Disk", "Member", "Name", "Settings", "Store"]
