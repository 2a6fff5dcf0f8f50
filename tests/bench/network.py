"""A network of real processes with many funded signers, and what it spends on their transfers."""

import base64
import json
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from chain.block.transaction import body_of, sign_bytes_of, signed_transaction
from chain.crypto.addresses import text_of
from chain.machine.application import Application
from chain.machine.genesis_development import genesis_json
from chain.modules.ledger.transactions import Transfer
from derivatives.genesis_development import development_genesis
from derivatives.registry import REGISTRY
from node.clock import Clock
from node.devnet import processes
from node.devnet.layout import Choices, Network
from node.devnet.writing import make_network
from tests import given
from tests.ports import NETWORK_PORTS

USD_QUANTUMS = 10**12
BATCH_CALLS = 50
SUBMITTED_COUNT = 100
WITHIN_S = 120
LOOK_EVERY_S = 0.05
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass
class Running:
    """A network that finalises blocks."""

    network: Network
    names: list[str]
    doors: dict[int, HTTPConnection] = field(default_factory=dict)

    def _door(self, index: int) -> HTTPConnection:
        """Return the kept connection to a node: a new one each time is the caller's cost."""
        if index not in self.doors:
            host, _, port = self.network.nodes[index].rpc.rpartition("/")[2].partition(":")
            self.doors[index] = HTTPConnection(host, int(port), timeout=30)
        return self.doors[index]

    def call(self, index: int, method: str, **parameters: Any) -> Any:
        return self.batch(index, [(method, parameters)])[0]

    def batch(self, index: int, calls: list[tuple[str, dict[str, Any]]]) -> list[Any]:
        body = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
            for number, (method, parameters) in enumerate(calls)
        ]
        door = self._door(index)
        door.request("POST", "/", json.dumps(body), {"content-type": "application/json"})
        answers = json.loads(door.getresponse().read())
        refused = [answer["error"] for answer in answers if "error" in answer]
        assert not refused, refused[0]
        return [answer["result"] for answer in answers]

    def cpu_s(self) -> float:
        """Return the CPU seconds, user and system, that all nodes have used."""
        total = 0
        for place in self.network.nodes:
            pid = int((self.network.folder_of(place) / "pid").read_text().split()[0])
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS_A_SECOND

    def resident_bytes(self) -> list[int]:
        """Return the memory that each node has now."""
        sizes = []
        for place in self.network.nodes:
            pid = int((self.network.folder_of(place) / "pid").read_text().split()[0])
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            sizes.append(pages * os.sysconf("SC_PAGE_SIZE"))
        return sizes

    def transfers(self, each: int, first_sequence: int = 0) -> list[str]:
        """Return `each` signed transfers of every signer to the next, in order of sequence."""
        height = int(self.call(0, "chain_getStatus")["height"])
        sequences = range(first_sequence, first_sequence + each)
        made = transfers_of(self.network.chain_id, self.names, sequences, height + 1_000)
        return [base64.b64encode(data).decode() for data in made]

    def submit(self, transactions: list[str]) -> list[str]:
        """Hand transactions to all nodes at once, many a call, and return their ids.

        A signer's transactions all go to one node, so that its sequences arrive in order.
        """
        nodes = len(self.network.nodes)
        shares: list[list[str]] = [[] for _ in range(nodes)]
        for place, transaction in enumerate(transactions):
            shares[place % len(self.names) % nodes].append(transaction)
        with ThreadPoolExecutor(nodes) as pool:
            return [one for ids in pool.map(self._submit_to, range(nodes), shares) for one in ids]

    def _submit_to(self, index: int, share: list[str]) -> list[str]:
        ids = []
        for start in range(0, len(share), SUBMITTED_COUNT):
            answers = self.call(index, "tx_submitMany", txs=share[start : start + SUBMITTED_COUNT])
            assert not any(answer["error"] for answer in answers), answers
            ids += [answer["id"] for answer in answers]
        return ids

    def wait_final(self, ids: list[str]) -> None:
        """Wait until every node has these applied, by looks that cost the nodes next to nothing.

        A status of every id, asked again and again, was most of what was measured.
        """
        deadline = time.monotonic() + WITHIN_S
        last = [("chain_getStatus", {}), ("tx_getStatus", {"id": ids[-1]})]
        for index in range(len(self.network.nodes)):
            while True:
                standing, transaction = self.batch(index, last)
                if standing["waiting_count"] == 0 and transaction["status"] == "applied":
                    break
                assert time.monotonic() < deadline, (standing, transaction)
                time.sleep(LOOK_EVERY_S)

    def require_applied(self, ids: list[str]) -> None:
        """Hold that each of these was applied."""
        for start in range(0, len(ids), BATCH_CALLS):
            part = ids[start : start + BATCH_CALLS]
            answers = self.batch(0, [("tx_getStatus", {"id": one}) for one in part])
            assert ["applied"] * len(part) == [answer["status"] for answer in answers]


def transfers_of(
    chain_id: bytes, names: list[str], sequences: range, valid_until_height: int
) -> Iterator[bytes]:
    """Return a signed transfer of every signer to the next, for one sequence after the other."""
    kind = Application(REGISTRY).kind_of(Transfer)
    for sequence in sequences:
        for place, name in enumerate(names):
            key = given.key(name)
            to = given.address(names[(place + 1) % len(names)])
            body = body_of(
                signer=key.public_key,
                lane=0,
                sequence=sequence,
                valid_until_height=valid_until_height,
                kind=kind,
                payload=Transfer(to=to, asset="USD", amount_quantums=1_000_000),
            )
            signature = key.sign(sign_bytes_of(chain_id, body))
            yield signed_transaction(body, [(key.public_key, signature)])


@contextmanager
def running(signers: int, nodes: int = 4, block_time_ms: int = 500) -> Iterator[Running]:
    """Give a network of real processes that has finalised blocks; all of it ends with the block."""
    with tempfile.TemporaryDirectory(prefix="novation-bench-") as home:
        one = laid_out(Path(home), signers, nodes, block_time_ms, Clock().wall_ms())
        folders = [one.network.folder_of(place) for place in one.network.nodes]
        try:
            for folder in folders:
                processes.start(folder)
            wait_growing(one)
            yield one
        finally:
            processes.stop(folders)


def laid_out(home: Path, signers: int, nodes: int, block_time_ms: int, began_ms: int) -> Running:
    """Return a network with many funded signers, none of whose nodes was ever started."""
    names = [f"bench{number}" for number in range(signers)]
    document = development_genesis(nodes, target_block_ms=block_time_ms)
    tables = document["tables"]
    for name in names:
        address = text_of(given.address(name))
        tables["signers"].append(
            {"signer": address, "threshold": 1, "keys": ["0x" + given.address(name).hex()]}
        )
        tables["balances"].append(
            {"holder": address, "asset": "USD", "amount_quantums": str(USD_QUANTUMS)}
        )
    for row in tables["supplies"]:
        if row["asset"] == "USD":
            row["supply_quantums"] = str(int(row["supply_quantums"]) + signers * USD_QUANTUMS)
    genesis = home / "bench-genesis.json"
    genesis.write_bytes(genesis_json(document))
    choices = Choices("devnet", nodes, next(NETWORK_PORTS), block_time_ms, str(genesis))
    return Running(make_network(home / "network", choices, began_ms), names)


def wait_growing(one: Running) -> None:
    """Wait until every node has three final blocks."""
    deadline = time.monotonic() + WITHIN_S
    for index in range(len(one.network.nodes)):
        while True:
            try:
                if int(one.call(index, "chain_getStatus")["height"]) >= 3:
                    break
            except (OSError, HTTPException):
                one.doors.clear()
            assert time.monotonic() < deadline, "the network does not finalise blocks"
            time.sleep(0.1)
