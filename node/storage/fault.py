"""What can be wrong with the chain's folder, each by its permanent number."""

from pathlib import Path
from typing import ClassVar

from node.faults import NodeFault

RESYNC = (
    "Move the folder away and start again: the node fetches the chain from its peers. "
    "The key and its vote log are in signer/ and must stay."
)


class StorageFault(NodeFault):
    """The chain's folder cannot be used. Nothing in it was changed by finding out."""

    NUMBERS: ClassVar[dict[str, int]] = {
        "storage_damaged": 1530,
        "storage_foreign": 1531,
        "storage_format_unknown": 1532,
        "storage_locked": 1533,
        "storage_unwritable": 1534,
        "storage_unreadable": 1535,
    }
    EXIT_CODE: ClassVar[int] = 8


def damaged(path: Path, what: str) -> StorageFault:
    """Return the fault of a folder that does not hold what it must."""
    return StorageFault(
        "storage_damaged",
        f"The folder {path} is damaged: {what}.",
        spared="Nothing was guessed and nothing in it was changed.",
        hint=RESYNC,
    )


def foreign(path: Path, held: bytes, wanted: bytes) -> StorageFault:
    """Return the fault of a folder that holds another chain."""
    return StorageFault(
        "storage_foreign",
        f"The folder {path} holds chain 0x{held.hex()}, not 0x{wanted.hex()}.",
        spared="Nothing in it was changed.",
        hint="Name another data folder, or bring the genesis file it was made with.",
    )


def format_unknown(path: Path, held: int, wanted: int) -> StorageFault:
    """Return the fault of a folder that another program wrote."""
    return StorageFault(
        "storage_format_unknown",
        f"The folder {path} is written in format {held}; this program reads {wanted}.",
        spared="Nothing in it was changed.",
        hint=f"Use the program that wrote it, or: {RESYNC}",
    )


def locked(path: Path) -> StorageFault:
    """Return the fault of a folder in use."""
    return StorageFault(
        "storage_locked",
        f"The folder {path} is in use by another process.",
        spared="Nothing in it was read or changed.",
        hint="Stop the other node, or name another data folder.",
    )


def unwritable(path: Path, why: str) -> StorageFault:
    """Return the fault of a write that failed, after which nothing may be said."""
    return StorageFault(
        "storage_unwritable",
        f"The folder {path} cannot be written: {why}.",
        spared="Nothing of this block was told to anybody; what was final stays final.",
        hint="Free or mend the disk, then start the node again.",
    )


def unreadable(path: Path, why: str) -> StorageFault:
    """Return the fault of a disk that does not give what it holds."""
    return StorageFault(
        "storage_unreadable",
        f"The folder {path} cannot be read: {why}.",
        spared="Nothing was answered from it, and nothing in it was changed.",
        hint="Look at the disk and at who owns the folder, then start the node again.",
    )
