"""End this node after a block that an operator named: nothing more is signed, then it ends.

For a change of the program at a height.  What one certificate makes final together becomes
durable together, so the last block may be a little above the one named; never below it.

Source: docs/specs/node.md, NODE-064 to NODE-066.
"""

import trio

from node.consensus.driver import Driver
from node.telemetry.logs import log_of

LINGER_S = 2.0
"""How long a halted node goes on serving: its peers still take its certificates."""


class Halt:
    """At which height this node ends, if at all."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._due = trio.Event()
        self._log = log_of("run")
        self.height: int | None = None

    def order(self, height: int | None) -> None:
        """End after this height, or, with None, do not unless that has begun."""
        if self._due.is_set():
            return
        self.height = height
        self._log.info("halt ordered", height=height)

    def committed(self, height: int) -> None:
        """Note that this height is durable; at the one named, sign nothing more."""
        if self.height is None or height < self.height or self._due.is_set():
            return
        self._driver.hold_signing(f"halted at block {height}, as ordered")
        self._due.set()

    async def wait(self) -> None:
        """Return when it is time to end."""
        await self._due.wait()
        self._log.info("halted as ordered", height=self.height)
        await trio.sleep(LINGER_S)
