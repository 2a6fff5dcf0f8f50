"""Touch the files of a log: begun, appended to, synced, cut, deleted, and nothing else.

One place, so that a disk which loses pages, fills up or dies between any two calls can stand in
for this one.  A handle is what `begin` or `reopen` returned; nothing here is tried twice.

Source: docs/specs/vote_log_files.md.
"""

import os
from pathlib import Path
from typing import Protocol

from node.consensus.lock import Lock
from node.folder import sync_folder

APPENDING = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
MODE = 0o600
FOLDER_MODE = 0o700


class Hold(Protocol):
    """A folder that is held by this process alone."""

    def release(self) -> None:
        """Let the folder go."""
        ...


class Files:
    """The files of this machine. Everything refuses with OSError."""

    def hold(self, path: Path) -> Hold:
        """Hold a lock file. Refuses: Held, when another process does."""
        return Lock(path)

    def is_folder(self, folder: Path) -> bool:
        """Return whether there is such a folder."""
        return folder.is_dir()

    def make_folder(self, folder: Path) -> None:
        """Make a folder that is not there yet, and those above it."""
        folder.mkdir(parents=True, mode=FOLDER_MODE)

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, ascending."""
        return sorted(path.name for path in folder.iterdir())

    def read(self, path: Path) -> bytes:
        """Return the bytes of a file."""
        return path.read_bytes()

    def begin(self, path: Path) -> int:
        """Return the handle of a new file; its name is durable after `sync_folder`."""
        return os.open(path, APPENDING | os.O_CREAT | os.O_EXCL, MODE)

    def reopen(self, path: Path) -> int:
        """Return a handle that appends to a file."""
        return os.open(path, APPENDING)

    def write(self, handle: int, data: bytes) -> None:
        """Write in one call, or not at all: a second would be a second chance to be torn."""
        written = os.write(handle, data)
        if written != len(data):
            raise OSError(f"only {written} of {len(data)} bytes were written")

    def sync(self, handle: int) -> None:
        """Return once what was written is durable."""
        os.fdatasync(handle)

    def cut(self, handle: int, size_bytes: int) -> None:
        """Cut a file to a size, durably."""
        os.ftruncate(handle, size_bytes)
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Let a handle go."""
        os.close(handle)

    def delete(self, path: Path) -> None:
        """Take a file away; it is gone for good after `sync_folder`."""
        path.unlink()

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        sync_folder(folder)


DISK = Files()
