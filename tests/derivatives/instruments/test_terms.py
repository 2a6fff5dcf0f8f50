"""INST-010 to INST-014: what a lot is worth, and who may open or reduce."""

import pytest

from derivatives.instruments.state import TRADING, Trading
from derivatives.instruments.terms import (
    index_value_quantums,
    is_synthetic,
    is_within,
    matches_continuously,
    may_gather,
    may_open,
    may_reduce,
    may_take_over,
    price_of_ticks_e8,
    quote_decimals_of,
    ticks_of_price,
    trading_state,
)
from derivatives.insurance.state import SHORTFALLS, Shortfall
from derivatives.oracle.ladder import FeedState
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, Market


def test_lot_of_the_devnet_is_worth_its_share_of_the_index_rounded_down() -> None:
    market = Market()

    values = [
        index_value_quantums(
            price_e8, market.terms(), quote_decimals_of(market.state, market.terms())
        )
        for price_e8 in (64_000 * UNIT_E8, 64_000 * UNIT_E8 + 99_999, 64_000 * UNIT_E8 + 100_000)
    ]

    # A thousandth of 64,000 USD; one quantum more takes 10^-3 USD of price.
    assert [64_000_000, 64_000_000, 64_000_001] == values


def test_price_and_ticks_are_each_other() -> None:
    terms = Market().terms(ETH_PERP)

    assert 3_200 * UNIT_E8 == price_of_ticks_e8(64_000, terms)
    assert 64_000 == ticks_of_price(3_200 * UNIT_E8, terms)


def test_price_between_ticks_goes_to_the_nearest_and_never_to_zero() -> None:
    terms = Market().terms()
    half_e8 = UNIT_E8 // 4

    ticks = [ticks_of_price(price, terms) for price in (10**8 + half_e8, 10**8 + half_e8 + 1, 1)]

    assert [2, 3, 1] == ticks


@pytest.mark.parametrize(
    ("state", "feed", "opens", "reduces"),
    [
        (1, FeedState.NORMAL, True, True),
        (2, FeedState.NORMAL, True, True),
        (3, FeedState.NORMAL, False, True),
        (4, FeedState.NORMAL, False, False),
        (5, FeedState.NORMAL, False, False),
        (2, FeedState.DEGRADED, True, True),
        (2, FeedState.JUMP, False, True),
        (2, FeedState.STALE, False, True),
        (2, FeedState.AUCTION, False, True),
        (2, FeedState.INVALID, False, False),
    ],
)
def test_opening_and_reducing_follow_trading_and_feed(
    state: int, feed: FeedState, opens: bool, reduces: bool
) -> None:
    market = Market()
    market.state.put(TRADING, BTC_PERP, Trading(state, 0, 0))
    market.price("BTC", 64_000 * UNIT_E8, feed)

    answers = may_open(market.state, BTC_PERP), may_reduce(market.state, BTC_PERP)

    assert (opens, reduces) == answers


@pytest.mark.parametrize(
    ("state", "feed", "gathers"),
    [
        (1, FeedState.AUCTION, True),
        (1, FeedState.NORMAL, True),
        (1, FeedState.STALE, False),
        (1, FeedState.INVALID, False),
        (2, FeedState.AUCTION, False),
        (3, FeedState.AUCTION, False),
    ],
)
def test_orders_gather_in_an_auction_that_waits_for_its_feed(
    state: int, feed: FeedState, gathers: bool
) -> None:
    # INST-015
    market = Market()
    market.state.put(TRADING, BTC_PERP, Trading(state, 0, 0))
    market.price("BTC", 64_000 * UNIT_E8, feed)

    assert gathers is may_gather(market.state, BTC_PERP)


def test_what_is_taken_over_may_grow_while_the_compartment_owes() -> None:
    # LIQ-047
    market = Market()
    market.state.put(TRADING, BTC_PERP, Trading(2, 0, 0))
    market.state.put(SHORTFALLS, "main", Shortfall(0, 1, 0, 0))

    assert not may_open(market.state, BTC_PERP)
    assert may_take_over(market.state, BTC_PERP)
    market.state.put(TRADING, BTC_PERP, Trading(3, 0, 0))
    assert not may_take_over(market.state, BTC_PERP)


def test_orders_meet_continuously_when_open_or_reduce_only() -> None:
    market = Market()
    answers = []

    for state in range(1, 6):
        market.state.put(TRADING, BTC_PERP, Trading(state, 0, 0))
        answers.append(matches_continuously(market.state, BTC_PERP))

    assert [False, True, True, False, False] == answers


def test_what_is_not_listed_does_nothing() -> None:
    state = Market().state

    assert 0 == trading_state(state, "DOGE-PERP")
    assert not may_open(state, "DOGE-PERP")
    assert not may_reduce(state, "DOGE-PERP")


def test_band_includes_its_ends() -> None:
    inside = [is_within(price, 100_000, 50_000) for price in (94_999, 95_000, 105_000, 105_001)]

    assert [False, True, True, False] == inside


def test_only_a_synthetic_has_no_book() -> None:
    state = Market().state

    assert [True, False, False] == [
        is_synthetic(state, name) for name in ("sGOLD", "BTC-PERP", "unlisted")
    ]
