"""Hold a signer's folder for one process: two that sign with one key are a double signer.

The lock is the kernel's, on `signer/lock` beside the key: it ends with the process, however that
ends, and a file left behind means nothing.  The number inside is for people.

Source: docs/specs/vote_log_files.md, LOG-043.
"""

import fcntl
import os
from pathlib import Path


class Held(Exception):
    """Another process, or another part of this one, holds the folder."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class Lock:
    """An exclusive lock, held from construction to `release`. Refuses: Held, OSError."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            holder = os.pread(self._handle, 32, 0).decode("ascii", "replace").strip()
            os.close(self._handle)
            if isinstance(fault, BlockingIOError):
                raise Held(holder) from fault
            raise
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the folder go."""
        os.close(self._handle)
