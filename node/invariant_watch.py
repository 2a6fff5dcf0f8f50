"""Look, every so many blocks, whether what must always hold does. It only reads.

A breach stops this node's votes: a quorum of nodes that see it stops the chain before the next
block builds on a wrong number.
"""

from typing import Any

import trio

from chain.arithmetic import divide_down
from node.consensus.alarms import Alarms
from node.consensus.driver import Driver
from node.executor import Executor
from node.finality import Finality
from node.telemetry.logs import log_of

EVERY_BLOCKS = 500


class InvariantWatch:
    """Audits a copy of the final state in a thread, beside whatever is executed."""

    def __init__(
        self,
        *,
        executor: Executor,
        finality: Finality,
        driver: Driver,
        alarms: Alarms,
        place: int = 0,
        place_count: int = 1,
        every_blocks: int = EVERY_BLOCKS,
    ) -> None:
        """Audit at heights of our own: `place` of `place_count` authorities.

        An audit takes processor time from the node, so no two should hold theirs at once.
        """
        self._executor = executor
        self._finality = finality
        self._driver = driver
        self._alarms = alarms
        self._every_blocks = every_blocks
        self._phase_blocks = divide_down(every_blocks * place, place_count)
        self._log = log_of("audit")

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Audit until cancelled, first of all the state that was found on disk.

        That one has the root that a quorum certified, so votes do not wait for it.
        """
        task_status.started()
        while True:
            height = self._finality.head.height
            breaches = await self._executor.audit()
            for breach in breaches:
                self._alarms.sound(
                    "invariant_broken",
                    module=breach.module,
                    invariant=breach.invariant,
                    what=breach.what,
                )
            if breaches:
                why = f"{breaches[0].module}.{breaches[0].invariant} does not hold"
                self._driver.hold_signing(why)
                return
            self._log.debug("state audited", height=height)
            await self._finality.wait_head_above(self._next_height(height) - 1)

    def _next_height(self, height: int) -> int:
        """Return the first height above this one that is ours to audit at."""
        past_blocks = (height - self._phase_blocks) % self._every_blocks
        return height + self._every_blocks - past_blocks
