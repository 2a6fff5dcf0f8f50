"""What one seed chooses: sizes, speeds, faults, who is faulty. Faults end; then blocks must flow.

Everything comes from the seed alone, so a seed names a run for ever.
"""

from dataclasses import dataclass, replace
from random import Random

from chain.consensus.settings import Settings
from tests.simulation.auditor import Violation
from tests.simulation.byzantine import SINS
from tests.simulation.byzantine.liar import Liar
from tests.simulation.ledger import CHAIN_ID, Rules
from tests.simulation.member import Member, Name
from tests.simulation.world import World

START_MS = 1_700_000_000_000
BLOCKS_AFTER_FAULTS = 3
"""Every honest member gains this many blocks once faults have ended."""

RECOVERY_MAX_US = 40_000_000
MESSAGES_PER_SECOND_MAX = 60
MESSAGES_PER_BLOCK_MAX = 10
"""From each member to each other, whatever happens: more is a busy loop."""


@dataclass(frozen=True)
class Outcome:
    """What came of a seed."""

    seed: int
    violation: str
    """Empty when everything held."""
    height: int
    events: int
    recovery_ms: int
    digest: str
    crashes: int
    faulty: int


class Plan:
    """Builds the world of a seed, schedules its faults, runs it, and judges liveness."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = rng = Random(seed)
        self.harsh = rng.random() < 0.4
        self.authority_count = rng.choice((4, 4, 4, 5, 6, 7, 7, 8, 10, 1, 13))
        self.member_count = self.authority_count + rng.choice((0, 0, 1, 2))
        self.rotates = self.member_count > self.authority_count and rng.random() < 0.7
        self.fault_max = (self.authority_count - 1) // 3
        self.fault_us = rng.randint(6, 14) * 1_000_000
        self.crashes = 0
        rules = Rules(
            members_of=self._members_of,
            epoch_blocks=rng.choice((2, 3, 4, 6, 12, 40)),
            min_block_ms=rng.choice((20, 100)),
            start_ms=START_MS,
        )
        self.world = World(seed, rules, self._settings(rules))
        self.world.checks_disk = rng.random() < 0.2
        self.world.loaded = rng.random() < 0.4
        self._network()
        self._people()
        self._schedule_faults()

    def _members_of(self, epoch: int) -> tuple[int, ...]:
        first = epoch if self.rotates else 0
        numbers = ((first + place) % self.member_count for place in range(self.authority_count))
        return tuple(sorted(numbers))

    def _settings(self, rules: Rules) -> Settings:
        rng = self.rng
        settings = Settings(
            CHAIN_ID, min_block_ms=rules.min_block_ms, target_block_ms=rng.choice((100, 300, 500))
        )
        if rng.random() < 0.4:
            settings = replace(settings, view_timeout_ms=600, retry_ms=500, retry_spread_ms=100)
        return settings

    def _network(self) -> None:
        rng, network, harsh = self.rng, self.world.network, self.harsh
        network.faults_end_us = self.fault_us
        network.delay_us = rng.choice((2_000, 10_000, 30_000, 80_000))
        network.shortest_ppm = rng.choice((200_000, 1_000_000))
        network.drop_ppm = rng.choice((20_000, 100_000, 250_000, 400_000) if harsh else (0, 20_000))
        network.tail_ppm = rng.choice((20_000, 100_000, 300_000) if harsh else (0, 20_000))
        network.tail_us = 600_000
        network.duplicate_ppm = rng.choice((0, 100_000, 300_000) if harsh else (0, 50_000))
        self.world.sync_mean_us = rng.choice((500, 5_000, 30_000, 100_000) if harsh else (0, 500))

    def _people(self) -> None:
        """Make members: honest ones, twins of one key, liars with a sin or two each."""
        rng, world = self.rng, self.world
        count = rng.randint(0, self.fault_max)
        faulty = sorted(rng.sample(range(self.member_count), count))
        world.auditor.faulty = dict.fromkeys(faulty)
        for number in range(self.member_count):
            if number in world.auditor.faulty:
                self._faulty(number)
            else:
                world.add(Member(world, (number, 0), rng.getrandbits(32)))
        for member in world.members.values():
            member.clock.rate_ppm = rng.choice((900_000, 950_000, 1_000_000, 1_050_000, 1_100_000))
            member.clock.wall_offset_ms = rng.choice((0, 0, 0, -200, 150, 250))
            member.undecided_ppm = rng.choice((0, 0, 10_000))
            world.at(int(rng.random() * 300_000), self._up, member.name)

    def _faulty(self, number: int) -> None:
        rng, world = self.rng, self.world
        if rng.random() < 0.3:
            for twin in (0, 1):
                world.add(Liar(world, (number, twin), rng.getrandbits(32), []))
            return
        names = rng.sample(sorted(SINS), rng.randint(1, 3))
        sins = [SINS[name]() for name in names]
        world.add(Liar(world, (number, 0), rng.getrandbits(32), sins))

    # --- faults -----------------------------------------------------------------------------

    def _schedule_faults(self) -> None:
        rng, world = self.rng, self.world
        time_us = 0
        mean_us = 1_500_000 if self.harsh else 3_000_000
        while True:
            time_us += int(rng.expovariate(1) * mean_us)
            if time_us >= self.fault_us:
                break
            dice = rng.random()
            end_us = time_us + rng.randint(500_000, 6_000_000)
            if dice < 0.3:
                world.at(time_us, self._split)
                world.at(end_us, self._heal)
            elif dice < 0.45:
                world.at(time_us, self._cut)
                world.at(end_us, self._heal)
            elif dice < 0.55:
                world.at(time_us, self._jump_clock)
            elif dice < 0.92:
                name = rng.choice(list(world.members))
                world.at(time_us, self._down, name)
                world.at(time_us + rng.randint(20_000, 4_000_000), self._up, name)
            else:
                for name in world.members:
                    world.at(time_us + rng.randint(0, 50_000), self._down, name)
                    world.at(time_us + rng.randint(100_000, 1_500_000), self._up, name)
        world.at(self.fault_us, self._end_faults)

    def _up(self, name: Name) -> None:
        member = self.world.members[name]
        if not member.alive:
            member.start()

    def _down(self, name: Name) -> None:
        member = self.world.members[name]
        if member.alive:
            self.crashes += 1
            member.crash()

    def _split(self) -> None:
        """Two parts; sometimes a few members that both parts still reach."""
        rng = self.rng
        hubs = rng.random() < 0.3
        self.world.network.sides = {
            name: 9 if hubs and rng.random() < 0.2 else rng.choice((0, 1))
            for name in self.world.members
        }

    def _cut(self) -> None:
        """A third of all directed links carry nothing: one-way, and not transitive."""
        rng, names = self.rng, list(self.world.members)
        self.world.network.cut = {
            (one, other): None for one in names for other in names if rng.random() < 0.35
        }

    def _heal(self) -> None:
        network = self.world.network
        had = bool(network.sides or network.cut)
        network.sides, network.cut = {}, {}
        if had and self.rng.random() < 0.5:
            self.world.relink()

    def _jump_clock(self) -> None:
        member = self.rng.choice(list(self.world.members.values()))
        member.clock.wall_offset_ms += self.rng.choice((-2_000, -500, 500, 2_000))

    def _end_faults(self) -> None:
        network = self.world.network
        network.sides, network.cut = {}, {}
        for member in self.world.members.values():
            member.clock.wall_offset_ms = max(-250, min(250, member.clock.wall_offset_ms))
            member.undecided_ppm = 0
        for name in self.world.members:
            self._up(name)

    # --- the run ----------------------------------------------------------------------------

    def run(self) -> Outcome:
        """Run the seed to its end and say what came of it."""
        world, violation, recovery_ms = self.world, "", 0
        try:
            world.run(self.fault_us)
            goal = max(world.auditor.chain) + BLOCKS_AFTER_FAULTS
            honest = world.honest()
            carried = world.carried_count
            recovered = world.run(
                self.fault_us + RECOVERY_MAX_US,
                lambda: all(member.store.tip.height >= goal for member in honest),
            )
            recovery_ms = (world.time_us - self.fault_us) // 1000
            for member in honest:
                world.auditor.check_bounds(member)
            if not recovered:
                violation = f"not all reached height {goal}: {self._standing()}"
            else:
                violation = self._busy(carried, goal, recovery_ms)
        except Violation as found:
            violation = str(found)
        except Exception as fault:  # noqa: BLE001 - any exception of the core is a violation
            violation = f"{type(fault).__name__}: {fault}"
        return Outcome(
            seed=self.seed,
            violation=violation,
            height=max(world.auditor.chain),
            events=world.count,
            recovery_ms=recovery_ms,
            digest=world.digest.hexdigest(),
            crashes=self.crashes,
            faulty=len(world.auditor.faulty),
        )

    def _busy(self, carried: int, base: int, recovery_ms: int) -> str:
        """Return how many more messages there were than any honest network needs, or nothing."""
        count = len(self.world.members)
        if self.world.auditor.faulty or recovery_ms < 2_000:
            return ""
        blocks = BLOCKS_AFTER_FAULTS + max(m.store.tip.height for m in self.world.honest()) - base
        pairs = count * count
        most = pairs * (
            MESSAGES_PER_SECOND_MAX * recovery_ms // 1000 + MESSAGES_PER_BLOCK_MAX * blocks
        )
        seen = self.world.carried_count - carried
        if seen <= most:
            return ""
        return f"busy: {seen} messages in {recovery_ms} ms of {count} members"

    def _standing(self) -> str:
        parts = []
        for member in self.world.honest():
            node = member.core.node
            why = member.core.status().not_signing_why
            parts.append(
                f"{member.name[0]}: h{member.store.tip.height} e{node.epoch} v{node.view}"
                f" f{node.final.view} {why}"
            )
        return "; ".join(parts)
