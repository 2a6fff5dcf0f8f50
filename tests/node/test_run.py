"""NODE-080 to NODE-086: a process that starts, ends when asked, and says why when it does not."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from node import run
from node.consensus.vote_log import VoteLogFatal
from node.devnet import processes
from node.devnet.layout import Network
from node.faults import NodeFault
from node.rooms.opening import StartFault
from tests.node.test_assembly import made, opened
from tests.programs import running

WITHIN_S = 60


@pytest.fixture(autouse=True)
def quiet_log() -> Iterator[None]:
    """Leave no outlet of the process's log behind that writes to a captured stream."""
    root = logging.getLogger()
    before = list(root.handlers)
    yield
    for outlet in set(root.handlers) - set(before):
        root.removeHandler(outlet)


def node_of(network: Network, **environment: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Run the only node of a network with a port of its own choosing."""
    return running(
        [sys.executable, "-m", "node.run", "--data", str(network.home / "auth0")],
        stderr=subprocess.PIPE,
        env={**os.environ, "NOVATION_RPC__PORT": "0", **environment},
    )


def started(process: subprocess.Popen[str], network: Network) -> bool:
    return processes.wait_until(
        lambda: (
            "rpc listening" in (network.home / "auth0" / "node.log").read_text()
            if (network.home / "auth0" / "node.log").exists()
            else process.poll() is not None
        ),
        WITHIN_S * 1_000,
    )


def test_a_node_ends_when_it_is_asked_to_and_leaves_no_pid_file(tmp_path: Path) -> None:
    network = made(tmp_path / "net", "dev", 1)
    with node_of(network) as process:
        started(process, network)
        pid_text = (network.home / "auth0" / "pid").read_text()

        process.send_signal(signal.SIGTERM)
        code = process.wait(WITHIN_S)

    assert (0, process.pid) == (code, int(pid_text))
    assert not (network.home / "auth0" / "pid").exists()


def test_a_second_process_leaves_the_first_one_alone(tmp_path: Path) -> None:
    network = made(tmp_path / "net", "dev", 1)
    with node_of(network) as first:
        started(first, network)

        with node_of(network) as second:
            _, told = second.communicate(timeout=WITHIN_S)
        is_first_there = first.poll() is None
        pid_text = (network.home / "auth0" / "pid").read_text()

    assert (8, True) == (second.returncode, is_first_there)
    assert "node.storage_locked" in told
    assert first.pid == int(pid_text)


def test_a_folder_without_a_configuration_is_said_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run.main(["--data", str(tmp_path)])

    told = capsys.readouterr().err
    assert 2 == code
    assert "config.toml cannot be read" in told
    assert "Traceback" not in told


def test_a_passphrase_file_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    network = made(tmp_path / "net", "dev", 1)
    monkeypatch.setenv("NOVATION_PASSPHRASE_FILE", str(tmp_path / "nowhere"))

    code = run.main(["--data", str(network.home / "auth0")])

    assert 7 == code
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (StartFault("cannot_listen", "port 7700 is taken"), 2),
        (
            ExceptionGroup("", [ExceptionGroup("", [VoteLogFatal("vote_log_unwritable", "disk")])]),
            8,
        ),
        (ExceptionGroup("", [VoteLogFatal("vote_log_unwritable", "disk"), ValueError()]), 1),
        (ZeroDivisionError(), 1),
    ],
)
def test_what_ends_a_node_decides_its_exit_code(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: Exception,
    code: int,
) -> None:
    rooms = opened(made(tmp_path / "net", "dev", 1), "auth0")

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("node.run.trio.run", fail)
    ended = run._supervised(rooms)
    rooms.close()

    assert code == ended
    assert "Traceback" not in capsys.readouterr().err or code == 1


def test_only_a_tree_of_named_faults_is_named() -> None:
    fault = StartFault("cannot_listen", "taken")

    assert fault is run._named(ExceptionGroup("", [ExceptionGroup("", [fault])]))
    assert run._named(ExceptionGroup("", [fault, KeyError()])) is None
    assert isinstance(fault, NodeFault)


THREADS_THAT_TAKE_AND_LET_GO = """
import ctypes, sys, threading
from pathlib import Path
from node.run import main

PIECE_BYTES, PIECES_COUNT, THREADS_COUNT = 4_096, 2_048, 8

def own_kib():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

def take_and_let_go():
    pieces = [libc.malloc(PIECE_BYTES) for _ in range(PIECES_COUNT)]
    for piece in pieces:
        ctypes.memset(piece, 1, PIECE_BYTES)
    for piece in pieces[:-1]:  # the last one stays, as something always does
        libc.free(piece)

def work(number):
    turns[number].wait()
    take_and_let_go()
    turns[number + 1].set()
    done.wait()

main(["--data", sys.argv[1]])
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
done, turns = threading.Event(), [threading.Event() for _ in range(THREADS_COUNT + 1)]
threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS_COUNT)]
for thread in threads:
    thread.start()
before_kib = own_kib()
turns[0].set()
turns[-1].wait()
print(own_kib() - before_kib)
done.set()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="its memory is read from /proc")
def test_what_one_thread_has_let_go_of_another_one_takes(tmp_path: Path) -> None:
    """NODE-087: eight threads that take 8 MiB one after the other grow a node by 8, not 64."""
    program = [sys.executable, "-c", THREADS_THAT_TAKE_AND_LET_GO, str(tmp_path)]

    told = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    grown_kib = int(told.splitlines()[-1])

    assert grown_kib < 2 * 8 * 1_024


def test_the_network_is_told_what_the_configuration_says(tmp_path: Path) -> None:
    rooms = opened(made(tmp_path / "net", "devnet", 4), "auth1")

    told = run.network_configuration(rooms)

    assert (7701, 3) == (told.listen_port, len(told.peers))
    assert all(peer.authority for peer in told.peers)
    assert told.counter_start > 1_700_000_000 * 10**9
    rooms.close()
