"""How long a node of a million rows is away when it is started again: to its first new block.

An authority that is alone, a process of its own.  Its chain is made here: blocks as a node builds
them, each with ten thousand new balances beside, and certificates of its one published key.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

from chain.machine.run import open_block, seal
from chain.modules.ledger.state import BALANCES, SUPPLIES, Balance, Supply
from chain.state.overlay import Overlay
from node.clock import Clock
from node.devnet import processes
from node.devnet.layout import Choices, Network
from node.devnet.writing import make_network
from node.folder import DataFolder
from tests.bench.network import Running
from tests.bench.scale.maker import BLOCK_MS, Maker
from tests.bench.scale.state import BLOCKS_COUNT, WRITES_COUNT, key_of
from tests.ports import NETWORK_PORTS

STARTS_COUNT = 3
WITHIN_S = 120
LOOK_EVERY_S = 0.02


def grow(folder: DataFolder) -> int:
    """Make the chain of a folder, and return its height."""
    maker = Maker(folder)
    for number in range(BLOCKS_COUNT):
        facts = maker.facts()
        run = open_block(maker.application, maker.store.tables, facts, b"", ())
        overlay = run.view
        assert isinstance(overlay, Overlay)
        for row in range(number * WRITES_COUNT, (number + 1) * WRITES_COUNT):
            overlay.put(BALANCES, key_of(row), Balance(1))
        supply = overlay.get(SUPPLIES, "USD")
        assert supply is not None
        overlay.put(SUPPLIES, "USD", Supply(supply.supply_quantums + WRITES_COUNT))
        outcome = run.close()
        maker.keep(seal(facts, (), b"", (), outcome), outcome)
    maker.storage.close()
    return maker.store.head.height


@contextmanager
def _network() -> Iterator[Network]:
    with tempfile.TemporaryDirectory(prefix="novation-bench-") as home:
        began_ms = Clock().wall_ms() - (BLOCKS_COUNT + 20) * BLOCK_MS
        choices = Choices("devnet", 1, next(NETWORK_PORTS), BLOCK_MS, None)
        network = make_network(Path(home) / "network", choices, began_ms)
        yield network


def height_of(one: Running) -> int:
    """Return how high the node is; -1 while it does not answer."""
    try:
        return int(one.call(0, "chain_getStatus")["height"])
    except (OSError, HTTPException):
        one.doors.clear()
        return -1


def restart_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of each figure: the fastest of some starts."""
    answered_s, voted_s = [], []
    with _network() as network:
        folder = network.folder_of(network.nodes[0])
        height = grow(DataFolder(folder))
        one = Running(network, [])
        for _ in range(STARTS_COUNT):
            start = time.monotonic()
            process = processes.start(folder)
            try:
                _wait(one, 0, start, process)
                answered_s.append(time.monotonic() - start)
                height = _wait(one, height + 1, start, process)
                voted_s.append(time.monotonic() - start)
            finally:
                processes.stop([folder])
                one.doors.clear()
    name = f"restart/rows={BLOCKS_COUNT * WRITES_COUNT}"
    return [
        (f"{name},answer", min(answered_s), "s, wall, to its first answer", ""),
        (f"{name},vote", min(voted_s), "s, wall, to its first new block", "at most 5"),
    ]


def _wait(one: Running, height: int, start: float, process: subprocess.Popen[bytes]) -> int:
    while (now := height_of(one)) < height:
        assert process.poll() is None, f"the node ended with {process.returncode}"
        assert time.monotonic() - start < WITHIN_S, f"the node is at {now}"
        time.sleep(LOOK_EVERY_S)
    return now
