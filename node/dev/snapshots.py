"""Go back to how a development chain was: state, vote log, clock and set prices together.

Only on a chain of one authority, where nobody has seen what is forgotten.

Source: docs/specs/dev.md, DEV-004 to DEV-006.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chain.consensus.core import Simplex
from chain.consensus.log import Contents
from node.clock import VirtualClock
from node.consensus.driver import Driver
from node.consensus.vote_log import Mark, VoteLog
from node.dev.fault import DevFault
from node.executor import Executor
from node.finality import Finality
from node.mempool.pool import Mempool
from node.reports.room import Reports
from node.state_store import StateStore

SNAPSHOTS_MAX_COUNT = 256


@dataclass(frozen=True)
class Snapshot:
    """How far everything had come."""

    height: int
    block_id: bytes
    mark: Mark
    wall_ms: int
    set_prices_e8: Mapping[str, int]


class Snapshots:
    """The snapshots of one run of a development chain; a restart forgets them."""

    def __init__(
        self,
        *,
        state_store: StateStore,
        log: VoteLog,
        clock: VirtualClock,
        driver: Driver,
        executor: Executor,
        mempool: Mempool,
        finality: Finality,
        reports: Reports,
        core_from: Callable[[Contents], Simplex],
    ) -> None:
        self._state_store = state_store
        self._log = log
        self._clock = clock
        self._driver = driver
        self._executor = executor
        self._mempool = mempool
        self._finality = finality
        self._reports = reports
        self._core_from = core_from
        self._kept: dict[str, Snapshot] = {}
        self._taken_count = 0

    async def take(self) -> str:
        """Keep how far everything has come, and return the name to go back to."""
        await self._driver.rest()
        head = self._state_store.head
        self._taken_count += 1
        name = f"snapshot-{self._taken_count}"
        self._kept[name] = Snapshot(
            head.height,
            head.block_id,
            self._log.mark(),
            self._clock.wall_ms(),
            dict(self._reports.set_prices_e8),
        )
        while len(self._kept) > SNAPSHOTS_MAX_COUNT:
            del self._kept[next(iter(self._kept))]
        return name

    async def go_back(self, name: str) -> int:
        """Make everything as it was, and return the height. Later snapshots are forgotten.

        Refuses: snapshot_unknown; HeightPruned, beyond 1,000 blocks.
        """
        snapshot = self._kept.get(name)
        if snapshot is None:
            known = ", ".join(self._kept) or "none"
            raise DevFault(
                "snapshot_unknown",
                f"There is no snapshot {name}; there is {known}.",
                hint="Snapshots last as long as the process.",
                snapshot=name,
            )
        await self._driver.rest()
        self._state_store.go_back(snapshot.height)
        self._log.go_back(snapshot.mark)
        self._clock.restore(snapshot.wall_ms)
        self._reports.set_prices_e8 = dict(snapshot.set_prices_e8)
        self._executor.forget()
        self._mempool.clear()
        # What was signed up to the kept block is never signed again; nothing was above it.
        floor = snapshot.mark.highest
        self._driver.begin_anew(self._core_from(Contents(floor, floor, 0, (), "")))
        self._finality.revert(self._state_store.head)
        names = list(self._kept)
        for later in names[names.index(name) + 1 :]:
            del self._kept[later]
        return snapshot.height
