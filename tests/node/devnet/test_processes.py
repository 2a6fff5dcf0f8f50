import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.devnet import processes
from node.folder import DataFolder

SLEEPER = "import signal, sys; sys.stdout.write('up\\n'); sys.stdout.flush(); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEPER


@pytest.fixture
def launched() -> Iterator[list[subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        with process:
            process.kill()


def launch(
    running: list[subprocess.Popen[bytes]], folder: Path, program: str = SLEEPER
) -> subprocess.Popen[bytes]:
    """Start a process whose command line is that of the folder's node, and wait until it is up."""
    folder.mkdir(exist_ok=True)
    words = [processes.RUN_MODULE, "--data", str(folder.absolute())]
    process = subprocess.Popen([sys.executable, "-c", program, *words], stdout=subprocess.PIPE)
    running.append(process)
    assert process.stdout
    assert b"up\n" == process.stdout.readline()
    return process


Launched = list[subprocess.Popen[bytes]]


def test_process_is_found_by_its_pid_file(launched: Launched, tmp_path: Path) -> None:
    process = launch(launched, tmp_path / "auth0")
    DataFolder(tmp_path / "auth0").pid.write_text(f"{process.pid}\n")

    assert process.pid == processes.running_pid(tmp_path / "auth0")


def test_process_without_a_pid_file_is_found_by_its_command(
    launched: Launched, tmp_path: Path
) -> None:
    process = launch(launched, tmp_path / "auth0")

    assert process.pid == processes.running_pid(tmp_path / "auth0")
    assert None is processes.running_pid(tmp_path / "auth1")


def test_pid_file_with_the_number_of_another_process_is_not_believed(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.pid.write_text(str(os.getpid()))

    assert None is processes.running_pid(tmp_path)


def test_stop_asks_politely_and_collects(launched: Launched, tmp_path: Path) -> None:
    both = [launch(launched, tmp_path / name) for name in ("auth0", "auth1")]

    killed = processes.stop([tmp_path / "auth0", tmp_path / "auth1"])

    assert [] == killed
    assert [False, False] == [processes.is_alive(process.pid) for process in both]


def test_who_does_not_go_is_killed(launched: Launched, tmp_path: Path) -> None:
    process = launch(launched, tmp_path / "auth0", STUBBORN)

    killed = processes.stop([tmp_path / "auth0"], grace_ms=100)

    assert [process.pid] == killed
    assert not processes.is_alive(process.pid)


def test_kill_ends_at_once_and_tells_the_number(launched: Launched, tmp_path: Path) -> None:
    process = launch(launched, tmp_path / "auth0", STUBBORN)

    assert process.pid == processes.kill(tmp_path / "auth0")
    assert not processes.is_alive(process.pid)
    assert None is processes.kill(tmp_path / "auth0")


def test_signal_to_a_process_that_has_gone_is_no_fault() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    processes.send(gone.pid, signal.SIGTERM)

    assert not processes.is_alive(gone.pid)


def test_node_that_cannot_start_leaves_its_last_words(tmp_path: Path) -> None:
    process = processes.start(tmp_path)
    process.wait()

    assert processes.last_lines(tmp_path)


def test_last_lines_are_the_last(tmp_path: Path) -> None:
    DataFolder(tmp_path).log.write_text("".join(f"line {n}\n" for n in range(5000)))

    assert ["line 4998", "line 4999"] == processes.last_lines(tmp_path, 2)


def test_waiting_ends_when_it_comes_true_or_time_is_up() -> None:
    looks = iter([False, False, True])

    assert processes.wait_until(lambda: next(looks), 5000)
    assert not processes.wait_until(lambda: False, 0)
