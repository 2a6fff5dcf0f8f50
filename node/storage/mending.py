"""Try something on a copy of a folder, and put the copy in place only when it is good.

    chain            what is used; never changed by trying
    chain.mended     the copy; what cannot change is shared with the folder by hard links
    chain.torn       the folder that was replaced, for as long as the replacing takes

Whatever step a power cut comes at, `finish` leaves one whole folder under the first name.

Source: docs/specs/storage.md, STORE-026.
"""

import os
import shutil
from pathlib import Path

from node.folder import sync_folder

UNCHANGING = ".ldb"
NOT_COPIED = {"LOCK", "LOG", "LOG.old"}
ROWS = ("*.ldb", "*.log", "MANIFEST-*")


def has_rows(path: Path) -> bool:
    """Return whether a folder holds anything that a database was made of."""
    return any(found.stat().st_size for pattern in ROWS for found in path.glob(pattern))


def finish(path: Path) -> None:
    """Bring to its end, or take back, what a power cut interrupted. Refuses: OSError."""
    mended, torn = _mended(path), _torn(path)
    if not path.exists() and torn.exists():
        (mended if mended.exists() else torn).rename(path)
        sync_folder(path.parent)
    for left in (mended, torn):
        shutil.rmtree(left, ignore_errors=True)


def copied(path: Path) -> Path:
    """Return a copy of a folder that can be opened without touching it. Refuses: OSError."""
    copy = _mended(path)
    copy.mkdir()
    for found in sorted(path.iterdir()):
        if found.suffix == UNCHANGING:
            (copy / found.name).hardlink_to(found)
        elif found.name not in NOT_COPIED:
            shutil.copyfile(found, copy / found.name)
    return copy


def abandon(path: Path) -> None:
    """Take the copy away."""
    shutil.rmtree(_mended(path), ignore_errors=True)


def put_in_place(path: Path) -> None:
    """Replace a folder by its copy, durably. Refuses: OSError."""
    mended, torn = _mended(path), _torn(path)
    for found in mended.iterdir():
        with found.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(mended)
    path.rename(torn)
    sync_folder(path.parent)
    mended.rename(path)
    sync_folder(path.parent)
    shutil.rmtree(torn, ignore_errors=True)


def _mended(path: Path) -> Path:
    return path.with_name(f"{path.name}.mended")


def _torn(path: Path) -> Path:
    return path.with_name(f"{path.name}.torn")
