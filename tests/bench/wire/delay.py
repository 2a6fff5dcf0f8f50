"""How long a block takes from its proposal to its end when every message takes so long.

Four whole nodes of one process on the network in memory, with the clock of the wall and synced
files, blocks every half second, nothing to pay: `python -m tests.bench.wire.delay`.  A block's own
time is that of its proposal; it is final here when it is durable and told to subscribers.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import trio

from node.services import Services
from tests.node.test_assembly import cluster

DELAYS_MS = {20: 4.0, 50: 3.5}
"""One-way delay, and in how many of them a block is to be final."""

BLOCKS_COUNT = 24


async def _final_after_ms(services: Services, spent_ms: list[int]) -> None:
    """Note for each of the next blocks how long ago it was proposed."""
    head = services.finality.head
    for _ in range(BLOCKS_COUNT):
        head = await services.finality.wait_head_above(head.height)
        spent_ms.append(services.clock.wall_ms() - head.time_ms)


async def _measured(delay_ms: int) -> list[int]:
    spent_ms: list[int] = []
    with tempfile.TemporaryDirectory(prefix="novation-bench-") as home:
        async with cluster(Path(home) / "net", 4) as nodes:
            await nodes.grow(2)
            nodes.hub.latency_ms = (delay_ms, delay_ms)
            await nodes.grow(2)
            async with trio.open_nursery() as nursery:
                for services in nodes.services.values():
                    nursery.start_soon(_final_after_ms, services, spent_ms)
    return spent_ms


def delay_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of every figure, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.wire.delay"]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    rows = []
    for delay_ms, spent_ms in json.loads(told.stdout.splitlines()[-1]):
        delays = statistics.median(spent_ms) / delay_ms
        bar = f"at most {DELAYS_MS[delay_ms]:g}"
        rows.append((f"consensus.final/delay_ms={delay_ms}", delays, "one-way delays, p50", bar))
    return rows


def main() -> None:
    """Print for each delay the milliseconds of every block on every node."""
    print(json.dumps([(delay_ms, trio.run(_measured, delay_ms)) for delay_ms in DELAYS_MS]))


if __name__ == "__main__":
    main()
