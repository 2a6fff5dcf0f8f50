"""NODE-100 to NODE-107: four processes, real sockets, real disks, and what may befall them."""

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chain.crypto.addresses import text_of
from node.devnet import processes
from tests import given
from tests.interop.conftest import WITHIN_S, Processes, RefusedCall

pytestmark = pytest.mark.interop

AMOUNT = 5_000_000
HERE = Path(__file__).parent


def test_a_transfer_is_the_same_on_four_ports(four: Processes) -> None:
    before = four.usd_of("auth0", "bob")

    tx = four.transfer("alice", "bob", lane=0, sequence=0, amount=AMOUNT)
    receipt = four.call("auth1", "tx_submitAndWait", tx=tx, timeout_ms=30_000)
    height = int(receipt["height"])
    four.until(lambda: all(four.height(name) >= height for name in four.names))
    standings = [four.call(name, "tx_getStatus", id=receipt["id"]) for name in four.names]

    assert receipt["ok"]
    assert [standings[0]] * 4 == standings
    assert {before + AMOUNT} == {four.usd_of(name, "bob") for name in four.names}
    assert 1 == len(four.roots_at(height))
    four.must_be_safe()


def test_three_go_on_without_the_fourth_and_it_comes_back(four: Processes) -> None:
    four.kill("auth2")
    four.grow(8, "auth0", "auth1", "auth3")

    four.start("auth2")
    four.grow(4)
    four.until(lambda: four.call("auth2", "chain_getStatus")["signing"], "auth2 votes again")

    four.must_be_safe()


def test_two_stop_and_name_who_is_missing_and_go_on_when_they_are_back(four: Processes) -> None:
    four.kill("auth1", "auth3")
    stall = four.until(
        lambda: (
            found
            if (found := four.call("auth0", "node_explainStall"))["silent"] == ["auth1", "auth3"]
            else None
        ),
        "the missing are named",
    )
    height = four.height("auth0")

    four.start("auth1", "auth3")
    four.grow(4)

    assert "auth1, auth3" in stall["why"]
    assert four.height("auth0") > height
    four.must_be_safe()


def test_all_four_killed_at_once_go_on_where_they_were(four: Processes) -> None:
    height = four.grow(2)

    four.kill(*four.names)
    four.start()
    after = four.grow(3)

    assert after >= height + 3
    four.must_be_safe()


def test_a_wiped_node_fetches_the_chain_under_load_and_votes_again(four: Processes) -> None:
    sequences = dict.fromkeys(range(4), 0)
    reasons: set[str] = set()

    def load() -> None:
        for lane, sequence in sequences.items():
            tx = four.transfer("carol", "dave", lane=lane, sequence=sequence, amount=AMOUNT)
            try:
                four.call("auth0", "tx_submit", tx=tx)
            except RefusedCall as refused:
                reasons.add(refused.error["data"]["reason"])
            else:
                sequences[lane] += 1

    four.kill("auth3")
    four.wipe("auth3")
    for _ in range(12):
        load()
        four.grow(1, "auth0", "auth1", "auth2")
    four.start("auth3")

    def caught_up() -> bool:
        load()
        status = four.call("auth3", "chain_getStatus")
        return bool(status["signing"]) and not status["syncing"]

    four.until(caught_up, "auth3 votes again")
    four.kill("auth1")
    four.grow(4, "auth0", "auth2", "auth3")
    four.start("auth1")
    four.grow(2)

    assert sum(sequences.values()) > 40
    assert reasons <= {"mempool.signer_full", "mempool.full"}
    four.must_be_safe()


def test_a_disk_that_takes_no_more_ends_one_node_before_it_says_anything(four: Processes) -> None:
    pid = processes.running_pid(four.folder("auth2"))
    assert pid is not None
    (log,) = (four.folder("auth2") / "signer" / "votes").glob("*.log")

    # No file of this process may grow beyond this: the next frame is torn in the middle.
    limit_bytes = log.stat().st_size + 100
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
    four.until(lambda: processes.running_pid(four.folder("auth2")) is None, "auth2 ends by itself")
    told = "\n".join(processes.last_lines(four.folder("auth2")))
    four.grow(3, "auth0", "auth1", "auth3")
    four.start("auth2")
    four.until(lambda: four.call("auth2", "chain_getStatus")["signing"], "auth2 votes again")
    four.grow(3)

    assert "unwritable" in told
    assert "Traceback" not in told
    four.must_be_safe()


def test_a_parted_network_stops_and_a_healed_one_goes_on(four: Processes) -> None:
    halves = [("auth0", "auth1"), ("auth2", "auth3")]

    for mine, others in (halves, halves[::-1]):
        for name in mine:
            four.call(name, "dev_isolate", names=list(others))
    for mine, others in (halves, halves[::-1]):
        four.until(
            lambda name=mine[0], silent=list(others): (
                four.call(name, "node_explainStall")["silent"] == silent
            ),
            "each half names the other",
        )
    parted = max(four.height(name) for name in four.names)
    for name in four.names:
        four.call(name, "dev_isolate", names=[])
    healed = four.grow(3)

    assert healed > parted
    four.must_be_safe()


@pytest.mark.parametrize(
    ("program", "script"),
    [(sys.executable, "external_transfer.py"), ("node", "external_transfer.mjs")],
)
def test_a_program_that_knows_only_the_format_sends_a_transfer(
    four: Processes, program: str, script: str
) -> None:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed: the transfer of {script} is not proven here")
    before = four.usd_of("auth2", "erin")
    arguments = [
        four.network.place("auth2").rpc,
        given.development_seed("frank").hex(),
        given.address("erin").hex(),
        str(AMOUNT),
    ]

    done = subprocess.run(
        [found, str(HERE / script), *arguments],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
        cwd=four.network.home,
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert "applied" in done.stdout
    assert before + AMOUNT == four.usd_of("auth2", "erin")


def test_one_authority_needs_nobody(made: Callable[..., Processes]) -> None:
    alone = made(1, "dev")
    alone.start()
    tx = alone.transfer("alice", "bob", lane=0, sequence=0, amount=AMOUNT)
    alone.until(lambda: alone.call("auth0", "chain_getStatus"))

    receipt = alone.call("auth0", "tx_submitAndWait", tx=tx, timeout_ms=30_000)
    alone.kill("auth0")
    alone.start("auth0")
    again = alone.until(lambda: alone.call("auth0", "tx_getStatus", id=receipt["id"]))

    assert (True, "1") == (receipt["ok"], receipt["height"])
    assert "applied" == again["status"]
    assert text_of(given.address("bob"))
    alone.must_be_safe()
