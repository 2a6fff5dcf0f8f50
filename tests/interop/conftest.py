"""Networks of real processes on loopback: made, started, killed, and asked over their own ports."""

import base64
import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from chain.block.transaction import body_of, sign_bytes_of, signed_transaction
from chain.block.vote import Vote
from chain.consensus.log import join_segments, parse_segment
from chain.crypto.addresses import text_of
from chain.machine.application import Application
from chain.modules.ledger.transactions import Transfer
from derivatives.registry import REGISTRY
from node.clock import Clock
from node.devnet import processes
from node.devnet.layout import Choices, Network
from node.devnet.writing import make_network
from tests import given
from tests.node.test_assembly import double_signs
from tests.ports import NETWORK_PORTS

WITHIN_S = 60
POLL_S = 0.1


class Unanswered(Exception):
    """A node that does not answer: not started yet, or gone."""


class RefusedCall(Exception):
    """A call that a node refused; carries the error object."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(json.dumps(error))
        self.error = error


@dataclass
class Processes:
    """One network and what is done to it."""

    network: Network

    @property
    def names(self) -> list[str]:
        return [place.name for place in self.network.nodes]

    def folder(self, name: str) -> Path:
        return self.network.folder_of(self.network.place(name))

    def start(self, *names: str) -> None:
        for name in names or self.names:
            processes.start(self.folder(name))

    def kill(self, *names: str) -> None:
        for name in names:
            processes.kill(self.folder(name))

    def stop(self, *names: str) -> list[int]:
        return processes.stop(self.folder(name) for name in names or self.names)

    def wipe(self, name: str) -> None:
        shutil.rmtree(self.folder(name) / "chain")

    def call(self, name: str, method: str, /, **parameters: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        request = urllib.request.Request(
            self.network.place(name).rpc,
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as refused:
            answer = json.load(refused)
        except (OSError, HTTPException, ValueError) as gone:
            raise Unanswered(name) from gone
        if "error" in answer:
            raise RefusedCall(answer["error"])
        return answer["result"]

    def height(self, name: str) -> int:
        return int(self.call(name, "chain_getStatus")["height"])

    def until(self, holds: Callable[[], Any], what: str = "", within_s: float = WITHIN_S) -> Any:
        """Return what a condition gives as soon as it is true; nobody sleeps a fixed time."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                found = holds()
            except Unanswered:
                found = None
            if found:
                return found
            assert time.monotonic() < deadline, f"{what or holds}: {self.told()}"
            time.sleep(POLL_S)

    def grow(self, blocks: int, *names: str) -> int:
        """Wait until these nodes have so many more final blocks, and return the lowest height."""
        asked = names or self.names
        start = max(self.until(lambda n=name: self.height(n) + 1) for name in asked) - 1
        self.until(
            lambda: all(self.height(name) >= start + blocks for name in asked),
            f"{blocks} blocks above {start} on {asked}",
        )
        return start + blocks

    def told(self) -> str:
        """Return what the nodes say of themselves, for whoever reads a failure."""
        lines = []
        for name in self.names:
            try:
                stall = self.call(name, "node_explainStall")
                lines.append(
                    f"{name}: height {stall['height']} view {stall['view']} {stall['why']}"
                )
            except (Unanswered, RefusedCall) as gone:
                lines.append(f"{name}: {gone!r} {processes.last_lines(self.folder(name), 3)}")
        return "\n".join(lines)

    def roots_at(self, height: int) -> set[str]:
        """Return the state roots that the nodes have at a height: one, or all is lost."""
        return {
            self.call(name, "chain_getBlock", height=str(height))["header"]["state_root"]
            for name in self.names
        }

    def usd_of(self, name: str, account: str) -> int:
        holder = text_of(given.address(account))
        answer = self.call(name, "ledger_getBalances", holder=holder)
        return sum(
            int(row["amount_quantums"]) for row in answer["balances"] if row["asset"] == "USD"
        )

    def transfer(self, signer: str, to: str, *, lane: int, sequence: int, amount: int) -> str:
        """Return a signed transfer as `tx_submit` takes it."""
        key = given.key(signer)
        body = body_of(
            signer=key.public_key,
            lane=lane,
            sequence=sequence,
            valid_until_height=1_000,
            kind=Application(REGISTRY).kind_of(Transfer),
            payload=Transfer(to=given.address(to), asset="USD", amount_quantums=amount),
        )
        signature = key.sign(sign_bytes_of(self.network.chain_id, body))
        return base64.b64encode(signed_transaction(body, [(key.public_key, signature)])).decode()

    def votes(self) -> list[Vote]:
        """Return every vote in every log; no log may be damaged."""
        votes: list[Vote] = []
        for name in self.names:
            files = sorted((self.folder(name) / "signer" / "votes").glob("*.log"))
            contents = join_segments([parse_segment(file.read_bytes()) for file in files])
            assert "" == contents.broken, f"{name}: {contents.broken}"
            votes += [record for record in contents.records if isinstance(record, Vote)]
        return votes

    def must_be_safe(self) -> None:
        """Hold what no fault may break: one root a height, no vote beside another."""
        lowest = min(self.height(name) for name in self.names)
        assert 1 == len(self.roots_at(lowest))
        assert [] == double_signs(self.votes())


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., Processes]]:
    """Return what makes a network; whatever of it still runs at the end is stopped."""
    running: list[Processes] = []

    def make(nodes: int = 4, kind: str = "devnet") -> Processes:
        choices = Choices(kind, nodes, next(NETWORK_PORTS), 500, None)
        network = make_network(tmp_path / "network", choices, Clock().wall_ms())
        running.append(Processes(network))
        return running[-1]

    yield make
    assert [] == [pid for one in running for pid in one.stop()], "every node ends when asked to"


@pytest.fixture
def four(made: Callable[..., Processes]) -> Processes:
    """Return four authorities that finalise blocks."""
    network = made()
    network.start()
    network.grow(2)
    return network
