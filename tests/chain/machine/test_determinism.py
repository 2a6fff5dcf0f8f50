"""MACH-047: the same bytes give the same roots in any process, whatever its hash seed."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

PROGRAM = """
from chain.block.header import block_id_of
from chain.modules.ledger.transactions import Transfer
from chain.modules.signers.transactions import AddAgent, SetKeys
from tests import given

names = [f"s{number}" for number in range(40)]
world = given.world({name: {"USD": 10**9, "BTC": 10**6, "ETH": 1} for name in names})
for place, name in enumerate(names):
    other = given.address(names[(7 * place + 1) % 40])
    world.send(name, Transfer(other, "USD", 1_000 + place), Transfer(other, "BTC", 1 + place))
    world.send(name, Transfer(given.address(f"n{place}"), "USD", 1_000_000), lane=place)
    world.send(name, Transfer(other, "USD", 2**61))
    agents = (AddAgent(given.address(f"a{i}"), 2**62, (), (1, 2)) for i in range(3))
    world.send(name, *agents)
    if place % 3 == 0:
        keys = tuple(sorted(given.address(f"{name}/{i}") for i in range(5)))
        world.send(name, SetKeys(3, keys))
    if place % 10 == 9:
        world.close_block()
for block in world.blocks:
    print(block_id_of(block.header).hex())
"""


def block_ids(hash_seed: str) -> list[str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    return done.stdout.split()


def test_same_blocks_have_the_same_ids_under_two_hash_seeds() -> None:
    first, second = block_ids("1"), block_ids("2")

    assert first == second
    assert 4 == len(first)
