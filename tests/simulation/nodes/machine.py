"""One machine: its disk and clock, the process of a node on it, and who looks after it.

What runs is `node.assembly.run_rooms`, from the vote log and the rows that the disk holds. When
the process ends by a fault of its disk, its operator does what the fault says, and starts it again.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import trio

from chain.crypto.signing import SigningKey
from chain.machine.application import Application
from chain.machine.genesis import Genesis
from chain.machine.genesis_development import development_seed
from node.assembly import run_rooms
from node.clock import Clock
from node.config import Configuration, Consensus, Node, P2p, Peer, StorageSection
from node.consensus.alarms import Alarms
from node.consensus.recovery import NOTHING, Remembered, remembered
from node.consensus.roll import StateRoll
from node.consensus.vote_log import VoteLog
from node.rooms.opening import Rooms
from node.services import Services
from node.state_store import StateStore
from node.storage.batch import FinalBatch
from node.storage.leveldb import Storage, Tuning
from p2p.identity import peer_id_of_public_key
from p2p.network import Greeter, PeerId
from tests.simulation.member import Name
from tests.simulation.nodes.disk import Database, Disk
from tests.simulation.nodes.loop import Process, Task

if TYPE_CHECKING:
    from tests.simulation.nodes.world import World

SEGMENT_BYTES = 40_000
"""Segments of the vote log are short here, so that they are begun and deleted often."""

DISK_CALLS = ("append", "forget", "make_durable", "_certify")
EXECUTOR_CALLS = ("_judge", "_build")


class SimulatedClock(Clock):
    """A machine's clocks: a monotonic one with a rate, a wall that may be wrong and jump."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.rate_ppm = 1_000_000
        self.wall_offset_ms = 0

    def monotonic_ms(self) -> int:
        return self._world.loop.time_us * self.rate_ppm // 1_000_000_000

    def wall_ms(self) -> int:
        return self._world.start_ms + self._world.loop.time_us // 1_000 + self.wall_offset_ms

    def stopwatch_ns(self) -> int:
        return self._world.loop.time_us * 1_000


class SimulatedStorage(Storage):
    """The chain's rows on a simulated disk; the judge hears of what is durable."""

    def __init__(self, machine: "Machine", path: Path) -> None:
        super().__init__(path, Database(machine.disk), Tuning())
        self._machine = machine
        self._require_own(machine.world.genesis.chain_id)
        self.take_up()

    def commit(self, final: FinalBatch) -> None:
        super().commit(final)
        self._machine.world.judge.stored(self._machine, final)

    def free_bytes(self) -> int:
        return self._machine.disk.free_bytes()


@dataclass
class Pace:
    """How fast a machine is."""

    sync_us: int = 500
    execute_us: int = 2_000
    thread_us: int = 100


class Machine:
    """A node's machine over all the lives of its process."""

    def __init__(self, world: "World", name: Name, seed: int, *, kind: str = "authority") -> None:
        self.world = world
        self.name = name
        self.label = f"auth{name[0]}" + ("'" if name[1] else "")
        self.rng = Random(seed)
        self.disk = Disk(seed)
        self.clock = SimulatedClock(world)
        self.pace = Pace()
        self.kind = kind
        self.key: SigningKey | None = None
        if kind == "authority":
            self.key = SigningKey.from_seed(development_seed(f"auth{name[0]}/consensus"))
        self.identity_seed = sha256(b"identity %d %d" % name).digest()
        identity = SigningKey.from_seed(self.identity_seed)
        self.peer_id: PeerId = peer_id_of_public_key(identity.public_key)
        self.process: Process | None = None
        self.services: Services | None = None
        self.starts_count = 0
        self.doubtful = False
        """Whether its disk lied, so that its promises are no longer to be held to."""

    # --- life -------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether a process runs here."""
        return self.process is not None

    @property
    def height(self) -> int:
        """How high the chain on the disk is, 0 where nothing runs."""
        return self.services.state_store.head.height if self.services else 0

    @property
    def configuration(self) -> Configuration:
        """What this node was told."""
        others = [other for other in self.world.machines.values() if other is not self]
        peers = tuple(
            Peer(
                name=f"auth{other.name[0]}",
                address=f"127.0.0.1:{7000 + other.name[0]}",
                peer_id=other.peer_id,
                authority=other.kind == "authority",
            )
            for other in others
            if other.name[1] == 0
        )
        return Configuration(
            node=Node(name=self.label, kind=self.kind, data_folder=f"/{self.label}"),  # type: ignore[arg-type]
            p2p=P2p(peers=peers),
            consensus=Consensus(**self.world.local_pace),
            mempool=self.world.pool_limits,
            storage=StorageSection(segment_max_bytes=self.world.segment_bytes),
        )

    def install(self) -> None:
        """Make key and vote log together, as `node init` does."""
        if self.key is not None:
            folder = self.configuration.folder.signer
            VoteLog.create(folder, self.world.genesis.chain_id, self.key.public_key, self.disk)

    def start(self) -> None:
        """Begin a process on what the disk holds."""
        assert self.process is None
        self.starts_count += 1
        process = self.process = Process(self.world.loop, self.label)
        process.on_cut = self.power_cut
        process.begin(self._run(), None, self._ended)

    def kill(self) -> None:
        """End the process as SIGKILL does: what was written is there."""
        self._end(cut=False)

    def power_cut(self) -> None:
        """End the process as a power cut does: what was not synced is uncertain."""
        self._end(cut=True)

    def _end(self, *, cut: bool) -> None:
        process, self.process, self.services = self.process, None, None
        if process is None:
            return
        self.world.note(self, "power cut" if cut else "killed")
        process.kill()
        self.world.wires.leave(self.name)
        self.disk.power_back(cut=cut)

    def part_ended(self, task: Task, fault: BaseException | None) -> None:
        """Hear that something beside the process's own tasks has ended."""
        if fault is not None:
            self._ended(task, fault)

    def _ended(self, task: Task, fault: BaseException | None) -> None:
        """The process has ended by itself: its operator looks why."""
        del task
        self.world.note(self, f"ended: {type(fault).__name__}: {fault}")
        self._end(cut=False)
        self.world.ended(self, fault)

    async def _run(self) -> None:
        rooms = self._rooms()
        self.world.judge.started(self, rooms.storage)

        async def join(nursery: trio.Nursery, greeter: Greeter) -> Any:
            del nursery
            return self.world.wires.join(self, self.greets(greeter))

        class Started:
            def started(status, services: Services) -> None:  # noqa: N805 - `self` is the machine
                del status
                self.services = services
                self.world.came_up(self)
                self.came_up()

        await run_rooms(rooms, join=join, task_status=Started())

    # --- what it opens ----------------------------------------------------------------------

    def _rooms(self) -> Rooms:
        world, configuration = self.world, self.configuration
        application: Application = world.application
        genesis: Genesis = world.genesis
        storage = SimulatedStorage(self, configuration.folder.chain)
        state_store = StateStore.recover(storage, application, genesis)
        memory: Remembered = Remembered(None, NOTHING)
        if self.key is not None:
            memory = remembered(
                configuration, genesis.chain_id, self.key.public_key, files=self.disk
            )
        roll = StateRoll(state_store)
        name = roll.name_of(self.key.public_key) if self.key else None
        return Rooms(
            configuration=configuration,
            genesis=genesis,
            application=application,
            storage=storage,
            state_store=state_store,
            clock=self.clock,
            alarms=Alarms(self.clock),
            roll=roll,
            key=self.key,
            log=memory.log,
            contents=memory.contents,
            identity_seed=self.identity_seed,
            own_name=name or self.label,
        )

    # --- what the world asks of it ----------------------------------------------------------

    def call_us(self, name: str) -> int:
        """Return how long a call in a thread takes here."""
        pace = self.pace
        if name in DISK_CALLS:
            return int(self.rng.expovariate(1) * pace.sync_us) + 1
        if name in EXECUTOR_CALLS:
            return int(self.rng.uniform(0.5, 1.5) * pace.execute_us) + 1
        return int(self.rng.uniform(0.5, 1.5) * pace.thread_us) + 1

    def greets(self, honest: Greeter) -> Greeter:
        """Return who makes and judges its hellos: an honest machine's node itself."""
        return honest

    def came_up(self) -> None:
        """Hear that the node serves."""

    def says(self, target: Name, kind: int, payload: bytes) -> None:
        """Send a frame: an honest machine what its node says, and the judge hears it."""
        self.world.judge.said(self, kind, payload)
        wire = self.world.wires.ends.get(self.name)
        if wire is not None:
            wire.put(target, kind, payload)

    def hears(self, source: Name, kind: int, payload: bytes) -> None:
        """Hear a frame before the node does; an honest machine does nothing with it."""

    def answers(self, asker: Name, request: bytes, answer: bytes | Exception) -> list[Any]:
        """Return what the asker is told instead of a node's answer."""
        del asker, request
        return [answer]
