"""A world of whole nodes: machines, wires between them, customers, a judge, and one heap.

Nothing here is random but through the world's own generator, and nothing is ordered by identity or
hash: a seed replays to the same digest in any process.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from random import Random
from typing import Any

from chain.consensus.messages import KINDS
from chain.crypto.signing import SigningKey
from chain.machine.application import Application
from chain.machine.genesis import Genesis, load_genesis
from chain.machine.genesis_development import development_seed, genesis_json
from derivatives.genesis_development import development_genesis
from derivatives.registry import REGISTRY
from node.config import Mempool
from node.faults import NodeFault
from tests.simulation.member import Name
from tests.simulation.nodes.judge import Judge
from tests.simulation.nodes.loop import SECOND_US, Loop, Task
from tests.simulation.nodes.machine import SEGMENT_BYTES, Machine
from tests.simulation.nodes.market import Market
from tests.simulation.nodes.seams import simulated
from tests.simulation.nodes.shared import Executions, Verdicts
from tests.simulation.nodes.traffic import Traffic
from tests.simulation.nodes.wires import Wire, Wires
from tests.simulation.nodes.words import Words

START_MS = 1_700_000_000_000
TRACE_MAX_COUNT = 4_000
KIND_NAMES = {kind.number: message.__name__ for message, kind in KINDS.items()}

MENDED = ("vote_log_unwritable", "storage_unwritable", "storage_unreadable")
"""Faults after which the operator mends the disk and starts the node again."""

RESYNCED = ("storage_damaged", "recovery_refused")
"""Faults after which the operator takes the chain's folder away, as the hint says."""


@cache
def application() -> Application:
    """Return the application that every world runs."""
    return Application(REGISTRY)


@cache
def genesis_of(count: int, min_block_ms: int, target_block_ms: int) -> Genesis:
    """Return the genesis of so many authorities at this pace."""
    told = development_genesis(
        count, START_MS, lists=False, min_block_ms=min_block_ms, target_block_ms=target_block_ms
    )
    return load_genesis(application(), genesis_json(told))


class World:
    """One simulated run of whole nodes."""

    start_ms = START_MS

    def __init__(
        self, seed: int, count: int, *, min_block_ms: int = 100, target_block_ms: int = 500
    ) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.loop = Loop(Random(seed + 2))
        self.words = Words(self.loop, self._call_us)
        self.application = application()
        self.genesis = genesis_of(count, min_block_ms, target_block_ms)
        self.local_pace: dict[str, int] = {}
        self.machines: dict[Name, Machine] = {}
        self.wires = Wires(self)
        self.verdicts = Verdicts()
        self.judge = Judge(self)
        self.traffic = Traffic(self)
        self.market = Market(self)
        self.digest = blake2b(digest_size=16)
        self.trace: deque[tuple[int, str, str]] = deque(maxlen=TRACE_MAX_COUNT)
        self.hurried = False
        """Whether nodes do often what they do rarely."""
        self.executes_everywhere = True
        """Whether each node executes each block, or takes what another found."""
        self.pool_limits = Mempool()
        self.segment_bytes = SEGMENT_BYTES
        self.repairs_allowed = False
        """Whether processes may end by faults of their disks."""
        self.crashes_count = 0
        keys = {
            SigningKey.from_seed(development_seed(f"auth{number}/consensus")).public_key: number
            for number in range(count)
        }
        self._numbers = keys
        self.judge.keys = tuple(sorted(keys))

    def number_of(self, key: bytes) -> int:
        """Return the number of the authority with this consensus key."""
        return self._numbers[key]

    def add(self, machine: Machine) -> Machine:
        """Add a machine, its key and log made, not started yet."""
        self.machines[machine.name] = machine
        return machine

    @contextmanager
    def running(self) -> Iterator["World"]:
        """Let things happen in here, and end every process at the end."""
        executions = None if self.executes_everywhere else Executions()
        with simulated(self.words, self._told, self.verdicts, executions, hurried=self.hurried):
            try:
                for machine in self.machines.values():
                    machine.install()
                self.wires.begin()
                yield self
            finally:
                for machine in self.machines.values():
                    machine.kill()

    def run(self, until_us: int, done: Callable[[], bool] | None = None) -> bool:
        """Let things happen up to a time, until something holds, or is violated."""
        violations = self.judge.violations
        held = self.loop.run(until_us, lambda: bool(violations) or (done is not None and done()))
        return held and not violations

    def after(self, delay_us: int, act: Callable[..., None], *given: Any) -> None:
        """Have something happen later."""
        self.loop.after(delay_us, act, *given)

    def honest(self) -> list[Machine]:
        """Return the machines that the judge holds to their word."""
        return [m for m in self.machines.values() if m.name[0] not in self.judge.faulty]

    # --- what machines tell -----------------------------------------------------------------

    def note(self, machine: Machine | None, what: str) -> None:
        """Add a line to the trace."""
        label = machine.label if machine else "world"
        self.trace.append((self.loop.time_us, label, what))

    def arrived(self, source: Machine, end: Wire, kind: int, payload: bytes) -> None:
        """A frame reaches a machine."""
        target = end.machine
        self.digest.update(
            b"%d %d %d %d %d"
            % (self.loop.time_us, source.name[0], target.name[0], kind, len(payload))
        )
        target.hears(source.name, kind, payload)
        end.arrive(source.peer_id, kind, payload)

    def came_up(self, machine: Machine) -> None:
        """A node serves."""
        self.note(machine, f"up at height {machine.height}, start {machine.starts_count}")

    def ended(self, machine: Machine, fault: BaseException | None) -> None:
        """A process ended by itself: what its operator does depends on what it said."""
        slug = fault.slug if isinstance(fault, NodeFault) else ""
        known = slug in (*MENDED, *RESYNCED)
        self.judge.demand(
            known and self.repairs_allowed,
            f"{machine.label} ended: {type(fault).__name__}: {fault}",
        )
        if not known:
            return
        machine.disk.fails = machine.disk.full = False
        if slug in RESYNCED:
            machine.disk.wipe_rows()
            self.judge.wiped(machine)
        self.loop.after(SECOND_US, self._start_again, machine)

    def _start_again(self, machine: Machine) -> None:
        if not machine.alive:
            machine.start()

    def _told(self, level: str, line: dict[str, Any]) -> None:
        task = self.loop.running
        label = task.process.name if task is not None else "world"
        event = line.pop("event", "")
        facts = " ".join(f"{name}={_short(value)}" for name, value in line.items())
        self.trace.append((self.loop.time_us, label, f"{level}: {event} {facts}"))

    def _call_us(self, task: Task, call: Callable[..., Any]) -> int:
        name = getattr(call, "__name__", "")
        for machine in self.machines.values():
            if machine.process is task.process:
                return machine.call_us(name)
        return 1

    # --- what people read -------------------------------------------------------------------

    def story(self, last_count: int = 200) -> str:
        """Return the end of the trace, a line an event."""
        lines = list(self.trace)[-last_count:]
        return "\n".join(f"{us / SECOND_US:10.4f}  {label:8} {what}" for us, label, what in lines)

    def standing(self) -> str:
        """Return where every machine stands."""
        parts = []
        for machine in self.machines.values():
            if machine.services is None:
                parts.append(f"{machine.label}: down")
                continue
            stands = machine.services.consensus.standing()
            why = f" ({stands.not_signing_why})" if stands.not_signing_why else ""
            parts.append(f"{machine.label}: h{stands.height} v{stands.view}{why}")
        return "; ".join(parts)


def _short(value: object) -> str:
    return value.hex()[:8] if isinstance(value, bytes) else str(value)[:120]
