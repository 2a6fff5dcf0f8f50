"""NODE-110: a node that a thousand hostile connections are made to goes on voting."""

import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from tests.interop import hostile_callers, hostile_process
from tests.interop.conftest import WITHIN_S, Processes
from tests.programs import running

pytestmark = pytest.mark.interop


@contextmanager
def villain(module: str, wanted: Iterable[str], *where: str) -> Iterator[None]:
    """Have one misbehave from when the node has put an end to each misdeed once."""
    command = [sys.executable, "-m", module, *where]
    with running(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        left = set(wanted)
        give_up = threading.Timer(WITHIN_S, process.kill)
        give_up.start()
        for line in process.stdout:
            left.discard(line.split()[0])
            if not left:
                break
        give_up.cancel()
        assert not left, f"within {WITHIN_S} s nobody put an end to {left}"
        yield


def must_vote_although_another_is_gone(four: Processes, *others: str) -> None:
    """Three are a quorum of four only if the one under attack votes as well."""
    four.kill("auth3")
    four.grow(4, *others)
    four.start("auth3")


def test_a_node_under_a_thousand_hostile_connections_goes_on_voting(four: Processes) -> None:
    four.grow(2)
    place = four.network.place("auth0")
    host, _, port = place.p2p.rpartition(":")
    wanted = [misdeed.__name__ for misdeed in hostile_process.MISDEEDS]

    with villain("tests.interop.hostile_process", wanted, host, port, place.peer_id):
        four.grow(6)
        status = four.call("auth0", "chain_getStatus")
        must_vote_although_another_is_gone(four, "auth0", "auth1", "auth2")
    four.grow(2)

    assert status["signing"]
    four.must_be_safe()


def test_a_node_whose_callers_are_a_thousand_hostile_ones_goes_on_voting(four: Processes) -> None:
    """RPC and WebSocket; once they have gone, it answers others again."""
    four.grow(2)
    host, _, port = four.network.place("auth0").rpc.rpartition("/")[2].rpartition(":")
    wanted = [misdeed.__name__ for misdeed in hostile_callers.MISDEEDS]

    with villain("tests.interop.hostile_callers", wanted, host, port):
        must_vote_although_another_is_gone(four, "auth1", "auth2")
    four.grow(2)

    assert four.call("auth0", "chain_getStatus")["signing"]
    four.must_be_safe()
