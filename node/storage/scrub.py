"""Check the whole folder once a day: disks forget quietly.

A start reads every row and checks the root, so the first look comes a day later.  Each look
hashes every bucket anew in a thread, on one moment of the folder, and holds the node's votes
back when one differs: what it serves and signs is in memory and was right, but it would not
survive a restart.

Source: docs/specs/storage.md, STORE-023, STORE-024.
"""

from collections.abc import Callable
from typing import Any

import trio

from node.storage.fault import StorageFault
from node.storage.leveldb import Storage

EVERY_S = 24 * 60 * 60.0
NAMED_MAX_COUNT = 16
"""Buckets named in a sentence; of more, the number is told."""


class Scrub:
    """Hashes the stored state anew, day by day."""

    def __init__(self, storage: Storage, damaged: Callable[[str], None]) -> None:
        """`damaged` is told once what is wrong; whoever is told stops voting."""
        self._storage = storage
        self._damaged = damaged

    def look(self) -> str:
        """Return what is wrong with the folder now, or nothing. Scans everything."""
        try:
            wrong = list(self._storage.damaged_buckets())
        except StorageFault as fault:
            return fault.happened
        if not wrong:
            return ""
        named = ", ".join(map(str, wrong[:NAMED_MAX_COUNT]))
        return f"{len(wrong)} buckets of the stored state are damaged: {named}"

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Look every day until something is wrong, then tell it and end."""
        task_status.started()
        wrong = ""
        while not wrong:
            await trio.sleep(EVERY_S)
            wrong = await trio.to_thread.run_sync(self.look)
        self._damaged(wrong)
