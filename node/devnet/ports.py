"""Which port is free, and who holds it when it is not."""

import contextlib
import socket
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
PROC = Path("/proc")
LISTENING = "0A"


@dataclass(frozen=True)
class Holder:
    """The process that listens on a port."""

    pid: int
    name: str


def is_free(port: int) -> bool:
    """Return whether a process may listen on this port of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            return False
    return True


def holder_of(port: int, proc: Path = PROC) -> Holder | None:
    """Return the process that listens on a port, or None when the system does not say.

    Only Linux tells, and only of processes of the same person or to root.
    """
    sockets = _listening(port, proc)
    if not sockets:
        return None
    wanted = {f"socket:[{inode}]" for inode in sockets}
    for folder in proc.glob("[0-9]*"):
        if _held_by(folder) & wanted:
            return Holder(int(folder.name), _name_of(folder))
    return None


def _listening(port: int, proc: Path) -> set[str]:
    """Return the inodes of the sockets that listen on a port, of both address families."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes


def _held_by(folder: Path) -> set[str]:
    """Return what a process has open; a link that closes meanwhile is passed over."""
    held = set()
    with contextlib.suppress(OSError):
        for link in (folder / "fd").iterdir():
            with contextlib.suppress(OSError):
                held.add(str(link.readlink()))
    return held


def _name_of(folder: Path) -> str:
    try:
        return (folder / "comm").read_text().strip()
    except OSError:
        return "?"
