"""What five who may do anything can do to three who do little: nothing but what the rules say.

    frank   holds positions, and sends nothing
    grace   quotes every market, and is filled at her own prices
    heidi   has cash and no position

After every transaction of anybody else S and E of each moved by his own fills alone, to the
quantum; over a block by prices, own fills, cuts of gains and shares of losses.  The insurance
fund pays in a transaction only what a slice of the default account was told to cost.

.venv/bin/python -m tests.simulation.clearing.bystanders FIRST_SEED COUNT
"""

import sys
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any

from chain.modules.ledger.balances import balance_of
from derivatives.accounts.transactions import Deposit
from derivatives.futures.events import PositionSettled
from derivatives.genesis_development import INSTRUMENTS
from derivatives.insurance.events import DefaultSliced, GainCut, LossShared
from derivatives.margin.account import health_of
from derivatives.marks.state import MARKS
from derivatives.orders.transactions import CancelAll
from derivatives.positions.state import POSITIONS
from derivatives.trades.events import Traded
from tests import given
from tests.simulation.clearing.auditor import FUND, INSURANCE
from tests.simulation.clearing.traders import (
    E8,
    FUTURE,
    MOST_TRADED,
    NAMES,
    PERPETUALS,
    USD,
    USUAL,
    Traders,
    account_of,
    ending,
    moved,
    placing,
    ticks_of,
)

HOLDS, QUOTES, IDLE = "frank", "grace", "heidi"
CALL, PUT = f"{FUTURE}-64000-C", f"{FUTURE}-64000-P"
WATCHED = (*sorted(PERPETUALS), FUTURE, CALL, PUT)
STILL = (HOLDS, QUOTES, IDLE)


class Bystanders:
    """One market, watched for three accounts."""

    def __init__(self, seed: int) -> None:
        """Fund everybody; frank buys of grace and sells to her."""
        self.random = random = Random(seed)
        self.traders = Traders(random, MOST_TRADED)
        names = (*NAMES, *STILL)
        funds = {INSURANCE: {"USD": 10**4 * USD}, FUND: {"USD": 500 * USD}}
        # What is dated ends while they trade, or much later.
        ends_ms = random.choice((25_000, 45_000, 45 * 86_400_000))
        self.world = given.world(
            {name: {"USD": 10**8 * USD} for name in names} | funds,
            change=lambda document: ending(document, ends_ms),
        )
        self.world.prices_e8 = USUAL | {FUTURE: 64_000 * E8}
        self.world.volatilities_ppm = {"BTC": 600_000}
        self.traders.fund(self.world)
        for name in STILL:
            self.world.send(name, Deposit(account_of(name), "USD", 10**7 * USD))
        for after_ms in (500, 2_000, 500, 2_500, 500, 2_000, 500):
            self.world.close_block(after_ms)
        for name, payload in self._quotes():
            self.world.send(name, payload)
        for instrument, side, lots in (
            ("BTC-PERP", 1, 900),
            ("ETH-PERP", 2, 700),
            (FUTURE, 2, 500),
            (CALL, 1, 600),
            (PUT, 2, 400),
        ):
            ticks = max(1, ticks_of(self.world, instrument) + (100 if side == 1 else -100))
            order = placing(HOLDS, instrument, side, ticks, lots)
            assert "" == self.world.send(HOLDS, order).reason
        self.world.close_block()
        self.met: Counter[str] = Counter()

    def run(self, blocks: int = 14) -> Counter[str]:
        """Let blocks pass, hold each, and return what was met."""
        for _ in range(blocks):
            if self.random.random() < 0.3:
                self.world.prices_e8 = moved(self.random, self.world.prices_e8, 400_000)
            self._block(self.random.choice((500, 500, 9_000)))
        return self.met

    def _block(self, after_ms: int) -> None:
        world = self.world
        before = {name: self._solvency(name) for name in STILL}
        sizes, values = self._sizes(), self._values()
        world.open_block(after_ms)
        opened = {name: self._solvency(name) for name in STILL}
        now = self._values()
        due = dict.fromkeys(STILL, 0)
        for (name, instrument), lots in sizes.items():
            due[name] += lots * (now[instrument] - values[instrument])
        self._act(now)
        last = {name: self._solvency(name) for name in STILL}
        world.close_block()
        told = list(world.events_of(world.outcomes[-1].receipts[-1]))
        for name in STILL:
            by_hooks = opened[name] - before[name] - due[name] + self._solvency(name) - last[name]
            paid = sum(
                event.cut_quantums if isinstance(event, GainCut) else event.share_quantums
                for event in told
                if isinstance(event, GainCut | LossShared)
                and event.account_holder == account_of(name)
            )
            assert (name, by_hooks) == (name, self._fills(name, told, now) - paid)
            assert name != IDLE or by_hooks == 0
            self.met["cut"] += paid > 0
        of_three = [account_of(name) for name in STILL]
        self.met["settled"] += sum(
            isinstance(event, PositionSettled) and event.account_holder in of_three
            for event in told
        )

    def _quotes(self) -> list[tuple[str, Any]]:
        """Return what puts grace's orders around the price again."""
        asked: list[tuple[str, Any]] = [(QUOTES, CancelAll(account_of(QUOTES), ""))]
        for instrument in WATCHED:
            for side, beyond in ((1, -25), (2, 25)):
                ticks = max(1, ticks_of(self.world, instrument) + beyond)
                asked.append((QUOTES, placing(QUOTES, instrument, side, ticks, 1_000)))
        return asked

    def _act(self, values: dict[str, int]) -> None:
        """Let everybody act, and hold what each transaction did to the three."""
        count = self.random.randint(0, 10)
        asked = self._quotes() + [self.traders.asked(self.world) for _ in range(count)]
        marks = self._values(marked=True)
        for name, payload in sorted(asked, key=lambda one: int(one[1].transaction_class)):
            self._send(name, payload, values, marks)

    def _send(self, name: str, payload: Any, values: dict[str, int], marks: dict[str, int]) -> None:
        world = self.world
        before = [health_of(world.view, account_of(one)) for one in STILL]
        fund = balance_of(world.view, INSURANCE, "USD")
        answer = world.send(name, payload, lane=int(payload.transaction_class))
        told = answer.events
        for one, stood in zip(STILL, before, strict=True):
            stands = health_of(world.view, account_of(one))
            filled = self._fills(one, told, values)
            assert (one, stood.solvency_quantums + filled) == (one, stands.solvency_quantums)
            at_mark = self._fills(one, told, marks)
            assert (one, stood.equity_quantums + at_mark) == (one, stands.equity_quantums)
            self.met["filled"] += filled != 0
        self.met["of a date"] += sum(
            isinstance(event, Traded) and event.instrument.startswith(FUTURE) for event in told
        )
        paid = sum(event.cost_quantums for event in told if isinstance(event, DefaultSliced))
        assert fund - balance_of(world.view, INSURANCE, "USD") <= paid
        self.met["refused" if answer.reason else type(payload).__name__] += 1

    # -- reading

    def _solvency(self, name: str) -> int:
        return health_of(self.world.view, account_of(name)).solvency_quantums

    def _sizes(self) -> dict[tuple[str, str], int]:
        found = {}
        for name in STILL:
            for instrument in WATCHED:
                held = self.world.view.get(POSITIONS, (account_of(name), instrument))
                found[name, instrument] = 0 if held is None else held.size_lots
        return found

    def _values(self, *, marked: bool = False) -> dict[str, int]:
        found = {}
        for instrument in WATCHED:
            mark = self.world.view.get(MARKS, instrument)
            assert mark is not None
            found[instrument] = mark.mark_value_quantums if marked else mark.index_value_quantums
        return found

    @staticmethod
    def _fills(name: str, told: Iterable[Any], values: dict[str, int]) -> int:
        """Return what an account's own trades brought it, its lots at these values."""
        account, brought = account_of(name), 0
        for event in told:
            if not isinstance(event, Traded):
                continue
            tick_value = int(INSTRUMENTS[event.instrument]["tick_value_quantums"])
            better = event.size_lots * (values[event.instrument] - event.price_ticks * tick_value)
            if event.buyer_holder == account:
                brought += better - event.buyer_fee_quantums
            if event.seller_holder == account:
                brought -= better + event.seller_fee_quantums
        return brought


if __name__ == "__main__":
    FIRST, COUNT = int(sys.argv[1]), int(sys.argv[2])
    MET: Counter[str] = Counter()
    for SEED in range(FIRST, FIRST + COUNT):
        try:
            MET += Bystanders(SEED).run()
        except AssertionError:
            print(f"seed {SEED}")
            raise
    print(dict(MET))
