"""MARK-024, MARK-027: what is kept of a side is what reading would find."""

import random
from itertools import islice

import pytest

from chain.kit import BlockContext
from chain.state.overlay import Overlay
from derivatives.marks import looked
from derivatives.marks.looked import CHANGED_MAX_COUNT, ORDERS_MAX_COUNT, looked_at, runs_of
from derivatives.orders.state import SIDE_BUY, SIDE_SELL, resting
from tests.given_market import BTC_PERP, ETH_PERP, Market

PLACES = [(name, side) for name in (BTC_PERP, ETH_PERP) for side in (SIDE_BUY, SIDE_SELL)]


class Read:
    """Counts how often a side is read."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        patch.setattr(looked, "_KEPT", {})
        self._read = looked._read
        patch.setattr(looked, "_read", self._counted)

    def _counted(self, context: BlockContext, place: looked.Place) -> tuple[looked.Rested, ...]:
        self.count += 1
        return self._read(context, place)


def sealed(market: Market) -> None:
    """Seal the open block of a market, and open the next one on it."""
    market.state.seal()
    market.state = Overlay(market.state)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_is_what_is_there_on_every_fork(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, dice, market = Read(monkeypatch), random.Random(seed), Market()
    sealed(market)
    ends = [market.state.parent]
    for _ in range(200):
        what = dice.random()
        if what < 0.25:
            side = dice.choice((SIDE_BUY, SIDE_SELL))
            market.rest(side, 128_000 + dice.randint(1, 50) * (2 * side - 3), dice.randint(1, 9))
        elif what < 0.4:
            sealed(market)
            ends.append(market.state.parent)
        elif what < 0.5:
            market.state = Overlay(dice.choice(ends[-8:]))
        place = dice.choice(PLACES)
        expected = tuple(runs_of(islice(resting(market.state, *place), ORDERS_MAX_COUNT)))

        assert expected == looked_at(market.block_context(), *place)

    assert 0 < read.count < 150


def test_side_that_no_block_changed_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market()
    market.rest(SIDE_BUY, 127_000, 1)
    sealed(market)
    read = Read(monkeypatch)

    for _ in range(3):
        looked_at(market.block_context(), BTC_PERP, SIDE_BUY)
        market.rest(SIDE_SELL, 129_000, 1)
        sealed(market)

    assert 1 == read.count


def test_busy_block_is_not_searched_for_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market()
    market.rest(SIDE_BUY, 127_000, 1)
    sealed(market)
    read = Read(monkeypatch)
    looked_at(market.block_context(), BTC_PERP, SIDE_BUY)

    for _ in range(CHANGED_MAX_COUNT + 1):
        market.rest(SIDE_SELL, 129_000, 1)
    looked_at(market.block_context(), BTC_PERP, SIDE_BUY)

    assert 2 == read.count


def test_orders_of_one_block_at_one_price_are_looked_at_as_one() -> None:
    market = Market()
    for lots in (2, 3, 4):
        market.rest(SIDE_BUY, 127_000, lots)
    market.rest(SIDE_BUY, 126_999, 5)

    lots = [lots for _, lots, _, _ in looked_at(market.block_context(), BTC_PERP, SIDE_BUY)]

    assert [9, 5] == lots
