"""Blocks of a chain whose time is virtual: at once for what waits, and as many as asked for.

The clock moves by one block's time and the core, which knows nothing of this, finds its next
block due. One block at a time: what a moved clock made due is final before it moves again.

Source: docs/specs/dev.md, DEV-001 to DEV-003.
"""

from collections.abc import Callable
from typing import Any

import trio

from node.clock import VirtualClock
from node.consensus.driver import Driver
from node.finality import Finality


class Pacing:
    """Moves a virtual clock whenever a block is wanted."""

    def __init__(
        self,
        *,
        clock: VirtualClock,
        driver: Driver,
        finality: Finality,
        something_waits: Callable[[], bool],
        manual: bool,
    ) -> None:
        self._clock = clock
        self._driver = driver
        self._finality = finality
        self._something_waits = something_waits
        self._manual = manual
        self._wanted_height = 0
        self._woken = trio.Event()
        self.standstill = trio.Lock()
        """Held while a block is made, and by whoever needs that none is."""

    def wake(self) -> None:
        """Look again whether a block is wanted."""
        self._woken.set()

    async def mine(self, block_count: int) -> int:
        """Finalise this many blocks and return the new height."""
        start_height = max(self._finality.head.height, self._wanted_height)
        self._wanted_height = start_height + block_count
        self.wake()
        head = await self._finality.wait_head_above(self._wanted_height - 1)
        return head.height

    def advance(self, by_ms: int) -> int:
        """Move the clock and return its time; the next block has it."""
        return self._clock.advance(by_ms)

    def blocks_within(self, span_ms: int) -> int:
        """Return how many blocks pass in a span of virtual time, at least one."""
        return max(1, span_ms // self._clock.block_ms)

    def forget(self) -> None:
        """Want no block any more, on a chain that went back to a snapshot."""
        self._wanted_height = 0

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Make wanted blocks until cancelled."""
        task_status.started()
        while True:
            while not self._is_wanted():
                self._woken = trio.Event()
                await self._woken.wait()
            async with self.standstill:
                height = self._finality.head.height
                self._clock.step()
                self._driver.look_at_clock(waiting=True)
                await self._finality.wait_head_above(height)

    def _is_wanted(self) -> bool:
        if self._finality.head.height < self._wanted_height:
            return True
        return not self._manual and self._something_waits()
