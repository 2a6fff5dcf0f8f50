"""Books at random, as deep as margin lets them be, gaps of up to 60 %, collateral that crashes.

Through the state machine, block by block, beside the naive model: what everybody has after
step 6 agrees to the quantum.

.venv/bin/python -m tests.simulation.clearing.books FIRST_SEED COUNT
"""

import sys
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from chain.kit import View
from chain.modules.ledger.balances import balance_of
from derivatives.accounts.transactions import Deposit
from derivatives.genesis_development import INSTRUMENTS
from derivatives.insurance.events import (
    AccountTakenOver,
    DebtRepaid,
    GainCut,
    LossAllocated,
    LossShared,
)
from derivatives.insurance.state import SHORTFALLS
from derivatives.margin.account import health_of
from derivatives.orders.transactions import Place
from tests import given
from tests.simulation.clearing.naive import (
    DEFAULT,
    FEED_OF,
    FUND,
    FUTURE,
    INSURANCE,
    Found,
    Naive,
)

USD, E8, PPM = 10**6, 10**8, 10**6
NAMES = ("alice", "bob", "carol", "dave", "erin")
WALLET = {"USD": 10**7 * USD, "BTC": 100 * E8, "ETH": 1_000 * E8}
GAPS_MS = (500, 500, 3_000, 61_000, 3_700_000)


class Book:
    """One random book, from genesis on."""

    def __init__(self, seed: int) -> None:
        """Fund everybody, and open the markets."""
        self.random = random = Random(seed)
        funds = {INSURANCE: random.choice((0, 10, 300, 10**5)) * USD}
        funds[FUND] = random.choice((0, 0, 77, 5_000)) * USD
        held = dict.fromkeys(NAMES, WALLET) | {n: {"USD": q} for n, q in funds.items()}
        self.world = given.world(held)
        self.world.prices_e8 = {"BTC": 64_000 * E8, "ETH": 3_200 * E8, FUTURE: 65_000 * E8}
        self.accounts = sorted(given.holder(f"{name}/0") for name in NAMES)
        self.naive = Naive(self.world.tables, self.accounts)
        self.met: Counter[str] = Counter()
        self._fund()
        self.world.close_block()
        self._block(2_000)
        self._block(500)

    def run(self) -> Counter[str]:
        """Trade and gap, hold every block, and return what was met."""
        random = self.random
        for _ in range(random.randint(2, 5)):
            self._block(500, self._trade)
            for feed, price in self.world.prices_e8.items():
                moved = price * (PPM + self._move_ppm()) // PPM
                self.world.prices_e8[feed] = min(max(E8, moved), 10**6 * E8)
            # A jump is taken with the third section.
            for after_ms in (random.choice(GAPS_MS), 500, 500, 500):
                self._block(after_ms)
        return self.met

    def _move_ppm(self) -> int:
        if self.random.random() < 0.4:
            return self.random.randint(-600_000, 600_000)
        return self.random.randint(-60_000, 60_000)

    def _fund(self) -> None:
        """Let everybody put something behind what comes, dollars or coins."""
        random = self.random
        for name in NAMES:
            account = given.holder(f"{name}/0")
            self.world.send(name, Deposit(account, "USD", random.randint(1, 20_000 * USD)))
            for asset, most in (("BTC", 2 * E8), ("ETH", 20 * E8)):
                if random.random() < 0.4:
                    self.world.send(name, Deposit(account, asset, random.randint(1, most)))

    def _trade(self) -> None:
        """Let pairs trade at the index as much as margin lets both, or a part of it."""
        for _ in range(self.random.randint(1, 6)):
            seller, buyer = self.random.sample(NAMES, 2)
            instrument = self.random.choice(sorted(FEED_OF))
            terms = INSTRUMENTS[instrument]
            ticks = self.world.prices_e8[FEED_OF[instrument]] // int(terms["tick_size_e8"])
            lots = self.random.choice((3_000, 20_000))
            while lots:
                sides = ((seller, 2), (buyer, 1))
                if all(self._place(name, instrument, side, ticks, lots) for name, side in sides):
                    break
                lots //= self.random.choice((2, 3))

    def _place(self, name: str, instrument: str, side: int, ticks: int, lots: int) -> bool:
        """Return whether an order was taken."""
        reason = self.world.send(name, placing(name, instrument, side, ticks, lots)).reason
        self.met[reason or "placed"] += 1
        return not reason

    def _block(self, after_ms: int, act: Callable[[], None] = lambda: None) -> None:
        """Begin a block, hold what that came to, let somebody act in it, and end it."""
        world, naive = self.world, self.naive
        parent = world.tables
        world.open_block(after_ms)
        time_ms = world.head.header.time_ms + after_ms
        found = naive.begin(parent, world.view, time_ms)
        self._hold_state(world.view)
        act()
        world.close_block()
        naive.after(world.tables, time_ms)
        told = [event for r in world.outcomes[-1].receipts for event in world.events_of(r)]
        self._hold_told(found, told)
        self.met["blocks"] += 1

    def _hold_state(self, view: View) -> None:
        """Hold that everybody has what the naive model says, and nobody less than nothing."""
        for account in self.accounts:
            found = self.naive.solvency(account)
            assert (account, found) == (account, health_of(view, account).solvency_quantums)
            assert found >= 0
        default = health_of(view, DEFAULT).solvency_quantums
        assert (DEFAULT, self.naive.solvency(DEFAULT)) == (DEFAULT, default)
        for fund in (INSURANCE, FUND):
            assert (fund, self.naive.cash[fund]) == (fund, balance_of(view, fund, "USD"))
        shortfall = view.get(SHORTFALLS, "main")
        assert self.naive.debt == (0 if shortfall is None else shortfall.debt_quantums)
        # All of a loss was paid, is recorded, or is the rounding of funding.
        assert 0 <= -default - self.naive.debt <= 2 * len(NAMES)

    def _hold_told(self, found: Found, told: list[Any]) -> None:
        """Hold that what was told of losses is what the naive model found."""
        cuts = {e.account_holder: e.cut_quantums for e in told if isinstance(e, GainCut)}
        shares = {e.account_holder: e.share_quantums for e in told if isinstance(e, LossShared)}
        taken = [e.account_holder for e in told if isinstance(e, AccountTakenOver)]
        assert (found.cuts, found.shares, found.taken_over) == (cuts, shares, taken)
        assert found.repaid == sum(e.repaid_quantums for e in told if isinstance(e, DebtRepaid))
        for one in (event for event in told if isinstance(event, LossAllocated)):
            paid = one.insurance_quantums, one.default_fund_quantums
            assert (found.loss, found.insurance, found.fund) == (one.loss_quantums, *paid)
            assert (found.carried, found.owed) == (one.carried_quantums, one.owed_quantums)
            due = min(sum(found.gains.values()), found.loss - sum(paid))
            assert 0 <= sum(cuts.values()) - due < max(1, len(cuts))
        for name in ("loss", "insurance", "fund", "cuts", "shares", "carried", "owed", "repaid"):
            self.met[name] += bool(getattr(found, name))
        self.met["taken over"] += len(taken)


def placing(name: str, instrument: str, side: int, price_ticks: int, lots: int) -> Place:
    """Return an order at a price, good till cancelled."""
    return Place(
        account_holder=given.holder(f"{name}/0"),
        instrument=instrument,
        side=side,
        price_ticks=price_ticks,
        size_lots=lots,
        time_in_force=1,
        post_only=False,
        reduce_only=False,
        self_trade=0,
        client_id="",
        good_till_ms=0,
        trigger_kind=0,
        trigger_ticks=0,
    )


if __name__ == "__main__":
    FIRST, COUNT = int(sys.argv[1]), int(sys.argv[2])
    MET: Counter[str] = Counter()
    for SEED in range(FIRST, FIRST + COUNT):
        try:
            MET += Book(SEED).run()
        except AssertionError:
            print(f"seed {SEED}")
            raise
    print(dict(MET))
