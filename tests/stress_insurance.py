"""Books at random, as deep as margin lets them be, and gaps of up to 60 %: what holds in each.

.venv/bin/python -m tests.stress_insurance FIRST_SEED COUNT
"""

import sys
from collections import Counter
from random import Random
from typing import Any

from chain.kit import Refusal
from derivatives.insurance.events import (
    AccountTakenOver,
    DebtRepaid,
    GainCut,
    LossAllocated,
    LossShared,
)
from derivatives.insurance.state import SHORTFALLS
from tests.given_insurance import DEFAULT, MAIN, Insured
from tests.given_market import BTC_PERP, ETH_PERP

USD = 10**6
E8 = 10**8
NAMES = ("alice", "bob", "carol", "dave", "erin")
TICKS = {BTC_PERP: 128_000, ETH_PERP: 64_000}


def run(random: Random) -> Counter[str]:
    """Build a book, let its prices gap, and hold every rule; return what was met."""
    insurance, fund = random.choice((0, 10, 300, 10**5)), random.choice((0, 0, 77, 5_000))
    market = Insured(insurance * USD, fund * USD)
    _fill_book(market, random)
    told: Counter[str] = Counter()
    prices = {"BTC": 64_000 * E8, "ETH": 3_200 * E8}
    assets = ("USD", "BTC", "ETH")
    totals = {asset: market.total(asset) for asset in assets}
    wild = random.random()
    for _ in range(random.randint(1, 4)):
        prices = {
            feed: max(E8, price_e8 * (PPM + _move_ppm(random, wild)) // PPM)
            for feed, price_e8 in prices.items()
        }
        owed_before = _owed(market)
        idle = {
            name: [market.holds_of(name, asset) for asset in assets]
            for name in NAMES
            if not market.holds_positions(name) and market.solvency(name) >= 0
        }
        events = market.gap(random.choice((500, 500, 3_000, 3_700_000)), **prices)
        told["blocks"] += 1

        assert totals == {asset: market.total(asset) for asset in assets}
        assert all(market.solvency(name) >= 0 for name in NAMES)
        _hold_allocation(events, told)
        taken = {event.account_holder for event in events if isinstance(event, AccountTakenOver)}
        for name, had in idle.items():
            if market.account(name) not in taken and had[0] >= 0:
                assert had == [market.holds_of(name, asset) for asset in assets]
        carried = -market.solvency(DEFAULT) - _owed(market)
        assert 0 <= carried <= 2 * len(NAMES) + 2
        told["repaid"] += any(isinstance(event, DebtRepaid) for event in events)
        told["owed"] += _owed(market) > owed_before
    market.close()
    return told


PPM = 10**6


def _move_ppm(random: Random, wild: float) -> int:
    if random.random() < 0.4 * wild + 0.2:
        return random.randint(-600_000, 600_000)
    return random.randint(-15_000, 15_000)


def _owed(market: Insured) -> int:
    shortfall = market.state.get(SHORTFALLS, MAIN)
    return 0 if shortfall is None else shortfall.debt_quantums


def _fill_book(market: Insured, random: Random) -> None:
    for name in NAMES:
        market.deposit(name, random.randint(1, 20_000) * USD + random.randint(0, USD))
        if random.random() < 0.5:
            market.deposit(name, random.randint(1, 2 * E8), "BTC")
        if random.random() < 0.2:
            market.deposit(name, random.randint(1, 20 * E8), "ETH")
    for _ in range(random.randint(1, 8)):
        buyer, seller = random.sample(NAMES, 2)
        _trade(market, (buyer, seller), random.choice((BTC_PERP, ETH_PERP)), random)
    for name in NAMES:
        # Who is backed by coins may owe cash, up to the tenth that margin allows.
        if random.random() < 0.4:
            _borrow(market, name, random.randint(1, 10_000) * USD)


def _trade(market: Insured, sides: tuple[str, str], instrument_id: str, random: Random) -> None:
    """Trade as much as margin lets both sides, or a part of it."""
    buyer, seller = sides
    lots = random.choice((3_000, 20_000))
    while lots:
        mark = market.state.mark()
        try:
            market.trade(buyer, seller, lots, TICKS[instrument_id], instrument_id, taker="")
            market.touch(buyer, seller, mark=mark)
        except Refusal:
            market.state.rollback(mark)
            lots //= random.choice((2, 3))
        else:
            return


def _borrow(market: Insured, name: str, amount_quantums: int) -> None:
    mark = market.state.mark()
    market.give_away(name, amount_quantums)
    market.owes(name)
    try:
        market.touch(name, mark=mark)
    except Refusal:
        market.state.rollback(mark)


def _hold_allocation(events: list[Any], told: Counter[str]) -> None:
    """Hold that what paid is what was lost, and that nobody was cut too much."""
    cuts = [event for event in events if isinstance(event, GainCut)]
    shares = [event for event in events if isinstance(event, LossShared)]
    told["taken over"] += sum(isinstance(event, AccountTakenOver) for event in events)
    for one in (event for event in events if isinstance(event, LossAllocated)):
        paid = one.insurance_quantums + one.default_fund_quantums
        left = one.loss_quantums - paid
        due = min(left, one.gains_quantums)
        assert one.insurance_quantums <= one.insurance_limit_quantums
        assert one.cut_quantums == sum(cut.cut_quantums for cut in cuts)
        assert all(
            cut.cut_quantums == -(-cut.gain_quantums * due // one.gains_quantums) for cut in cuts
        )
        assert 0 <= one.excess_quantums == one.cut_quantums - due < max(1, len(cuts))
        assert one.shared_quantums == sum(share.share_quantums for share in shares)
        assert all(share.share_quantums <= share.solvency_quantums for share in shares)
        assert left - due == one.shared_quantums + one.carried_quantums + one.owed_quantums
        told["insurance"] += one.insurance_quantums > 0
        told["default fund"] += one.default_fund_quantums > 0
        told["cuts"] += bool(cuts)
        told["shares"] += bool(shares)
        told["carried"] += one.carried_quantums > 0


if __name__ == "__main__":
    FIRST, COUNT = int(sys.argv[1]), int(sys.argv[2])
    MET: Counter[str] = Counter()
    for SEED in range(FIRST, FIRST + COUNT):
        try:
            MET += run(Random(SEED))
        except AssertionError:
            print(f"seed {SEED}")
            raise
    print(dict(MET))
