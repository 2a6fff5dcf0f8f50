"""What this process holds: memory, open files, threads, objects of Python."""

import gc
import os
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Held:
    """How much of each."""

    memory_kib: int
    file_count: int
    thread_count: int
    object_count: int

    def beyond(self, before: "Held") -> "Held":
        """Return how much more it is than before."""
        return Held(
            self.memory_kib - before.memory_kib,
            self.file_count - before.file_count,
            self.thread_count - before.thread_count,
            self.object_count - before.object_count,
        )

    def must_be_no_leak(self) -> None:
        """Hold a growth to no file and no thread."""
        assert self.file_count <= 0, f"{self.file_count} more files are open"
        assert self.thread_count <= 0, f"{self.thread_count} more threads run"

    def __str__(self) -> str:
        """Return what a growth of memory comes to."""
        return f"{self.memory_kib} KiB and {self.object_count} objects"


def held() -> Held:
    """Return what is held once everything unreachable is gone."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Held(
        memory_kib=pages * os.sysconf("SC_PAGE_SIZE") // 1024,
        file_count=len(list(Path("/proc/self/fd").iterdir())),
        thread_count=threading.active_count(),
        object_count=len(gc.get_objects()),
    )
