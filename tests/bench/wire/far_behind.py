"""A node that is ten thousand blocks behind catches up under load, and one of its servers lies.

    python -m tests.bench.wire.far_behind [--blocks 10000] [--rate 50] [--within 1500]

The chain is made here, with transfers in every block and a certificate under each, and laid down
at three authorities of four; the fourth begins with nothing. One of the three is `liar.py`. Printed
is how fast the fourth gained, how fast the others went on meanwhile, and whom its log names.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import trio

from chain.block.transaction import parse_transaction
from node.clock import Clock
from node.devnet import processes
from node.folder import DataFolder
from node.proposer import Contents, build_block
from tests.bench.network import Running, laid_out, transfers_of
from tests.bench.scale.maker import BLOCK_MS, Maker
from tests.bench.wire.catching_up import NEAR_BLOCKS, height_of
from tests.bench.wire.payer import pay

SIGNERS_COUNT = 30
EACH_BLOCK = 6
"""Transfers of a block that is made here."""

VALID_BLOCKS = 500
PORTION_S = 30

LIES = "tests.bench.wire.liar"
LIAR = 2
BEHIND = 3
LOOK_EVERY_S = 1.0


def make_chain(one: Running, blocks_count: int) -> None:
    """Lay a chain down at every node but the one that is to be behind."""
    folders = [one.network.folder_of(place) for place in one.network.nodes]
    maker = Maker(DataFolder(folders[0]))
    application, chain_id = maker.application, maker.genesis.chain_id
    transfers = _transfers(one, blocks_count)
    while data := tuple(islice(transfers, EACH_BLOCK)):
        parsed = tuple(parse_transaction(application, chain_id, each) for each in data)
        contents, state = Contents(parsed, b"", ()), maker.store.tables
        built = build_block(application, state, maker.facts(), contents, lambda: False)
        assert parsed == built.transactions, "every transfer is in its block"
        maker.keep(built.block, built.outcome)
    maker.storage.close()
    for folder in folders[1:BEHIND]:
        shutil.copytree(DataFolder(folders[0]).chain, DataFolder(folder).chain, dirs_exist_ok=True)


def _transfers(one: Running, blocks_count: int) -> Iterator[bytes]:
    """Return the transfers of so many blocks, each valid for some hundred of them."""
    for sequence in range(blocks_count * EACH_BLOCK // SIGNERS_COUNT):
        until_height = sequence * SIGNERS_COUNT // EACH_BLOCK + VALID_BLOCKS
        yield from transfers_of(
            one.network.chain_id, one.names, range(sequence, sequence + 1), until_height
        )


def measured(one: Running, first_sequence: int, rate_per_s: int, within_s: int) -> None:
    """Start the three and then the fourth under load, and print how it catches up."""
    folders = [one.network.folder_of(place) for place in one.network.nodes]
    started = [
        processes.start(folder, LIES if index == LIAR else processes.RUN_MODULE)
        for index, folder in enumerate(folders[:BEHIND])
    ]
    laid_height = _wait(one, 0, 1, started, within_s)
    _wait(one, 0, laid_height + 3, started, within_s)
    ports = [int(place.rpc.rpartition(":")[2]) for place in one.network.nodes[:BEHIND]]
    ended = threading.Event()
    # Connections of its own: the heights are asked for meanwhile.
    payer = Running(one.network, one.names)
    given = (payer, ports, first_sequence, rate_per_s, ended)
    load = threading.Thread(target=trio.run, args=(_pay, *given), daemon=True)
    load.start()
    started.append(processes.start(folders[BEHIND]))
    try:
        _wait(one, BEHIND, 0, started, within_s)
        _watch(one, within_s)
    finally:
        ended.set()
        load.join()
    print(f"named by the node: {dict(_named(folders[BEHIND]))}")


async def _pay(
    one: Running, ports: list[int], first_sequence: int, rate_per_s: int, ended: threading.Event
) -> None:
    """Pay until the end, in portions that are signed when their turn comes."""
    each = rate_per_s * PORTION_S // SIGNERS_COUNT
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:

            async def portions() -> None:
                for number in count():
                    transactions = one.transfers(each, first_sequence + number * each)
                    await pay(ports, transactions, rate_per_s)

            nursery.start_soon(portions)
            await trio.to_thread.run_sync(ended.wait)
            scope.cancel()


def _watch(one: Running, within_s: int) -> None:
    """Print heights until the fourth is near, then what they come to."""
    began_s, began, goal_before = time.monotonic(), height_of(one, BEHIND), height_of(one, 0)
    print(f"answers, {goal_before - began} behind", flush=True)
    told_s = began_s
    while (now := height_of(one, BEHIND)) < (goal := height_of(one, 0)) - NEAR_BLOCKS:
        assert time.monotonic() - began_s < within_s, f"the node is at {now} of {goal}"
        if time.monotonic() - told_s > 10:
            told_s = time.monotonic()
            print(f"{told_s - began_s:.0f} s: {now} of {goal}", flush=True)
        time.sleep(LOOK_EVERY_S)
    spent_s = time.monotonic() - began_s
    gained_per_s, made_per_s = (now - began) / spent_s, (goal - goal_before) / spent_s
    print(
        f"caught up in {spent_s:.0f} s: {gained_per_s:.1f} blocks a second, the others made"
        f" {made_per_s:.2f} a second; {gained_per_s / made_per_s:.1f} times production"
    )


def _wait(
    one: Running, index: int, height: int, started: list[subprocess.Popen[bytes]], within_s: int
) -> int:
    """Return the height that a node has once it has this one."""
    deadline = time.monotonic() + within_s
    while (now := height_of(one, index)) < height:
        ended = [process.returncode for process in started if process.poll() is not None]
        assert not ended, f"nodes ended with {ended}"
        assert time.monotonic() < deadline, f"a node is at {now} and not at {height}"
        time.sleep(LOOK_EVERY_S)
    return now


def _named(folder: Path) -> Counter[str]:
    """Return whom the log of a node charges, and with what, how often."""
    named: Counter[str] = Counter()
    for line in (folder / "node.log").read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        if told.get("event") == "wrong answer":
            named[f"{told['offence']} of {told['peer']}"] += 1
    return named


def main() -> None:
    """Make the chain, and have the last node catch up with it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--blocks", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=50, help="transfers a second")
    parser.add_argument("--within", type=int, default=1_500, help="seconds")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="novation-bench-"))
    began_ms = Clock().wall_ms() - (given.blocks + 20) * BLOCK_MS
    one = laid_out(home, SIGNERS_COUNT, 4, BLOCK_MS, began_ms)
    try:
        started_s = time.process_time()
        make_chain(one, given.blocks)
        print(f"{given.blocks} blocks made in {time.process_time() - started_s:.0f} CPU s")
        sequences_count = given.blocks * EACH_BLOCK // SIGNERS_COUNT
        measured(one, sequences_count, given.rate, given.within)
    finally:
        processes.stop([one.network.folder_of(place) for place in one.network.nodes])
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
