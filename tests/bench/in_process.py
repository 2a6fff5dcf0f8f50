"""What one node does for a transfer, without network and without RPC, held against verification.

It runs in a process of its own, `python -m tests.bench.in_process`, with the switch interval,
the heap and the collector as `node.run` sets them.  Each round stands between two measurements of
verification, since the machine's own speed changes faster than a bench runs.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import trio

from chain.block.certificate import Certificate
from chain.block.header import block_id_of
from chain.block.vote import FINALIZE
from chain.machine.run import BlockFacts
from chain.modules.authorities.sets import authority_set_of
from chain.modules.ledger.transactions import Transfer
from chain.modules.signers.lanes import next_sequence
from derivatives.registry import REGISTRY
from node.admission import Admission
from node.clock import Clock
from node.config import Mempool as Limits
from node.consensus.alarms import Alarms
from node.executor import Executor
from node.mempool.pool import Mempool
from node.proposer import Contents
from node.run import SWITCH_INTERVAL_S, settle, share_one_heap
from node.signatures import Signatures
from node.state_store import StateStore
from node.storage.leveldb import Storage, Tuning
from tests import given
from tests.bench.verification import verification_s

ROUNDS = 9
SIGNERS_COUNT = 100
LOADS = ((2, 200), (20, 2_000))
"""Transfers of each signer in a block, and of all."""

BUILD_MAX_MS = 60_000


class Node:
    """A node's way of a transaction: door, pool, builder, judge, store."""

    def __init__(self, path: Path, world: given.World) -> None:
        self.world = world
        self.storage = Storage.open(path, self.world.chain_id, Tuning(flush=True))
        self.state_store = StateStore.recover(
            self.storage, self.world.application, self.world.genesis
        )
        self.world.tables = self.state_store.tables
        self.signatures = Signatures()
        self.pool = Mempool(
            Limits(), lambda signer, lane: next_sequence(self.state_store.tables, signer, lane)
        )
        shared = {
            "application": self.world.application,
            "chain_id": self.world.chain_id,
            "state_store": self.state_store,
            "signatures": self.signatures,
            "clock": Clock(),
        }
        self.admission = Admission(mempool=self.pool, **shared)  # type: ignore[arg-type]
        self.executor = Executor(storage=self.storage, alarms=Alarms(Clock()), **shared)  # type: ignore[arg-type]
        self.admission.tell(lambda admitted, _: self.executor.remember(admitted))

    async def finalise(self, batch: list[bytes]) -> None:
        """Admit a batch as gossip brings it, and make it final in a block of its own."""
        await self.admission.submit_many(batch)
        header = self.state_store.head.header
        authorities = authority_set_of(self.state_store.tables, 0)
        assert authorities is not None
        view = header.height + 1
        facts = BlockFacts(
            chain_id=self.world.chain_id,
            epoch=0,
            height=header.height + 1,
            view=view,
            parent_id=block_id_of(header),
            proposer=authorities.leader(view),
            time_ms=header.time_ms + 500,
        )
        oracle = self.world._section(facts)
        built, _ = await self.executor.build(
            facts, lambda _: Contents(self.pool.take(), oracle, ()), BUILD_MAX_MS
        )
        assert built is not None
        assert len(batch) == len(built.transactions)
        certificate = Certificate(FINALIZE, 0, view, built.block_id, b"\x07", (bytes(64),) * 3)
        for notice in await self.executor.commit((built.block_id,), certificate):
            self.pool.applied(notice.transactions)
        self.world.head = built.block

    def close(self) -> None:
        self.signatures.close()
        self.storage.close()


async def _rounds(each_count: int) -> list[tuple[float, float]]:
    """Return for each round CPU seconds of a transfer, and of a verification beside it."""
    names = [f"signer{number}" for number in range(SIGNERS_COUNT)]
    with tempfile.TemporaryDirectory(prefix="novation-bench-") as home:
        holdings = {name: {"USD": 10**12} for name in (*names, "bob")}
        node = Node(Path(home) / "chain", given.world(holdings, modules=REGISTRY))
        payload = Transfer(to=given.address("bob"), asset="USD", amount_quantums=1)
        rounds = []
        settle()
        for number in range(ROUNDS):
            batch = [
                node.world.transaction(name, payload, sequence=sequence).data
                for sequence in range(each_count * number, each_count * (number + 1))
                for name in names
            ]
            before_s = verification_s()
            start = time.process_time()
            await node.finalise(batch)
            spent_s = (time.process_time() - start) / len(batch)
            rounds.append((spent_s, (before_s + verification_s()) / 2))
        node.close()
    return rounds


def in_process_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of every figure, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.in_process"]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    rows = []
    for in_block_count, rounds in json.loads(told.stdout):
        name = f"node.finalise/block={in_block_count}"
        spent_us = statistics.median(spent_s for spent_s, _ in rounds) * 1e6
        ratio = statistics.median(verify_s / spent_s for spent_s, verify_s in rounds)
        bar = "at least 0.5" if in_block_count == LOADS[-1][1] else ""
        rows.append((name, spent_us, "us CPU a transfer, in one process", ""))
        rows.append((f"{name},ratio", ratio, "verification over it", bar))
    return rows


def main() -> None:
    """Print the rounds of every load."""
    share_one_heap()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    print(json.dumps([(count, trio.run(_rounds, each)) for each, count in LOADS]))


if __name__ == "__main__":
    main()
