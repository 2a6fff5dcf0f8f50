"""NODE-108: a node that a thousand hostile connections are made to goes on voting."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.interop.conftest import Processes
from tests.interop.hostile_process import MISDEEDS

pytestmark = pytest.mark.interop

WITHIN_S = 120


@contextmanager
def villain(four: Processes, name: str) -> Iterator[set[str]]:
    """Have one misbehave towards a node; gives the names of what the node has put an end to."""
    place = four.network.place(name)
    host, _, port = place.p2p.rpartition(":")
    command = [sys.executable, "-m", "tests.interop.hostile_process", host, port, place.peer_id]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        ended: set[str] = set()
        wanted = {misdeed.__name__ for misdeed in MISDEEDS}
        while ended != wanted:
            line = process.stdout.readline()
            assert line, "the villain gave up"
            ended.add(line.split()[0])
        try:
            yield ended
        finally:
            process.stdin.close()
            process.kill()


def test_a_node_under_a_thousand_hostile_connections_goes_on_voting(four: Processes) -> None:
    four.grow(2)

    with villain(four, "auth0") as ended:
        height = four.grow(6)
        status = four.call("auth0", "chain_getStatus")
        four.kill("auth3")
        # Three are a quorum of four only if the one under attack votes as well.
        after = four.grow(4, "auth0", "auth1", "auth2")
    four.start("auth3")
    four.grow(2)

    assert len(MISDEEDS) == len(ended)
    assert status["signing"]
    assert after >= height + 4
    four.must_be_safe()
