"""The heap of events, the network between members, and time.

Nothing here is random but through the world's own generator, and nothing is ordered by
identity or hash: a seed replays to the same digest in any process.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random
from typing import Any

from chain.block.header import block_id_of
from chain.consensus.log import LogRecord
from chain.consensus.messages import KINDS, Message
from chain.consensus.settings import Settings
from tests.simulation.auditor import Auditor
from tests.simulation.keys import verify
from tests.simulation.ledger import CHAIN_ID, Rules
from tests.simulation.member import Member, Name, Store

RANGES_MAX_BLOCKS = 256
"""How many blocks one round of catching up brings: four windows of 64, however many epochs."""


@dataclass
class Network:
    """How messages travel. Until `faults_end_us` they may be lost, and parts cut off."""

    delay_us: int = 10_000
    """The longest a message takes when nothing special happens to it."""
    shortest_ppm: int = 1_000_000
    """The shortest, as a share of the longest."""
    drop_ppm: int = 0
    duplicate_ppm: int = 0
    tail_ppm: int = 0
    tail_us: int = 0
    faults_end_us: int = 0
    sides: dict[Name, int] = field(default_factory=dict)
    """Parts of a partition; a member of side 9 reaches everybody, of an absent one nobody."""
    cut: dict[tuple[Name, Name], None] = field(default_factory=dict)
    """One-way links that carry nothing."""
    open_links: Callable[[Name, Name], bool] | None = None
    """Who can talk to whom at all, for topologies that stay as they are."""

    def reaches(self, source: Name, target: Name) -> bool:
        """Return whether anything gets from here to there at present."""
        if self.open_links is not None and not self.open_links(source, target):
            return False
        if (source, target) in self.cut:
            return False
        if not self.sides:
            return True
        here, there = self.sides.get(source), self.sides.get(target)
        return here == there or 9 in (here, there)


class World:
    """One simulated run."""

    sends_before_sync = False
    """A mutant's driver sends votes while they are still on their way to the disk."""
    records_dropped: tuple[type, ...] = ()
    """A mutant's driver does not write records of these kinds."""

    def __init__(self, seed: int, rules: Rules, settings: Settings | None = None) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.rules = rules
        self.settings = settings or Settings(CHAIN_ID)
        self.network = Network()
        self.time_us = 0
        self.heap: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self.count = 0
        self.members: dict[Name, Member] = {}
        self.auditor = Auditor(self)
        self.sync_mean_us = 0
        self.loaded = False
        """Whether transactions always wait."""
        self.checks_disk = False
        self.digest = blake2b(digest_size=16)
        self.carried_count = 0

    # --- time -------------------------------------------------------------------------------

    def at(self, time_us: int, act: Callable[..., None], *given: Any) -> None:
        """Have something happen at a time."""
        self.count += 1
        heapq.heappush(self.heap, (time_us, self.count, act, given))

    def after(self, delay_us: int, act: Callable[..., None], *given: Any) -> None:
        """Have something happen later; now, but after what is going on, for no delay."""
        self.at(self.time_us + delay_us, act, *given)

    def run(self, until_us: int, done: Callable[[], bool] | None = None) -> bool:
        """Let events happen up to a time, or until something holds; return whether it does."""
        heap = self.heap
        while heap and heap[0][0] <= until_us:
            time_us, _, act, given = heapq.heappop(heap)
            self.time_us = time_us
            act(*given)
            if done is not None and done():
                return True
        self.time_us = max(self.time_us, until_us)
        return done is not None and done()

    # --- members ----------------------------------------------------------------------------

    def add(self, member: Member) -> Member:
        """Add a member, not started yet."""
        self.members[member.name] = member
        return member

    def settings_of(self, member: Member) -> Settings:
        """Return the settings of a member."""
        return self.settings

    def honest(self) -> list[Member]:
        """Return the members whose promises the auditor holds them to."""
        return [m for m in self.members.values() if m.name[0] not in self.auditor.faulty]

    def connect(self, member: Member) -> None:
        """Open links between a member that came up and all who are."""
        for other in self.members.values():
            if other is not member and other.alive:
                self.try_link(member, member.incarnation, other, other.incarnation)

    def try_link(self, one: Member, first: int, other: Member, second: int) -> None:
        """Open a link once both ends reach each other, unless either is gone by then."""
        if (one.incarnation, other.incarnation) != (first, second):
            return
        if not (one.alive and other.alive) or other.name in one.linked:
            return
        network = self.network
        if network.open_links is not None and not network.open_links(one.name, other.name):
            return
        if not (network.reaches(one.name, other.name) and network.reaches(other.name, one.name)):
            self.after(300_000, self.try_link, one, first, other, second)
            return
        delay_us = self.delay_us()
        for here, there in ((one, other), (other, one)):
            votes = there.core.votes_held_of(here.key)
            here.linked[there.name] = None
            self.after(delay_us, here.link, here.incarnation, there.name, votes)

    def disconnect(self, member: Member) -> None:
        """Close all links of a member that died, as the others notice."""
        for other in self.members.values():
            if other is not member and other.alive and member.name in other.linked:
                self.after(self.delay_us(), other.unlink, other.incarnation, member.name)

    def relink(self) -> None:
        """Close and open every link, as after a silence that liveness pings noticed."""
        for member in self.members.values():
            if not member.alive:
                continue
            for name in list(member.linked):
                member.unlink(member.incarnation, name)
        for member in self.members.values():
            if member.alive:
                self.connect(member)

    # --- network ----------------------------------------------------------------------------

    def delay_us(self) -> int:
        """Return how long one message takes."""
        network = self.network
        shortest_us = network.delay_us * network.shortest_ppm // 1_000_000
        if shortest_us >= network.delay_us:
            return network.delay_us
        return shortest_us + int(self.rng.random() * (network.delay_us - shortest_us))

    def carry(self, source: Member, target: Name, message: Message) -> None:
        """Send a message on its way, which may be nowhere."""
        member = self.members.get(target)
        if member is None or not member.alive or target not in source.linked:
            return
        network, rng = self.network, self.rng
        if not network.reaches(source.name, target):
            return
        delay_us = self.delay_us()
        if self.time_us < network.faults_end_us:
            if network.drop_ppm and rng.random() * 1_000_000 < network.drop_ppm:
                return
            if network.tail_ppm and rng.random() * 1_000_000 < network.tail_ppm:
                delay_us += int(rng.expovariate(1) * network.tail_us)
            if network.duplicate_ppm and rng.random() * 1_000_000 < network.duplicate_ppm:
                self._arrive(source, member, message, delay_us * 2)
        self._arrive(source, member, message, delay_us)

    def _arrive(self, source: Member, target: Member, message: Message, delay_us: int) -> None:
        self.carried_count += 1
        self.digest.update(
            b"%d %d %d %d"
            % (self.time_us, source.name[0], target.name[0], KINDS[type(message)].number)
        )
        self.after(delay_us, target.receive, target.incarnation, source.name, message)

    def sync_us(self, member: Member) -> int:
        """Return how long one synced write of a member's disk takes."""
        if self.sync_mean_us == 0:
            return 0
        return int(member.rng.expovariate(1) * self.sync_mean_us)

    def kept_records(self, records: tuple[LogRecord, ...]) -> tuple[LogRecord, ...]:
        """Return what really reaches the disk: all of it, but under a mutant."""
        if not self.records_dropped:
            return records
        return tuple(r for r in records if not isinstance(r, self.records_dropped))

    # --- catching up ------------------------------------------------------------------------

    def sync_soon(self, member: Member) -> None:
        """Fetch a range for a member from somebody, as range sync would."""
        if not member.syncing:
            member.syncing = True
            self.after(4 * self.delay_us() + 20_000, self._sync, member, member.incarnation)

    def _sync(self, member: Member, incarnation: int) -> None:
        if not member.alive or member.incarnation != incarnation:
            return
        member.syncing = False
        others = [
            self.members[name]
            for name in member.linked
            if self.network.reaches(name, member.name) and self.network.reaches(member.name, name)
        ]
        best = [other for other in others if other.store.tip.height > member.store.tip.height]
        if not best:
            return
        source = self.rng.choice(best).store
        end_height = member.store.tip.height + RANGES_MAX_BLOCKS
        while member.store.tip.height < min(end_height, source.tip.height):
            if not self._apply_range(member, source):
                break
        if self.rng.random() < 0.9:
            self.sync_soon(member)

    def _apply_range(self, member: Member, source: Store) -> bool:
        """Store blocks of one epoch up to a certified one, then tell the core."""
        mine = member.store
        first = mine.tip.height + 1
        epoch = source.blocks[first].header.epoch
        heights = [
            height
            for height in source.certificates
            if first <= height < first + 64 and source.blocks[height].header.epoch == epoch
        ]
        if not heights:
            return False
        last = max(heights)
        header, certificate = source.blocks[last].header, source.certificates[last]
        if not self.auditor.is_certified(block_id_of(header), certificate):
            return False
        for height in range(first, last + 1):
            block = source.blocks[height]
            assert self.rules.is_valid(block, mine.tip)
            own = certificate if height == last else None
            mine.append(block, source.ids[height], own)
            self.auditor.stored(member, block, source.ids[height], own)
        after = header.epoch + (1 if header.epoch_end else 0)
        authorities = self.rules.authorities(after)
        member.take(member.core.synced(*member.times(), header, certificate, authorities))
        return True


__all__ = ["Network", "World", "verify"]
