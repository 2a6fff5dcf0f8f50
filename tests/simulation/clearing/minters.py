"""Five who also mint, burn, redeem, pass on and deposit gold at random, while they trade.

Prices gap by up to 30 %, the feed of gold dies now and then, insurance has much or nothing.
Every block is executed twice and audited: what there is of gold is owed, whoever owes has no
gold behind it, and nothing freezes.

.venv/bin/python -m tests.simulation.clearing.minters FIRST_SEED COUNT
"""

import sys
from collections import Counter
from random import Random
from typing import Any

from chain.kit import wallet
from chain.modules.ledger.balances import balance_of
from chain.modules.ledger.transactions import Transfer
from derivatives.accounts.transactions import Deposit
from derivatives.solvency.state import FROZEN
from derivatives.synthetics.transactions import Burn, Mint, Redeem
from tests import given
from tests.simulation.clearing.naive import FUND, INSURANCE
from tests.simulation.clearing.traders import (
    E8,
    NAMES,
    USD,
    USUAL,
    WALLET,
    Traders,
    account_of,
    moved,
)

GOLD = "sGOLD"
GOLD_USUAL_E8 = 4_000 * E8
SIZES_LOTS = (100, 1_000, 5_000, 10_000, 20_000, 30_000)
BLOCKS_COUNT = 60
GAPS_MS = (500, 500, 500, 3_000, 61_000)
WILD_PPM = 300_000


class Minters(Traders):
    """What the five send: every other time it is about gold."""

    def asked(self, world: given.World) -> tuple[str, Any]:
        """Return who asks for what."""
        random = self.random
        if random.random() < 0.5:
            return super().asked(world)
        name = random.choice(NAMES)
        account, lots = account_of(name), random.choice(SIZES_LOTS)
        held = balance_of(world.view, wallet(given.address(name)), GOLD)
        some = max(100, min(lots, held))
        dice = random.random()
        if dice < 0.45:
            return name, Mint(account, GOLD, lots)
        if dice < 0.55:
            return name, Burn(account, GOLD, some)
        if dice < 0.75:
            return name, Redeem(GOLD, some)
        if dice < 0.85:
            return name, Deposit(account, GOLD, some)
        return name, Transfer(given.address(random.choice(NAMES)), GOLD, some)


def run(seed: int) -> Counter[str]:
    """Let a chain of this seed run, and return how often what was told."""
    random = Random(seed)
    funds = {INSURANCE: random.choice((0, 300, 10**5)), FUND: random.choice((0, 77, 5_000))}
    held = dict.fromkeys(NAMES, WALLET) | {name: {"USD": n * USD} for name, n in funds.items()}
    world = given.world(held)
    world.prices_e8 = {**USUAL, "GOLD": GOLD_USUAL_E8}
    minters = Minters(random)
    minters.fund(world)
    for _ in range(9):
        world.close_block()
    met: Counter[str] = Counter()
    for _ in range(BLOCKS_COUNT):
        minters.act(world, random.randint(0, 7))
        dice = random.random()
        if dice < 0.3:
            world.prices_e8 = moved(random, world.prices_e8, WILD_PPM)
        if dice < 0.05:
            world.prices_e8.pop("GOLD", None)
        elif random.random() < 0.3:
            world.prices_e8.setdefault("GOLD", GOLD_USUAL_E8)
        world.close_block(random.choice(GAPS_MS))
        for receipt in world.outcomes[-1].receipts:
            met.update(type(event).__name__ for event in world.events_of(receipt))
        assert [] == list(world.tables.scan(FROZEN))
    return met


if __name__ == "__main__":
    first, count = map(int, sys.argv[1:3])
    total: Counter[str] = sum((run(first + one) for one in range(count)), start=Counter())
    for name, times in sorted(total.items()):
        sys.stdout.write(f"{name} {times}\n")
