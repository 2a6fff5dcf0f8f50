"""What is measured, each as a figure beside its bar; ratios within one run, on CPU time.

A figure is (name, value, unit, bar); `part.operation/key=value` is its name.
"""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

import trio

from tests.bench.guards import guard_rows
from tests.bench.in_process import in_process_rows
from tests.bench.listing import listing_rows
from tests.bench.margin import kernel_rows
from tests.bench.network import WITHIN_S, Running, running
from tests.bench.orders import order_rows
from tests.bench.pricing import pricing_rows
from tests.bench.scale.restart import restart_rows
from tests.bench.scale.state import state_rows
from tests.bench.verification import verification_rows, verification_s
from tests.bench.wire.catching_up import catch_up
from tests.bench.wire.delay import delay_rows
from tests.bench.wire.payer import pay

Part = Callable[[], "list[Figure]"]
"""Measures some figures that belong together."""

EACH = 40
"""Transfers of each signer in a round: 4,000 of a hundred signers, a few seconds of backlog."""
RATE_PER_S = 200
PACED_EACH = 10
IDLE_BLOCKS = 40
SIGNERS_AWAY = 51
"""A multiple of the three nodes that stay: each signer stays with one of them."""


class Figure(NamedTuple):
    """One measured number with its unit and the bar it is held against, if any."""

    name: str
    value: float
    unit: str
    bar: str = ""


def start_up() -> list[Figure]:
    """Return the user CPU of the command line's help."""
    spent = []
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run(
            [sys.executable, "-m", "node.cli.main", "--help"], check=True, capture_output=True
        )
        spent.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    return [Figure("cli.help/user", statistics.median(spent) * 1000, "ms", "at most 200")]


def finalised_transfers(one: Running, verify_s: float) -> list[Figure]:
    """Return what four nodes spend on finalising signed transfers, idle spending included."""
    per_thousand = []
    rates = []
    for round_number in range(5):
        transactions = one.transfers(EACH, first_sequence=EACH * round_number)
        start_cpu_s, start_s = one.cpu_s(), time.monotonic()
        ids = one.submit(transactions)
        one.wait_final(ids)
        per_thousand.append((one.cpu_s() - start_cpu_s) * 1000 / len(transactions))
        rates.append(len(transactions) / (time.monotonic() - start_s))
        one.require_applied(ids)
    cpu_s = statistics.median(per_thousand)
    nodes = len(one.network.nodes)
    return [
        Figure("network.finalise/nodes=4", cpu_s, "CPU s per 1,000 transfers, all nodes"),
        Figure(
            "network.finalise/verifications",
            cpu_s / verify_s,
            "verifications per 1,000 transfers, all nodes",
            "at most 8,000",
        ),
        Figure(
            "network.finalise/ratio",
            verify_s / (cpu_s / 1000 / nodes),
            "transfers per core over verifications per core",
            "at least 0.5",
        ),
        Figure("network.finalise/rate", statistics.median(rates), "transfers a second, wall"),
    ]


def idle_latency(one: Running, first_sequence: int) -> list[Figure]:
    """Return the wall time from submit to final on a network with nothing else to do."""
    spent = []
    for transaction in one.transfers(1, first_sequence)[:40]:
        start = time.monotonic()
        one.call(0, "tx_submitAndWait", tx=transaction, timeout_ms=30_000)
        spent.append((time.monotonic() - start) * 1000)
    spent.sort()
    return [
        Figure("network.submit_to_final/p50", statistics.median(spent), "ms, wall, idle"),
        Figure("network.submit_to_final/max", spent[-1], "ms, wall, idle"),
    ]


def paced_latency(one: Running, first_sequence: int) -> list[Figure]:
    """Return the wall time from submit to final at two hundred transfers a second."""
    transactions = one.transfers(PACED_EACH, first_sequence)
    ports = [int(place.rpc.rpartition(":")[2]) for place in one.network.nodes]
    start_cpu_s = one.cpu_s()
    spent = trio.run(pay, ports, transactions, RATE_PER_S)
    p50_s, p95_s = (spent[int(len(spent) * part)] for part in (0.5, 0.95))
    cpu_s = (one.cpu_s() - start_cpu_s) * 1000 / len(transactions)
    name = f"network.submit_to_final/rate={RATE_PER_S}"
    return [
        Figure(f"{name},p50", p50_s * 1000, "ms, wall", "below 200, goal 105"),
        Figure(f"{name},p95", p95_s * 1000, "ms, wall"),
        Figure(f"{name},cpu", cpu_s, "CPU s per 1,000 transfers, all nodes"),
    ]


def idle_cost(one: Running) -> list[Figure]:
    """Return what a network costs that only makes empty blocks, and its memory."""
    start_cpu_s, start_s = one.cpu_s(), time.monotonic()
    start_height = int(one.call(0, "chain_getStatus")["height"])
    while (height := int(one.call(0, "chain_getStatus")["height"])) < start_height + IDLE_BLOCKS:
        assert time.monotonic() - start_s < WITHIN_S, "the network does not finalise blocks"
        time.sleep(0.5)
    blocks = height - start_height
    cpu_s, wall_s = one.cpu_s() - start_cpu_s, time.monotonic() - start_s
    nodes = len(one.network.nodes)
    return [
        Figure("network.empty_block/cpu", cpu_s / blocks / nodes * 1000, "ms CPU a node"),
        Figure("network.empty_block/interval", wall_s / blocks * 1000, "ms, wall"),
        Figure("node.memory/idle", max(one.resident_bytes()) / 2**20, "MiB, largest node"),
    ]


def rpc(one: Running) -> list[Figure]:
    """Return the rate and tail of a trivial call on kept connections while blocks flow."""
    port = one.network.nodes[0].rpc.rpartition(":")[2]
    flood = [sys.executable, "-m", "tests.bench.caller", port]
    rate = subprocess.run([*flood, "0", "4"], check=True, capture_output=True, text=True)
    paced = subprocess.run([*flood, "500", "4"], check=True, capture_output=True, text=True)
    calls_a_second, _, _ = rate.stdout.split()
    _, p50_ms, p99_ms = paced.stdout.split()
    return [
        Figure("rpc.status/rate", float(calls_a_second), "calls a second", "goal 3,000"),
        Figure("rpc.status/p50,rate=500", float(p50_ms), "ms"),
        Figure("rpc.status/p99,rate=500", float(p99_ms), "ms", "goal below 15"),
    ]


def absence() -> list[Figure]:
    """Return how fast a node that was away catches up while the others go on under load."""
    with running(signers=SIGNERS_AWAY) as one:
        seen = catch_up(one, first_sequence=0)
    times = seen.gained_per_s / seen.production_per_s
    return [
        Figure("sync.catch_up/behind", seen.blocks_behind, "blocks, at its first answer"),
        Figure("sync.catch_up/rate", seen.gained_per_s, "blocks a second, wall"),
        Figure("sync.catch_up/ratio", times, "times the production rate", "at least 5"),
    ]


def paid() -> list[Figure]:
    """Return every figure of a network of four that transfers are handed to."""
    verify_s = verification_s()
    with running(signers=100) as one:
        figures = idle_cost(one)
        figures += finalised_transfers(one, verify_s)
        figures += paced_latency(one, 5 * EACH)
        figures += idle_latency(one, 5 * EACH + PACED_EACH)
        figures += rpc(one)
        figures.append(
            Figure("node.memory/loaded", max(one.resident_bytes()) / 2**20, "MiB, largest node")
        )
    return figures


def paced() -> list[Figure]:
    """Return how long a transfer takes to be final, at a rate and alone."""
    with running(signers=100) as one:
        return [*paced_latency(one, 0), *idle_latency(one, PACED_EACH)]


def called() -> list[Figure]:
    """Return how fast a node answers while it finalises empty blocks."""
    with running(signers=4) as one:
        return rpc(one)


def _figures(rows: Callable[[], Iterable[tuple[str, float, str, str]]]) -> Part:
    return lambda: [Figure(*row) for row in rows()]


ALL: dict[str, Part] = {
    "verification": _figures(verification_rows),
    "start": start_up,
    "kernel": _figures(kernel_rows),
    "pricing": _figures(pricing_rows),
    "guards": _figures(guard_rows),
    "listing": _figures(listing_rows),
    "delay": _figures(delay_rows),
    "finalise": _figures(in_process_rows),
    "orders": _figures(order_rows),
    "state": _figures(state_rows),
    "network": paid,
    "sync": absence,
}
"""What `make bench` measures, in its order."""

ALONE: dict[str, Part] = {"paced": paced, "rpc": called, "restart": _figures(restart_rows)}
"""What can be asked for beside it, each on a network of its own."""
