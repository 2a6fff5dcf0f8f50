"""The command line as somebody uses it: real processes, only what is printed is believed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from node.devnet import processes
from tests.ports import NETWORK_PORTS
from tests.programs import line_of, running

pytestmark = pytest.mark.interop

LIMIT_S = 90


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        (line,) = self.out.splitlines()
        document = json.loads(line)
        assert document["ok"], document
        return document["data"]

    @property
    def error(self) -> Any:
        (line,) = self.out.splitlines()
        document = json.loads(line)
        assert not document["ok"], document
        return document["error"]


@dataclass
class Desk:
    """A working directory with a home of its own, in which commands are given."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if "NOVATION" not in name}
        return {**kept, "HOME": str(self.folder)}

    def start(self, *words: str) -> AbstractContextManager[subprocess.Popen[str]]:
        return running(
            [sys.executable, "-m", "node.cli.main", *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __call__(self, *words: str) -> Said:
        with self.start(*words, "--json") as process:
            out, err = process.communicate(timeout=LIMIT_S)
        return Said(process.returncode, out, err)


@pytest.fixture
def novation(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk("devnet", "down")
    desk("dev", "down")


def dollars(novation: Desk, name: str) -> int:
    """Return what a wallet has of USD, in quantums."""
    held = novation("account", "balances", name).data["balances"]
    return next(int(item["amount_quantums"]) for item in held if item["asset"] == "USD")


def test_network_from_nothing_to_a_proven_transfer_and_through_a_killed_node(
    novation: Desk,
) -> None:
    up = novation("devnet", "up", "--port", str(next(NETWORK_PORTS)), "--detach")
    assert [0, 4] == [up.code, len(up.data["nodes"])]
    before = dollars(novation, "bob")

    paid = novation("account", "transfer", "bob", "25.50", "--from", "alice")

    assert (0, True, True) == (paid.code, paid.data["ok"], paid.data["final"])
    assert before + 25_500_000 == dollars(novation, "bob")
    verified = novation("block", "verify", paid.data["height"]).data
    assert ("genesis", 3) == (verified["anchor"], verified["quorum_count"])
    holding = ("query", "balances", "--holder", "bob", "--asset", "USD", "--prove")
    assert str(before + 25_500_000) == novation(*holding).data["value"]["amount_quantums"]
    foreseen = novation("account", "transfer", "bob", "9999999", "--from", "alice")
    forced = novation("account", "transfer", "bob", "9999999", "--from", "alice", "--force")
    assert [(4, "ledger.balance_short"), (5, "ledger.balance_short")] == [
        (said.code, said.error["reason"]) for said in (foreseen, forced)
    ]

    assert 0 == novation("devnet", "kill", "auth3").code
    assert 0 == novation("account", "transfer", "bob", "1", "--from", "alice").code
    assert novation("devnet", "status").data["degraded"]
    assert 0 == novation("devnet", "start", "auth3").code
    assert 0 == novation("node", "status", "--rpc", "auth3").code
    assert 0 == novation("audit").code

    changed = novation("devnet", "up", "-n", "5")
    assert (2, "client.flags_changed") == (changed.code, changed.error["reason"])
    assert novation("devnet", "down", "--keep").data["kept"]
    assert 3 == novation("devnet", "status").code
    again = novation("devnet", "up", "--detach")
    assert again.data["chain_id"] == up.data["chain_id"]
    assert int(again.data["nodes"][0]["height"]) > int(paid.data["height"])


def test_stalled_network_leaves_the_outcome_unknown_and_says_whom_it_waits_for(
    novation: Desk,
) -> None:
    assert 0 == novation("devnet", "up", "--port", str(next(NETWORK_PORTS)), "--detach").code
    for name in ("auth2", "auth3"):
        assert 0 == novation("devnet", "kill", name).code

    sent = novation("account", "transfer", "bob", "1", "--from", "alice", "--timeout", "2s")

    assert (6, "client.outcome_unknown") == (sent.code, sent.error["reason"])
    stall = novation("node", "status", "--why").data["stall"]
    assert {"auth2", "auth3"} <= set(stall["silent"]) | set(stall["votes"][0]["missing"])
    for name in ("auth2", "auth3"):
        assert 0 == novation("devnet", "start", name).code
    assert 0 == novation("tx", "wait", sent.error["details"]["id"]).code


def test_interrupted_network_stops_cleanly_and_keeps_its_data(novation: Desk) -> None:
    words = ("devnet", "up", "-n", "1", "--port", str(next(NETWORK_PORTS)), "--json")
    with novation.start(*words) as process:
        up = json.loads(line_of(process))["data"]

        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT_S)

    assert 0 == process.returncode
    assert "data kept" in err
    # Ended, though whoever adopted it may not have collected it yet.
    assert not processes.is_alive(int(up["nodes"][0]["pid"]))
    assert (novation.folder / ".novation/devnet/network.json").is_file()


def test_taken_port_is_refused_with_the_process_that_holds_it(novation: Desk) -> None:
    port = next(NETWORK_PORTS)
    assert 0 == novation("dev", "up", "--port", str(port), "--detach").code

    second = novation("devnet", "up", "--port", str(port))

    assert (2, "client.port_taken") == (second.code, second.error["reason"])
    assert port == second.error["details"]["port"]


def test_dev_chain_makes_a_block_at_once_and_goes_back_in_time(novation: Desk) -> None:
    assert 0 == novation("dev", "up", "--port", str(next(NETWORK_PORTS)), "--detach").code
    before = dollars(novation, "dave")
    snapshot = novation("dev", "snapshot").data["id"]

    given = novation("dev", "faucet", "dave", "6_000.50")
    there = dollars(novation, "dave")
    mined = novation("dev", "mine", "3")
    back = novation("dev", "revert", snapshot)

    assert [0, 0, 0] == [given.code, mined.code, back.code]
    assert [before + 6_000_500_000, before] == [there, dollars(novation, "dave")]
    assert 9 == novation("dev", "revert", "nowhere").code


def test_rotated_key_signs_and_the_old_one_no_longer_does(novation: Desk) -> None:
    assert 0 == novation("dev", "up", "--port", str(next(NETWORK_PORTS)), "--detach").code
    old = novation("keys", "export", "alice").data["file"]

    assert 0 == novation("keys", "rotate", "alice").code

    assert 0 == novation("account", "transfer", "bob", "1", "--from", "alice").code
    (novation.folder / ".novation/dev/keys/stale.json").write_text(old)
    assert 4 == novation("account", "transfer", "bob", "1", "--from", "stale").code
