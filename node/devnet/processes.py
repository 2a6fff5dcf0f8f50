"""Start and stop the processes of a network, and never touch one that is not of it.

A process belongs to a folder when its command line is ours and names that folder: the
number in a `pid` file alone may long be somebody else's.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from node.clock import Clock
from node.devnet.ports import PROC
from node.folder import DataFolder

RUN_MODULE = "node.run"
STOP_GRACE_MS = 10_000
POLL_S = 0.05
LOG_TAIL_LINES = 6
TAIL_BYTES = 65_536
CONSOLE_NAME = "console.log"


def command_of(folder: Path, module: str = RUN_MODULE) -> list[str]:
    """Return the command that runs the node of a folder, or another program of it."""
    return [sys.executable, "-m", module, "--data", str(folder.absolute())]


def start(
    folder: Path, module: str = RUN_MODULE, console_name: str = CONSOLE_NAME
) -> subprocess.Popen[bytes]:
    """Start the node of a folder, or another program, in a session of its own; return its process.

    Of its own, so that Ctrl-C on the terminal reaches this program alone, which then stops
    the nodes in order.  What a node says before it has a log goes to `console.log`.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not (name.startswith("NOVATION_") and "__" in name)
    }
    with (folder / console_name).open("wb") as console:
        process = subprocess.Popen(  # noqa: S603  # our own module, our own folder
            command_of(folder, module),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            env=environment,
            start_new_session=True,
        )
    # For a moment a new program has no command line, and would be taken for one that ended.
    wait_until(
        lambda: (
            not PROC.is_dir() or _runs(process.pid, folder, module) or process.poll() is not None
        ),
        STOP_GRACE_MS,
    )
    return process


def running_pid(folder: Path) -> int | None:
    """Return the number of the process that runs this folder's node, or None.

    The `pid` file is asked first; a node that has not written it yet is found by its
    command line.
    """
    written = _written_pid(folder)
    if written is not None and _runs(written, folder, RUN_MODULE):
        return written
    return next(iter(pids_of(folder, RUN_MODULE)), None)


def pids_of(folder: Path, module: str, proc: Path = PROC) -> list[int]:
    """Return the processes that run this program for this folder."""
    pids = (int(entry.name) for entry in proc.glob("[0-9]*"))
    return [pid for pid in pids if _runs(pid, folder, module, proc)]


def _written_pid(folder: Path) -> int | None:
    try:
        return int(DataFolder(folder).pid.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _runs(pid: int, folder: Path, module: str, proc: Path = PROC) -> bool:
    """Return whether this process is the program of this folder, and not a dead child's entry."""
    try:
        line = (proc / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    words = [os.fsdecode(word) for word in line if word]
    return module in words and str(folder.absolute()) in words


def stop(folders: Iterable[Path], grace_ms: int = STOP_GRACE_MS) -> list[int]:
    """Ask the nodes of these folders to end, and return the pids that had to be killed.

    All are asked at once; whoever is not gone after the grace is killed.
    """
    return end([pid for folder in folders if (pid := running_pid(folder)) is not None], grace_ms)


def end(pids: Sequence[int], grace_ms: int = STOP_GRACE_MS) -> list[int]:
    """Ask these processes to end, and return those that had to be killed."""
    for pid in pids:
        send(pid, signal.SIGTERM)
    wait_until(lambda: not any(is_alive(pid) for pid in pids), grace_ms)
    stubborn = [pid for pid in pids if is_alive(pid)]
    for pid in stubborn:
        send(pid, signal.SIGKILL)
    wait_until(lambda: not any(is_alive(pid) for pid in stubborn), grace_ms)
    return stubborn


def kill(folder: Path) -> int | None:
    """End the node of a folder with SIGKILL, as a power cut would, and return its pid."""
    pid = running_pid(folder)
    if pid is not None:
        send(pid, signal.SIGKILL)
        wait_until(lambda: not is_alive(pid), STOP_GRACE_MS)
    return pid


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that has just ended is no fault."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that ended and waits for its parent does not.

    A child of this program is collected on the way.
    """
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return _answers_signals(pid)
    return state not in {"Z", "X"}


def _answers_signals(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return not PROC.is_dir()


def wait_until(holds: Callable[[], bool], limit_ms: int) -> bool:
    """Return whether something came true within the limit; looks every 50 ms."""
    clock = Clock()
    deadline_ms = clock.monotonic_ms() + limit_ms
    while not holds():
        if clock.monotonic_ms() >= deadline_ms:
            return False
        pause(POLL_S)
    return True


def pause(seconds: float) -> None:
    """Let time pass; Ctrl-C ends it at once."""
    threading.Event().wait(seconds)


def last_lines(folder: Path, count: int = LOG_TAIL_LINES) -> list[str]:
    """Return the last lines a node wrote: of its log, or of what it said without one."""
    for path in (DataFolder(folder).log, folder / CONSOLE_NAME):
        lines = _tail(path, count)
        if lines:
            return [spoken(line) for line in lines]
    return []


def _tail(path: Path, count: int) -> list[str]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            return file.read().decode(errors="replace").splitlines()[-count:]
    except OSError:
        return []


def spoken(line: str) -> str:
    """Return a line of a log for people; one that is not JSON is returned as it is.

    Of a traceback only its last line: the rest is in the log for whoever repairs.

    >>> spoken('{"time": "12:00", "level": "error", "event": "disk full", "free_bytes": 3}')
    '12:00 error disk full free_bytes=3'
    """
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict):
        return line
    words = [str(entry.pop(name)) for name in ("time", "level", "event") if name in entry]
    trace = str(entry.pop("exception", "")).splitlines()
    words += [f"{name}={value}" for name, value in entry.items()]
    told = [text for text in (part.strip(" |+-") for part in trace) if text]
    return " ".join(words) + (f": {told[-1]}" if told else "")
