"""Random markets block by block, beside an auditor that believes receipts alone.

.venv/bin/python -m tests.simulation.clearing.test_random_books FIRST_SEED COUNT
"""

import sys
from collections import Counter
from random import Random

import pytest

from chain.modules.ledger.balances import balance_of
from derivatives.accounts.transactions import Deposit
from derivatives.genesis_development import INSTRUMENTS, TERMS_OF_EVERY_INSTRUMENT
from derivatives.margin.transactions import WithdrawCollateral
from derivatives.orders.transactions import Place
from derivatives.positions.state import POSITIONS
from tests import given
from tests.simulation.clearing.auditor import DEFAULT, FEES, FUND, INSURANCE, Auditor

USD = 10**6
E8 = 10**8
NAMES = ("alice", "bob", "carol", "dave", "erin")
USUAL = {"BTC": 64_000 * E8, "ETH": 3_200 * E8}


def run(seed: int, blocks: int = 30) -> Counter[str]:
    """Run a market, hold every block against the auditor, and return what was met."""
    random = Random(seed)
    funds = {INSURANCE: random.choice((0, 10**4 * USD)), FUND: random.choice((0, 500 * USD))}
    wallets = {name: {"USD": 10**7 * USD} for name in NAMES}
    world = given.world(wallets | {name: {"USD": held} for name, held in funds.items()})
    auditor = Auditor(_terms(), funds)
    met: Counter[str] = Counter()
    world.prices_e8 = dict(USUAL)
    for name in NAMES:
        deposit = random.randint(3_000, 30_000) * USD
        world.send(name, Deposit(given.holder(f"{name}/0"), "USD", deposit))
    for number in range(blocks):
        world.close_block(2_000 if number == 1 else random.choice((500, 500, 9_000)))
        _hold(world, auditor, met)
        if number < 3:
            continue
        if random.random() < 0.3:
            world.prices_e8 = {
                feed: max(E8, price * (PPM + _move_ppm(random)) // PPM)
                for feed, price in world.prices_e8.items()
            }
        for _ in range(random.randint(0, 5)):
            met["refused"] += _act(world, random)
    for _ in range(10):
        # Long enough for what was taken over to be torn up.
        world.close_block(9_000)
        _hold(world, auditor, met)
    return met


PPM = 10**6


def _terms() -> dict[str, dict[str, int]]:
    return {
        name: {**TERMS_OF_EVERY_INSTRUMENT, **terms, "feed": terms["underlying"]}  # type: ignore[dict-item]
        for name, terms in INSTRUMENTS.items()
    }


def _move_ppm(random: Random) -> int:
    return random.choice((random.randint(-9_000, 9_000), random.randint(-400_000, 400_000)))


def _act(world: given.World, random: Random) -> bool:
    """Send something that may be refused; return whether it was."""
    name = random.choice(NAMES)
    account = given.holder(f"{name}/0")
    if random.random() < 0.1:
        amount = random.randint(1, 2_000) * USD
        kind = random.choice((Deposit, WithdrawCollateral))
        return bool(world.send(name, kind(account, "USD", amount), lane=2).reason)
    feed, instrument = random.choice((("BTC", "BTC-PERP"), ("ETH", "ETH-PERP")))
    tick_e8 = int(INSTRUMENTS[instrument]["tick_size_e8"])
    price = world.prices_e8[feed] // tick_e8 + random.randint(-40, 40)
    place = Place(
        account_holder=account,
        instrument=instrument,
        side=random.choice((1, 2)),
        price_ticks=price,
        size_lots=random.choice((10, 400, 3_000)),
        time_in_force=1,
        post_only=False,
        reduce_only=False,
        self_trade=0,
        client_id="",
        good_till_ms=0,
        trigger_kind=0,
        trigger_ticks=0,
    )
    return bool(world.send(name, place).reason)


def _hold(world: given.World, auditor: Auditor, met: Counter[str]) -> None:
    """Let the auditor take in the blocks that were closed, and compare it with the state."""
    for outcome in world.outcomes[met["blocks"] :]:
        receipts = [list(world.events_of(receipt)) for receipt in outcome.receipts]
        met.update(type(event).__name__ for events in receipts for event in events)
        met["blocks"] += 1
        auditor.block(receipts)
    view = world.tables
    sizes = dict(view.scan(POSITIONS))
    found = {key: lots for key, lots in auditor.lots.items() if lots}
    assert {key: held.size_lots for key, held in sizes.items()} == found
    assert all(held.entry_value_quantums == auditor.entries[key] for key, held in sizes.items())  # type: ignore[index]
    accounts = [given.holder(f"{name}/0") for name in NAMES]
    houses = [f"house/{name}" for name in INSTRUMENTS]
    for holder in (*accounts, *houses, DEFAULT, INSURANCE, FUND, FEES):
        assert (holder, auditor.cash[holder]) == (holder, balance_of(view, holder, "USD"))
    assert all(auditor.solvency(account) >= 0 for account in accounts)


@pytest.mark.parametrize("seed", range(8))
def test_auditor_agrees_in_every_block(seed: int) -> None:
    met = run(seed)

    assert met["OrderPlaced"]


@pytest.mark.simulation
def test_auditor_agrees_in_a_hundred_markets() -> None:
    met = sum((run(seed) for seed in range(8, 100)), start=Counter[str]())

    assert all(met[told] for told in ("AccountTakenOver", "GainCut", "PositionTornUp"))


if __name__ == "__main__":
    FIRST, COUNT = int(sys.argv[1]), int(sys.argv[2])
    MET: Counter[str] = Counter()
    for SEED in range(FIRST, FIRST + COUNT):
        try:
            MET += run(SEED)
        except AssertionError:
            print(f"seed {SEED}")
            raise
    print(dict(MET))
