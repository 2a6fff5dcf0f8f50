"""A machine's disk: bytes that may be lost until they are synced, and a moment at which power goes.

The vote log is bytes in files, under the calls of `node.storage.files`. The chain's rows are under
the calls of plyvel: a batch is there whole or not at all, as LevelDB's own log makes it. What a
torn LevelDB comes to is told by tests of real folders (`tests/node/storage/test_mending.py`).
"""

import errno
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Self

import plyvel
from sortedcontainers import SortedDict

from node.consensus.lock import Held
from node.storage.files import Files, Hold
from tests.simulation.nodes.loop import PowerCut

PAGE_BYTES = 512
"""What a disk writes whole: any of the pages that are not synced may be lost, in any order."""

PLENTY_BYTES = 100 * 1024**3


@dataclass
class _File:
    data: bytearray = field(default_factory=bytearray)
    synced_bytes: int = 0
    """How much of it no power cut takes."""


class Disk(Files):
    """Files and rows of one machine, over all the lives of its process."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.rows: SortedDict[bytes, bytes] = SortedDict()
        self.bad_rows: dict[bytes, None] = {}
        """Rows whose bits have flipped: their checksum says so."""
        self.calls_count = 0
        self.cut_at_count: int | None = None
        """The power goes inside this call."""
        self.fails = False
        """Syncs fail, as those of a dying disk do."""
        self.full = False
        self._names: dict[Path, _File] = {}
        self._lasting: dict[Path, _File] = {}
        self._folders: dict[Path, None] = {}
        self._handles: dict[int, _File] = {}
        self._held = False

    # --- what happens to it -----------------------------------------------------------------

    def power_back(self, *, cut: bool) -> None:
        """Be what the next process finds: after a power cut, what was not synced is uncertain."""
        self._handles.clear()
        self._held = False
        self.cut_at_count = None
        if not cut:
            return
        for path in sorted({*self._names, *self._lasting}):
            before, now = self._lasting.get(path), self._names.get(path)
            kept = now if before is now or self.rng.random() < 0.5 else before
            if kept is None:
                self._names.pop(path, None)
            else:
                self._names[path] = kept
                self._tear(kept)
        self._lasting = dict(self._names)

    def _tear(self, file: _File) -> None:
        """Lose any of the pages that were not synced, and perhaps the end."""
        risky = bytearray(file.data[file.synced_bytes :])
        if not risky:
            return
        for start in range(0, len(risky), PAGE_BYTES):
            if self.rng.random() < 0.5:
                page = risky[start : start + PAGE_BYTES]
                risky[start : start + PAGE_BYTES] = bytes(len(page))
        if self.rng.random() < 0.5:
            del risky[self.rng.randrange(len(risky) + 1) :]
        file.data[file.synced_bytes :] = risky
        file.synced_bytes = len(file.data)

    def wipe_rows(self) -> None:
        """Take the chain's folder away; key and vote log stay."""
        self.rows, self.bad_rows = SortedDict(), {}

    def flip_log_bit(self) -> bool:
        """Flip one bit of the vote log; return whether there is one."""
        files = [file for _, file in sorted(self._names.items()) if file.data]
        if not files:
            return False
        file = self.rng.choice(files)
        place = self.rng.randrange(len(file.data))
        file.data[place] ^= 1 << self.rng.randrange(8)
        return True

    def flip_row_bit(self) -> bool:
        """Flip one bit of the chain's rows; return whether there is one."""
        if not self.rows:
            return False
        self.bad_rows[self.rng.choice(list(self.rows))] = None
        return True

    def backup(self) -> tuple[Any, ...]:
        """Return a copy of everything, as an operator makes it while the node is down."""
        return deepcopy((self._names, dict(self.rows)))

    def restore(self, backup: tuple[Any, ...]) -> None:
        """Put a copy in the place of everything."""
        names, rows = deepcopy(backup)
        self._names, self._lasting = names, dict(names)
        self.rows, self.bad_rows = SortedDict(rows), {}

    def free_bytes(self) -> int:
        """Return how much can still be written."""
        return 0 if self.full else PLENTY_BYTES

    # --- every call -------------------------------------------------------------------------

    def _call(self, effect: Callable[[], None] | None = None) -> None:
        """Count a call; when it is the last, what it did may be done or not."""
        self.calls_count += 1
        if self.cut_at_count is not None and self.calls_count >= self.cut_at_count:
            if effect is not None and self.rng.random() < 0.5:
                effect()
            raise PowerCut
        if effect is not None:
            effect()

    def _require_well(self) -> None:
        if self.fails:
            raise OSError(errno.EIO, "Input/output error")

    # --- files ------------------------------------------------------------------------------

    def hold(self, path: Path) -> Hold:
        if self._held:
            raise Held("another process")
        self._held = True
        return _Lock(self)

    def let_go(self) -> None:
        """End the lock."""
        self._held = False

    def is_folder(self, folder: Path) -> bool:
        return folder in self._folders

    def make_folder(self, folder: Path) -> None:
        if folder in self._folders:
            raise FileExistsError(errno.EEXIST, "File exists")
        self._folders[folder] = None

    def names(self, folder: Path) -> list[str]:
        return sorted(path.name for path in self._names if path.parent == folder)

    def read(self, path: Path) -> bytes:
        return bytes(self._names[path].data)

    def begin(self, path: Path) -> int:
        self._call()
        if path in self._names:
            raise FileExistsError(errno.EEXIST, "File exists")
        self._names[path] = _File()
        return self.reopen(path)

    def reopen(self, path: Path) -> int:
        handle = len(self._handles) + 3
        self._handles[handle] = self._names[path]
        return handle

    def write(self, handle: int, data: bytes) -> None:
        file = self._handles[handle]
        if self.full:
            file.data += data[: self.rng.randrange(len(data))]
            raise OSError(errno.ENOSPC, "No space left on device")
        self._call(lambda: file.data.extend(data))

    def sync(self, handle: int) -> None:
        self._require_well()
        file = self._handles[handle]

        def durable() -> None:
            file.synced_bytes = len(file.data)

        self._call(durable)

    def cut(self, handle: int, size_bytes: int) -> None:
        file = self._handles[handle]

        def shorter() -> None:
            del file.data[size_bytes:]
            file.synced_bytes = len(file.data)

        self._call(shorter)

    def close(self, handle: int) -> None:
        self._handles[handle] = _File()

    def delete(self, path: Path) -> None:
        self._call(lambda: self._names.__delitem__(path))

    def sync_folder(self, folder: Path) -> None:
        self._require_well()

        def durable() -> None:
            self._lasting = dict(self._names)

        self._call(durable)

    # --- rows -------------------------------------------------------------------------------

    def write_rows(self, changes: list[tuple[bytes, bytes | None]]) -> None:
        """Apply a batch, whole or not at all. Raises what plyvel raises."""
        if self.fails or self.full:
            raise plyvel.IOError(b"IO error: the disk does not take it")

        def apply() -> None:
            for key, value in changes:
                if value is None:
                    self.rows.pop(key, None)
                else:
                    self.rows[key] = value
                    self.bad_rows.pop(key, None)

        self._call(apply)


class _Lock:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def release(self) -> None:
        """Let the folder go."""
        self._disk.let_go()


class Database:
    """What `node.storage.leveldb` knows as plyvel's database, on a disk of the simulation."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def get(self, key: bytes, *, verify_checksums: bool) -> bytes | None:
        """Return a row."""
        del verify_checksums
        self._require_readable(key)
        return self._disk.rows.get(key)

    def iterator(self, **bounds: Any) -> "_Rows":
        """Return rows within bounds, as a context."""
        return _Rows(self, self._disk, bounds)

    def snapshot(self) -> "Database":
        """Return this moment of the rows."""
        moment = Disk(0)
        moment.rows = SortedDict(self._disk.rows)
        moment.bad_rows = dict(self._disk.bad_rows)
        return Database(moment)

    def write_batch(self, *, sync: bool) -> "_Batch":
        """Return a batch, as a context."""
        assert sync, "nodes of the simulation sync what they write"
        return _Batch(self._disk)

    def close(self) -> None:
        """Nothing is held."""

    def require_readable(self, key: bytes) -> None:
        """Raise what plyvel raises for a row whose checksum is wrong."""
        self._require_readable(key)

    def _require_readable(self, key: bytes) -> None:
        if key in self._disk.bad_rows:
            raise plyvel.CorruptionError(b"Corruption: block checksum mismatch")


class _Rows:
    def __init__(self, database: Database, disk: Disk, bounds: dict[str, Any]) -> None:
        self._database = database
        self._disk = disk
        self._bounds = bounds

    def __enter__(self) -> Iterator[tuple[bytes, bytes]]:
        bounds = self._bounds
        start, stop, prefix = bounds.get("start"), bounds.get("stop"), bounds.get("prefix")
        with_stop = bool(bounds.get("include_stop", False))
        if prefix is not None:
            start, stop = prefix, prefix[:-1] + bytes((prefix[-1] + 1,))
        found = self._disk.rows.irange(
            start, stop, (True, with_stop), reverse=bool(bounds.get("reverse", False))
        )
        return self._read(found)

    def _read(self, found: Any) -> Iterator[tuple[bytes, bytes]]:
        for key in found:
            self._database.require_readable(key)
            yield key, self._disk.rows[key]

    def __exit__(self, *given: object) -> None:
        return None


class _Batch:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._changes: list[tuple[bytes, bytes | None]] = []

    def __enter__(self) -> Self:
        return self

    def put(self, key: bytes, value: bytes) -> None:
        """Put a row with the batch."""
        self._changes.append((key, value))

    def delete(self, key: bytes) -> None:
        """Take a row away with the batch."""
        self._changes.append((key, None))

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if fault is None:
            self._disk.write_rows(self._changes)
