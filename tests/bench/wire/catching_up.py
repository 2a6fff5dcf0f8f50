"""How fast a node that was away catches up while the others go on under load.

Real processes. One is killed, the others finalise transfers at a rate for a while, it is started
again, and its height is looked at from its first answer until it is at most two blocks behind.
The load never stops.  More minutes away make more blocks: `BEHIND_S` is the bench's own.
"""

import threading
import time
from dataclasses import dataclass

import trio

from node.devnet import processes
from tests.bench.network import Running
from tests.bench.wire.payer import pay

RATE_PER_S = 50
BEHIND_S = 45
AFTER_S = 40
NEAR_BLOCKS = 2
LOOK_EVERY_S = 0.05
WITHIN_S = 120


@dataclass(frozen=True)
class CaughtUp:
    """What came of it."""

    blocks_behind: int
    production_per_s: float
    gained_per_s: float


def height_of(one: Running, index: int) -> int:
    """Return the height of a node's newest final block; -1 while it does not answer."""
    try:
        return int(one.call(index, "chain_getStatus")["height"])
    except OSError:
        one.doors.pop(index, None)
        return -1


def catch_up(one: Running, first_sequence: int) -> CaughtUp:
    """Take the last node away and back under load, and return how fast it caught up."""
    away = len(one.network.nodes) - 1
    ports = [int(place.rpc.rpartition(":")[2]) for place in one.network.nodes[:away]]
    each = RATE_PER_S * (BEHIND_S + AFTER_S) // len(one.names)
    transactions = one.transfers(each, first_sequence)
    # Each signer stays with one node: their count is a multiple of that of the nodes here.
    usable = len(transactions) // len(ports) * len(ports)
    load = threading.Thread(
        target=trio.run, args=(pay, ports, transactions[:usable], RATE_PER_S), daemon=True
    )
    folder = one.network.folder_of(one.network.nodes[away])
    processes.kill(folder)
    start_s, start_height = time.monotonic(), height_of(one, 0)
    load.start()
    time.sleep(BEHIND_S)
    produced = height_of(one, 0) - start_height
    production_per_s = produced / (time.monotonic() - start_s)
    process = processes.start(folder)
    deadline = time.monotonic() + WITHIN_S
    while (began := height_of(one, away)) < 0:
        ended = process.poll()
        assert ended is None, f"the node ended with {ended}: {processes.last_lines(folder)}"
        told = processes.last_lines(folder) if time.monotonic() > deadline else None
        assert told is None, f"the node does not come back: {told}"
        time.sleep(LOOK_EVERY_S)
    began_s = time.monotonic()
    behind = height_of(one, 0) - began
    while (now := height_of(one, away)) < height_of(one, 0) - NEAR_BLOCKS:
        assert time.monotonic() < deadline, f"the node is at {now}"
        time.sleep(LOOK_EVERY_S)
    gained_per_s = (now - began) / (time.monotonic() - began_s)
    load.join()
    return CaughtUp(behind, production_per_s, gained_per_s)
