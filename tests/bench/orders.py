"""What an order costs: to execute, and to bring through one node, singly and in signed lists.

A round is two blocks: orders that only rest, and as many that each trade with one of them, so
that both sides are filled and margined.  Sides change every round, and positions stay small.

It runs in a process of its own, `python -m tests.bench.orders`, set up as `node.run` is; each
round stands between two measurements of verification.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import trio

from derivatives.accounts.transactions import Deposit
from derivatives.orders.state import IMMEDIATE_OR_CANCEL, SIDE_BUY, SIDE_SELL
from derivatives.orders.transactions import Place
from node.run import SWITCH_INTERVAL_S, settle, share_one_heap
from tests.bench.in_process import Node
from tests.bench.venue import Venue
from tests.bench.verification import verification_s
from tests.given_market import USD, account_of

SIGNERS_COUNT = 50
ROUNDS = 5
LIST_LENGTHS = (1, 16)
EACH_COUNT = 16
"""Orders of each signer in a block: so that a list is a signer's whole block."""

Batch = list[tuple[str, tuple[Place, ...]]]


def batches_of(venue: Venue, round_number: int, length: int) -> tuple[Batch, Batch]:
    """Return what rests and what trades with it, in lists of this length, traders by turns.

    Who trades meets the orders of another: nobody meets itself.
    """
    sides = (SIDE_SELL, SIDE_BUY) if round_number % 2 else (SIDE_BUY, SIDE_SELL)
    names = venue.names
    resting = venue.order(sides[0], post_only=True)
    taking = venue.order(sides[1], time_in_force=IMMEDIATE_OR_CANCEL)
    lists_count = EACH_COUNT // length
    return (
        [(name, (resting,) * length) for _ in range(lists_count) for name in names],
        [(name, (taking,) * length) for _ in range(lists_count) for name in (*names[1:], names[0])],
    )


def _executing(length: int) -> list[tuple[float, float, float]]:
    """Return for each round CPU seconds of an order that rests, that trades, of a verification."""
    venue = Venue(SIGNERS_COUNT)
    settle()
    rounds = []
    for number in range(ROUNDS):
        before_s = verification_s()
        spent = []
        for batch in batches_of(venue, number, length):
            parsed = [venue.parsed(venue.signed(name, *orders)) for name, orders in batch]
            spent.append(venue.executed(parsed)[0] / (SIGNERS_COUNT * EACH_COUNT))
        rounds.append((spent[0], spent[1], (before_s + verification_s()) / 2))
    return rounds


async def _finalising(length: int) -> list[tuple[float, float, float]]:
    """Return the same for one node: door, pool, builder, store, verification included."""
    with tempfile.TemporaryDirectory(prefix="novation-bench-") as home:
        venue = Venue(SIGNERS_COUNT, deposited=False)
        node = Node(Path(home) / "chain", venue.world)
        for _ in range(3):
            await node.finalise([])
        await node.finalise(
            [
                venue.signed(name, Deposit(account_of(name), "USD", 900_000 * USD))
                for name in venue.names
            ]
        )
        settle()
        rounds = []
        for number in range(ROUNDS):
            before_s = verification_s()
            spent = []
            for batch in batches_of(venue, number, length):
                signed = [venue.signed(name, *orders) for name, orders in batch]
                start = time.process_time()
                await node.finalise(signed)
                spent.append((time.process_time() - start) / (SIGNERS_COUNT * EACH_COUNT))
            rounds.append((spent[0], spent[1], (before_s + verification_s()) / 2))
        node.close()
    return rounds


def order_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of every figure, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.orders"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    rows = []
    for length, executing, finalising in told:
        name = f"orders.apply/list={length}"
        for place, what in enumerate(("rest", "trade")):
            spent_us = statistics.median(one[place] for one in executing) * 1e6
            rows.append((f"{name},{what}", spent_us, "us CPU an order, executed", ""))
        ratio = statistics.median(trade_s / verify_s for _, trade_s, verify_s in executing)
        bar = "at most 0.75" if length == 1 else ""
        rows.append((f"{name},ratio", ratio, "one that trades over verification", bar))
        ratio = statistics.median(2 * v / (rest_s + trade_s) for rest_s, trade_s, v in finalising)
        bar = "at least 0.5" if length == 1 else "at least 1.5"
        unit = "verification over an order, rest and trade, one node without network"
        rows.append((f"orders.finalise/list={length},ratio", ratio, unit, bar))
    return rows


def main() -> None:
    """Print the rounds of every length of list."""
    share_one_heap()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    told = [(length, _executing(length), trio.run(_finalising, length)) for length in LIST_LENGTHS]
    print(json.dumps(told))


if __name__ == "__main__":
    main()
