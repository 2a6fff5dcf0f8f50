"""A state of a million rows: its root, its proofs, its commits, and a start from it.

The chain grows by a hundred blocks that nobody voted for, each of ten thousand new balances, and
is then opened as a node opens it: `python -m tests.bench.scale.state`, a process of its own.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from chain.block.block import Block
from chain.block.header import block_id_of
from chain.kit.holder import wallet
from chain.modules.ledger.state import BALANCES, Balance
from chain.state.overlay import Overlay
from derivatives.registry import REGISTRY
from node.state_store import StateStore
from node.storage.batch import FinalBatch, FinalBlock
from node.storage.leveldb import Storage
from tests import given
from tests.bench.verification import verification_s

BLOCKS_COUNT = 100
WRITES_COUNT = 10_000
PROOFS_COUNT = 200
LAST_COUNT = 9
"""Blocks at the end, of whose costs the median is told."""


def cpu_s(work: Callable[[], object]) -> float:
    """Return the CPU seconds of this process for some work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def key_of(number: int) -> tuple[bytes, str]:
    """Return the key of one balance."""
    return wallet(sha256(b"row %d" % number).digest()), "USD"


def grown(store: StateStore, number: int) -> tuple[Overlay, float]:
    """Return a sealed block's worth of new rows, and the CPU seconds of its root."""
    overlay = Overlay(store.tables)
    for row in range(number * WRITES_COUNT, (number + 1) * WRITES_COUNT):
        overlay.put(BALANCES, key_of(row), Balance(row + 1))
    return overlay, cpu_s(overlay.seal)


def batch_of(store: StateStore, overlay: Overlay) -> FinalBatch:
    """Return the rows as a block on the head."""
    parent = store.head.header
    header = replace(
        parent,
        height=parent.height + 1,
        view=parent.view + 1,
        parent_id=block_id_of(parent),
        state_root=overlay.root,
    )
    block = Block(header, (), b"", ())
    return FinalBatch((FinalBlock(block, block_id_of(header), (), overlay),), None)


def measured(path: Path) -> dict[str, float]:
    """Return each cost by name: CPU seconds, but for the wall seconds of opening."""
    world = given.world(modules=REGISTRY)
    storage = Storage.open(path, world.chain_id)
    store = StateStore.recover(storage, world.application, world.genesis)
    roots, commits = [], []
    for number in range(BLOCKS_COUNT):
        overlay, root_s = grown(store, number)
        batch = batch_of(store, overlay)
        commits.append(cpu_s(partial(store.make_durable, batch)))
        store.take_in(batch)
        roots.append(root_s)
    keys = [key_of(number * 4_999) for number in range(PROOFS_COUNT)]
    prove_s = cpu_s(lambda: [store.prove(BALANCES, key) for key in keys]) / PROOFS_COUNT
    rows_count = store.tables.row_count
    storage.close()
    return {
        "rows": rows_count,
        "verify": verification_s(),
        "root": statistics.median(roots[-LAST_COUNT:]),
        "commit": statistics.median(commits[-LAST_COUNT:]),
        "prove": prove_s,
    }


def opened(path: Path) -> dict[str, float]:
    """Return what it costs to open that chain, in a process that did nothing before."""
    world = given.world(modules=REGISTRY)
    start, start_cpu = time.monotonic(), time.process_time()
    storage = Storage.open(path, world.chain_id)
    store = StateStore.recover(storage, world.application, world.genesis)
    spent = {"open": time.monotonic() - start, "open_cpu": time.process_time() - start_cpu}
    assert BLOCKS_COUNT == store.head.height
    storage.close()
    return spent


def state_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of every figure, measured in processes of their own."""
    with tempfile.TemporaryDirectory(prefix="novation-bench-") as home:
        cost: dict[str, float] = {}
        for step in STEPS:
            command = [sys.executable, "-m", "tests.bench.scale.state", step, f"{home}/chain"]
            told = subprocess.run(command, check=True, capture_output=True, text=True)
            cost |= json.loads(told.stdout.splitlines()[-1])
    name = f"state/rows={round(cost['rows'], -4):.0f}"
    root = cost["root"] / cost["verify"]
    return [
        (f"{name},root", root, "verifications for 10,000 writes", "at most 2,500"),
        (f"{name},commit", cost["commit"] * 1e3, "ms CPU for 10,000 writes", ""),
        (f"{name},prove", cost["prove"] * 1e6, "us CPU a proof", ""),
        (f"{name},open", cost["open"], "s, wall", "at most 5"),
        (f"{name},open_cpu", cost["open_cpu"], "s CPU", ""),
    ]


STEPS = {"grow": measured, "open": opened}


def main() -> None:
    """Print the costs of one step."""
    print(json.dumps(STEPS[sys.argv[1]](Path(sys.argv[2]))))


if __name__ == "__main__":
    main()
