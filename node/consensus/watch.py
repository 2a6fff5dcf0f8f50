"""Look after what votes depend on beside consensus: room on the disk.

Below the floor this node stops voting and goes on serving: a vote that cannot be logged must
not be sent, and a log that cannot grow is found out too late.
"""

from typing import Any, Protocol

import trio

from node.consensus.alarms import Alarms
from node.consensus.driver import Driver
from node.telemetry.metrics import STORAGE_FREE_BYTES

LOOK_EVERY_S = 2.0


class Disk(Protocol):
    """Where the chain and the vote log are."""

    def free_bytes(self) -> int:
        """Return how much can still be written."""
        ...


class DiskWatch:
    """Holds votes back while too little of the disk is free."""

    def __init__(
        self,
        disk: Disk,
        floor_bytes: int,
        driver: Driver,
        alarms: Alarms,
    ) -> None:
        self._disk = disk
        self._floor_bytes = floor_bytes
        self._driver = driver
        self._alarms = alarms
        self.why = ""
        """Why votes are held back; empty when they are not."""

    def look(self) -> None:
        """Look at the disk once, and tell the core when the answer has changed."""
        free_bytes = self._disk.free_bytes()
        STORAGE_FREE_BYTES.set(free_bytes)
        why = ""
        if free_bytes < self._floor_bytes:
            why = f"{free_bytes} bytes are free where {self._floor_bytes} are needed"
            self._alarms.sound("disk_low", free_bytes=free_bytes, floor_bytes=self._floor_bytes)
        if bool(why) != bool(self.why):
            self._driver.hold_signing(why)
        self.why = why

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Look until cancelled; the first look comes before anything may be signed."""
        self.look()
        task_status.started()
        while True:
            await trio.sleep(LOOK_EVERY_S)
            self.look()
