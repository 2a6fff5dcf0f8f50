"""AGT-050 to AGT-058: what stands so far from the index that it pays, and no more of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.agents.arbitrageur.form import ArbitrageurSettings, Gap
from node.agents.arbitrageur.gap import Arbitrageur, bargain
from node.agents.seen import BUY, SELL, AccountSeen, MarketSeen
from tests.node.agents.sights import ACCOUNT, MARKET, USD, seen

GAP = Gap(edge_ppm=100, lean_ppm=500, size_max="0.5", position_max="1")
SETTINGS = ArbitrageurSettings(markets={"BTC-PERP": GAP})
# 64,000 less 400 ppm is 63,974.4; and more, 64,025.6.
CHEAP = replace(MARKET, asks=((127_940, 200), (127_948, 100), (127_949, 900)))
DEAR = replace(MARKET, bids=((128_060, 700), (128_052, 100), (128_051, 900)))


def orders(account: AccountSeen, market: MarketSeen | None) -> list[tuple[Any, ...]]:
    plans = Arbitrageur(SETTINGS, "nov1m/0").decide(seen(account, market))
    names = ("side", "price_ticks", "size_lots", "time_in_force")
    return [tuple(plan.actions[0][1][name] for name in names) for plan in plans]


def held(lots: int) -> AccountSeen:
    return replace(ACCOUNT, positions_lots={"BTC-PERP": lots})


def test_what_is_cheap_beyond_fee_and_edge_is_bought_at_once() -> None:
    assert [(BUY, "127948", "300", 2)] == orders(ACCOUNT, CHEAP)


def test_what_is_dear_is_sold_and_at_most_one_order_of_it() -> None:
    assert [(SELL, "128052", "500", 2)] == orders(ACCOUNT, DEAR)


def test_a_book_around_the_index_is_left_alone() -> None:
    fair = replace(MARKET, bids=((127_974, 5),), asks=((128_026, 5),))

    assert [] == orders(ACCOUNT, fair)
    assert [] == orders(ACCOUNT, MARKET)


def test_a_full_position_wants_more_to_grow_and_less_to_shrink() -> None:
    # Full: 900 ppm to buy, 63,942.4; 100 ppm less than nothing to sell, 63,993.6.
    assert (127_884, 0) == bargain(CHEAP, GAP, 1_000, BUY)
    assert 127_988 == bargain(CHEAP, GAP, 1_000, SELL)[0]
    assert 127_916 == bargain(CHEAP, GAP, 500, BUY)[0]


def test_a_position_never_passes_its_limit() -> None:
    deep = replace(MARKET, asks=((1, 5_000),))

    assert [500, 100, 0, 0] == [bargain(deep, GAP, lots, BUY)[1] for lots in (0, 900, 1_000, 2_000)]


@given(
    position=st.integers(-1_000, 1_000),
    price=st.integers(1, 300_000),
    lots=st.integers(1, 5_000),
    side=st.sampled_from((BUY, SELL)),
)
def test_adding_to_a_position_always_pays_for_its_fee(
    position: int, price: int, lots: int, side: int
) -> None:
    market = replace(MARKET, bids=((price, lots),), asks=((price, lots),))

    limit, size = bargain(market, GAP, position, side)

    towards = position if side == BUY else -position
    assert 0 <= size <= min(500, max(0, 1_000 - towards))
    if size and towards >= 0:
        # In ticks of half a dollar the index is 128,000; fee and edge are 400 ppm of it.
        gained = 128_000 - limit if side == BUY else limit - 128_000
        assert gained * 1_000_000 >= 400 * 128_000


def test_reducing_goes_before_adding_where_both_pay() -> None:
    # Crossed as no book is, so that both sides pay.
    both = replace(MARKET, bids=((128_900, 50),), asks=((127_000, 50),))

    assert [BUY, SELL, BUY] == [orders(held(lots), both)[0][0] for lots in (0, 100, -100)]


@pytest.mark.parametrize(
    "market", [replace(CHEAP, is_open=False), replace(CHEAP, index_price_e8=0), None]
)
def test_where_a_price_may_not_be_trusted_nothing_is_traded(market: MarketSeen | None) -> None:
    assert [] == orders(ACCOUNT, market)


def test_beyond_its_loss_limit_it_trades_no_more() -> None:
    agent = Arbitrageur(replace(SETTINGS, loss_max="1000"), "nov1m/0")
    agent.decide(seen(ACCOUNT, MARKET))

    beyond = agent.decide(seen(replace(ACCOUNT, equity_quantums=498_999 * USD), CHEAP))
    again = agent.decide(seen(ACCOUNT, CHEAP))

    assert [(), ()] == [beyond, again]
    assert "loss limit" in agent.standing


def test_it_opens_its_account_and_leaves_nothing_behind() -> None:
    agent = Arbitrageur(SETTINGS, "nov1m/0")

    (plan,) = agent.decide(seen(account=None))

    assert "deposit" == plan.name
    assert ((), (), "") == (agent.questions(), agent.farewell(), agent.judge(plan, ()))
