"""What one seed chooses for whole nodes: sizes, speeds, faults. Faults end; then blocks must flow.

Everything comes from the seed alone, so a seed names a run for ever.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from node.config import Mempool
from tests.simulation.member import Name
from tests.simulation.nodes.liars import FOLLOWERS_SINS, SINS
from tests.simulation.nodes.liars.liar import Liar
from tests.simulation.nodes.loop import SECOND_US
from tests.simulation.nodes.machine import Machine, Pace
from tests.simulation.nodes.world import World

BLOCKS_AFTER_FAULTS = 3
"""Every honest machine gains this many blocks once faults have ended."""

EXECUTED_EVERYWHERE_EVERY = 4
"""Of so many seeds in a row, one has each block executed by each node."""

RECOVERY_MAX_US = 60 * SECOND_US
SERVICE_MAX_US = 30 * SECOND_US
STEPS_PER_SECOND_MAX = 20_000
"""Steps of tasks of one machine in a second without faults: more is a busy loop."""


@dataclass
class Happened:
    """How much of what happened in a run."""

    kills: int = 0
    power_cuts: int = 0
    cluster_cuts: int = 0
    splits: int = 0
    cuts: int = 0
    clock_jumps: int = 0
    disk_faults: int = 0
    disk_lies: int = 0
    wipes: int = 0
    liars: int = 0
    twins: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of a seed."""

    seed: int
    violation: str
    """Empty when everything held."""
    height: int
    transactions: int
    virtual_us: int
    recovery_ms: int
    digest: str
    happened: Happened
    story: str = field(default="", repr=False)


class Plan:
    """Builds the world of a seed, schedules its faults, runs it, and judges liveness."""

    def __init__(self, seed: int, long_s: int = 0) -> None:
        """Choose everything by the seed; faults last `long_s` seconds where that is given."""
        self.seed = seed
        self.rng = rng = Random(seed)
        self.harsh = rng.random() < 0.4
        self.count = rng.choice((4, 4, 4, 4, 4, 5, 7, 7, 10, 1))
        self.fault_max = (self.count - 1) // 3
        self.fault_us = (long_s or rng.randint(5, 14)) * SECOND_US
        self.happened = Happened()
        self.world = World(
            seed,
            self.count,
            min_block_ms=rng.choice((50, 100)),
            target_block_ms=rng.choice((300, 500, 1_000)),
        )
        self.world.repairs_allowed = True
        self.world.executes_everywhere = seed % EXECUTED_EVERYWHERE_EVERY == 0
        self.world.hurried = rng.random() < 0.5
        self.world.segment_bytes = rng.choice((1_000, 8_000, 40_000))
        if rng.random() < 0.3:
            self.world.pool_limits = Mempool(
                transactions_max_count=rng.choice((8, 40)),
                pending_per_signer_max_count=rng.choice((2, 8)),
                future_per_lane_max_count=2,
                parked_max_ms=2_000,
            )
        self.backups: dict[Name, tuple[Any, ...]] = {}
        self._network()
        self._people()
        self._schedule()

    # --- what the world is like -------------------------------------------------------------

    def _network(self) -> None:
        rng, faults, harsh = self.rng, self.world.wires.faults, self.harsh
        faults.faults_end_us = self.fault_us
        faults.delay_us = rng.choice((1_000, 10_000, 30_000, 80_000))
        faults.shortest_ppm = rng.choice((200_000, 800_000))
        faults.drop_ppm = rng.choice((20_000, 100_000, 250_000) if harsh else (0, 20_000))
        faults.tail_ppm = rng.choice((20_000, 100_000, 300_000) if harsh else (0, 20_000))
        faults.tail_us = 600_000
        faults.duplicate_ppm = rng.choice((0, 100_000, 300_000) if harsh else (0, 50_000))
        if rng.random() < 0.3:
            self.world.local_pace = {
                "view_timeout_ms": 600,
                "retry_every_ms": 500,
                "retry_spread_ms": 100,
            }

    def _people(self) -> None:
        rng, world = self.rng, self.world
        picked = rng.sample(range(self.count), rng.choice((0, self.fault_max, self.fault_max)))
        lying_count = rng.randint(0, len(picked))
        self.liable = picked[lying_count:]
        """Authorities whose disks may lie."""
        world.judge.faulty = dict.fromkeys(sorted(picked[:lying_count]))
        for number in range(self.count):
            if number in world.judge.faulty:
                self._liar(number)
            else:
                world.add(Machine(world, (number, 0), rng.getrandbits(32)))
        for number in range(self.count, self.count + rng.choice((0, 0, 1, 2))):
            self._follower(number)
        for machine in world.machines.values():
            machine.clock.rate_ppm = rng.choice((950_000, 1_000_000, 1_000_000, 1_050_000))
            machine.clock.wall_offset_ms = rng.choice((0, 0, 0, -200, 150, 250))
            machine.pace = Pace(
                sync_us=rng.choice((200, 2_000, 20_000, 100_000) if self.harsh else (200, 2_000)),
                execute_us=rng.choice((500, 2_000, 20_000, 150_000)),
            )
            if machine.kind == "follower":
                # Nobody waits for it: where it is slower than blocks come it never catches up.
                pace_us = world.genesis.parameters.min_block_ms * 1_000
                machine.pace.execute_us = min(machine.pace.execute_us, pace_us // 2)
            world.loop.at(rng.randrange(300_000), self._up, machine.name)

    def _liar(self, number: int) -> None:
        rng, world = self.rng, self.world
        self.happened.liars += 1
        if rng.random() < 0.2:
            self.happened.twins += 1
            for twin in (0, 1):
                world.add(Liar(world, (number, twin), rng.getrandbits(32), []))
            return
        names = rng.sample(sorted(SINS), rng.randint(1, 3))
        sins = [SINS[name]() for name in names]
        world.add(Liar(world, (number, 0), rng.getrandbits(32), sins))

    def _follower(self, number: int) -> None:
        rng, world, name = self.rng, self.world, (number, 0)
        if rng.random() < 0.5:
            world.add(Machine(world, name, rng.getrandbits(32), kind="follower"))
            return
        self.happened.liars += 1
        world.judge.faulty[number] = None
        sins = [SINS[sin]() for sin in rng.sample(FOLLOWERS_SINS, rng.randint(1, 3))]
        world.add(Liar(world, name, rng.getrandbits(32), sins, kind="follower"))

    # --- faults -----------------------------------------------------------------------------

    def _schedule(self) -> None:
        rng, loop = self.rng, self.world.loop
        time_us = 500_000
        mean_us = 700_000 if self.harsh else 1_500_000
        kinds = [self._split, self._cut, self._jump_clock, self._kill, self._power_cut]
        kinds += [self._cut_inside, self._cut_inside, self._cluster_cut, self._wipe]
        kinds += [self._break_disk, self._fill_disk]
        if self.liable:
            kinds += [self._disk_lies, self._disk_lies]
        while True:
            time_us += int(rng.expovariate(1) * mean_us)
            if time_us >= self.fault_us:
                break
            loop.at(time_us, rng.choice(kinds))
        loop.at(self.fault_us, self._end_faults)

    def _machine(self) -> Machine:
        return self.rng.choice(list(self.world.machines.values()))

    def _up(self, name: Name) -> None:
        machine = self.world.machines[name]
        if not machine.alive:
            machine.start()

    def _up_soon(self, machine: Machine) -> None:
        delay_us = self.rng.randint(20_000, 3_000_000)
        self.world.loop.after(delay_us, self._up, machine.name)

    def _kill(self) -> None:
        machine = self._machine()
        if machine.alive:
            self.happened.kills += 1
            machine.kill()
            self._up_soon(machine)

    def _power_cut(self) -> None:
        machine = self._machine()
        if machine.alive:
            self.happened.power_cuts += 1
            machine.power_cut()
            self._up_soon(machine)

    def _cut_inside(self) -> None:
        """The power goes inside one of the next calls to the disk."""
        machine = self._machine()
        if machine.alive:
            self.happened.power_cuts += 1
            machine.disk.cut_at_count = machine.disk.calls_count + self.rng.randint(1, 12)
            self._up_soon(machine)
            self.world.loop.after(3_000_000, self._up, machine.name)

    def _cluster_cut(self) -> None:
        """The power of everybody goes, inside a call or between."""
        self.happened.cluster_cuts += 1
        for machine in self.world.machines.values():
            if not machine.alive:
                continue
            if self.rng.random() < 0.5:
                machine.disk.cut_at_count = machine.disk.calls_count + 1
                self.world.loop.after(40_000, machine.power_cut)
            else:
                machine.power_cut()
            self.world.loop.after(
                40_000 + self.rng.randint(20_000, 1_500_000), self._up, machine.name
            )

    def _wipe(self) -> None:
        """The chain's folder is lost; key and vote log are not. Somebody honest has the chain."""
        machine = self._machine()
        if machine.alive and self._is_elsewhere(machine):
            self.happened.wipes += 1
            machine.kill()
            machine.disk.wipe_rows()
            self.world.judge.wiped(machine)
            self._up_soon(machine)

    def _is_elsewhere(self, machine: Machine) -> bool:
        """Return whether all that is final on a machine is also on one that tells the truth."""
        heights = self.world.judge.heights
        return any(
            heights.get(other.name, 0) >= heights.get(machine.name, 0)
            for other in self.world.honest()
            if other is not machine and not other.doubtful
        )

    def _break_disk(self) -> None:
        self.happened.disk_faults += 1
        self._machine().disk.fails = True

    def _fill_disk(self) -> None:
        self.happened.disk_faults += 1
        disk = self._machine().disk
        disk.full = True
        self.world.loop.after(self.rng.randint(200_000, 4_000_000), setattr, disk, "full", False)

    def _disk_lies(self) -> None:
        """Bits flip, or an old copy of everything is put back: what was promised is forgotten."""
        name = (self.rng.choice(self.liable), 0)
        machine = self.world.machines[name]
        dice = self.rng.random()
        if dice < 0.3:
            if not machine.doubtful:
                self.backups.setdefault(name, machine.disk.backup())
            return
        self.happened.disk_lies += 1
        machine.doubtful = True
        machine.kill()
        if dice < 0.5:
            machine.disk.flip_log_bit()
        elif dice < 0.7:
            machine.disk.flip_row_bit()
        elif name in self.backups:
            machine.disk.restore(self.backups[name])
        self.world.judge.wiped(machine)
        self._up_soon(machine)

    def _split(self) -> None:
        """Two parts; sometimes a few machines that both parts still reach."""
        rng, world = self.rng, self.world
        self.happened.splits += 1
        hubs = rng.random() < 0.3
        world.wires.faults.sides = {
            name: 9 if hubs and rng.random() < 0.2 else rng.choice((0, 1))
            for name in world.machines
        }
        world.loop.after(rng.randint(500_000, 6_000_000), self._heal)

    def _cut(self) -> None:
        """A third of all directed links carry nothing: one-way, and not transitive."""
        rng, names = self.rng, list(self.world.machines)
        self.happened.cuts += 1
        self.world.wires.faults.cut = {
            (one, other): None for one in names for other in names if rng.random() < 0.35
        }
        self.world.loop.after(rng.randint(500_000, 6_000_000), self._heal)

    def _heal(self) -> None:
        faults = self.world.wires.faults
        had = bool(faults.sides or faults.cut)
        faults.sides, faults.cut = {}, {}
        if had and self.rng.random() < 0.5:
            self.world.wires.cut_all()

    def _jump_clock(self) -> None:
        self.happened.clock_jumps += 1
        self._machine().clock.wall_offset_ms += self.rng.choice((-2_000, -500, 500, 2_000))

    def _end_faults(self) -> None:
        world = self.world
        world.note(None, "faults end")
        world.wires.faults.sides, world.wires.faults.cut = {}, {}
        for machine in world.machines.values():
            machine.clock.wall_offset_ms = max(-250, min(250, machine.clock.wall_offset_ms))
            machine.disk.cut_at_count = None
            machine.disk.fails = machine.disk.full = False
            if self._waits_for_its_keeper(machine):
                machine.kill()
            self._up(machine.name)

    def _waits_for_its_keeper(self, machine: Machine) -> bool:
        """Return whether it follows and signs nothing since its disk failed: start it again."""
        if machine.services is None or machine.doubtful:
            return False
        return bool(machine.services.consensus.standing().not_signing_why)

    # --- the run ----------------------------------------------------------------------------

    def run(self, *, with_story: bool = False) -> Outcome:
        """Run the seed to its end and say what came of it."""
        world = self.world
        recovery_ms = 0
        with world.running():
            world.traffic.begin(self.rng.choice((0, 2, 10, 20)))
            if self.rng.random() < 0.5:
                world.traffic.trades = True
                world.market.begin()
            world.run(self.fault_us)
            if not world.judge.violations:
                recovery_ms = self._recover()
            standing = world.standing()
        violation = world.judge.violations[0] if world.judge.violations else ""
        return Outcome(
            seed=self.seed,
            violation=violation,
            height=world.judge.height,
            transactions=len(world.judge.final_transactions),
            virtual_us=world.loop.time_us,
            recovery_ms=recovery_ms,
            digest=world.digest.hexdigest(),
            happened=self.happened,
            story=f"{world.story()}\n{standing}" if violation or with_story else "",
        )

    def _recover(self) -> int:
        """Demand that everybody honest gains blocks, and that the books agree; return how long."""
        world, judge = self.world, self.world.judge
        goal, steps_count = judge.height + BLOCKS_AFTER_FAULTS, world.loop.steps_count
        honest = world.honest()
        reached = world.run(
            self.fault_us + RECOVERY_MAX_US,
            lambda: all(machine.height >= goal for machine in honest),
        )
        took_us = world.loop.time_us - self.fault_us
        self._demand_service()
        judge.demand(
            reached or bool(judge.violations), f"not all reached {goal}: {world.standing()}"
        )
        steps_max = STEPS_PER_SECOND_MAX * len(world.machines) * (took_us // SECOND_US + 3)
        steps_count = world.loop.steps_count - steps_count
        judge.demand(steps_count <= steps_max, f"busy: {steps_count} steps in {took_us} us")
        for machine in honest:
            if machine.services is not None:
                judge.look_at_books(machine)
        return took_us // 1_000

    def _demand_service(self) -> None:
        """Whoever hands something to an honest node sees it final."""
        world, judge = self.world, self.world.judge
        if judge.violations or world.pool_limits != Mempool():
            return  # a pool that is full of others owes nobody anything
        ids = world.traffic.hand_in_everywhere()
        served = world.run(
            world.loop.time_us + SERVICE_MAX_US,
            lambda: all(one in judge.final_transactions for one in ids),
        )
        judge.demand(served or bool(judge.violations), f"not all are served: {world.standing()}")
