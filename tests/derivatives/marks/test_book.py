"""MARK-020 to MARK-026: what a side of a book carries."""

import pytest

from derivatives.instruments.state import (
    TRADING,
    TRADING_AUCTION,
    TRADING_HALTED,
    TRADING_OPEN,
    TRADING_REDUCE_ONLY,
    Trading,
)
from derivatives.insurance.state import SHORTFALLS, Shortfall
from derivatives.marks.book import (
    Impact,
    Level,
    Sides,
    ask_value_quantums,
    bid_value_quantums,
    impact_of,
    is_aged,
    is_in_reach,
    quotes_of,
    sides_of,
)
from derivatives.marks.looked import ORDERS_MAX_COUNT
from derivatives.marks.price import Quotes
from derivatives.oracle.ladder import FeedState
from derivatives.orders.state import SIDE_BUY, SIDE_SELL
from tests.given_dated import FUTURE, Dated
from tests.given_market import BTC_PERP, UNIT_E8, USD, Market

TERMS = Market().terms()  # impact notional 100,000 USD; one lot at 128,000 ticks is 64 USD


@pytest.mark.parametrize(
    ("after_ms", "after_blocks", "aged"),
    [(2_000, 2, True), (1_999, 2, False), (2_000, 1, False), (10**9, 0, False)],
)
def test_order_counts_after_two_seconds_and_two_blocks(
    after_ms: int, after_blocks: int, aged: bool
) -> None:
    assert aged == is_aged(5_000, 7, 5_000 + after_ms, 7 + after_blocks)


def test_last_level_gives_the_fewest_lots_that_complete_the_notional() -> None:
    levels = [Level(128_000, 1_000), Level(127_000, 10_000)]

    # 64,000 USD at the first; 36,000 of 63.5 are 566.93 lots.
    value = 64_000 * USD + 567 * 127_000 * 500
    assert Impact(128_000, value, 1_567) == impact_of(levels, TERMS)


def test_side_without_the_notional_says_nothing() -> None:
    enough = 1_563  # 100,032 USD

    found = [impact_of([Level(128_000, lots)], TERMS) for lots in (enough - 1, enough)]

    assert [None, Impact(128_000, 100_032 * USD, enough)] == found
    assert impact_of([], TERMS) is None


def test_small_order_in_front_is_the_best_price_and_little_of_the_average() -> None:
    levels = [Level(140_000, 1), Level(128_000, 10_000)]

    impact = impact_of(levels, TERMS)

    assert impact is not None
    assert 140_000 == impact.best_price_ticks
    assert 64_003_838 == bid_value_quantums(impact)


def test_average_is_down_for_bids_and_up_for_asks() -> None:
    impact = Impact(10, 100, 3)

    assert (33, 34) == (bid_value_quantums(impact), ask_value_quantums(impact))
    assert (None, None) == (bid_value_quantums(None), ask_value_quantums(None))


def test_quotes_need_both_sides() -> None:
    bids, asks = Impact(128_000, 1, 1), Impact(128_100, 1, 1)

    quotes = [
        quotes_of(Sides(*sides), TERMS) for sides in ((bids, asks), (None, asks), (bids, None))
    ]

    assert [Quotes(64_000 * 10**8, 64_050 * 10**8), None, None] == quotes


def test_book_is_read_best_first_from_aged_orders_only() -> None:
    market = Market()
    for side, ticks, lots in (
        (SIDE_BUY, 127_000, 5_000),
        (SIDE_BUY, 127_500, 800),
        (SIDE_SELL, 129_000, 5_000),
    ):
        market.rest(side, ticks, lots)
    market.block(2_000)
    market.rest(SIDE_BUY, 127_900, 5_000)
    market.block(1_000)

    bids, asks = sides_of(market.block_context(), BTC_PERP, TERMS)

    # 800 lots of 63.75 USD and 772 of 63.5; 1,551 lots of 64.5.
    assert Impact(127_500, 800 * 63_750_000 + 772 * 63_500_000, 1_572) == bids
    assert Impact(129_000, 1_551 * 64_500_000, 1_551) == asks


def test_only_so_many_orders_of_a_side_are_looked_at() -> None:
    market = Market()
    market.rest(SIDE_BUY, 127_000, 5_000)
    for _ in range(ORDERS_MAX_COUNT - 1):
        market.rest(SIDE_BUY, 127_001, 1)
    market.block(1_000)
    market.block(1_000)
    seen = sides_of(market.block_context(), BTC_PERP, TERMS)
    market.rest(SIDE_BUY, 127_001, 1)

    unseen = sides_of(market.block_context(), BTC_PERP, TERMS)

    assert (True, True) == (seen.bids is not None, unseen.bids is None)


def quoted() -> Market:
    """Return a market whose book carries the notional on both sides, old enough to count."""
    market = Market()
    market.rest(SIDE_BUY, 127_900, 5_000)
    market.rest(SIDE_SELL, 128_100, 5_000)
    market.block(1_000)
    market.block(1_000)
    return market


@pytest.mark.parametrize(
    ("trading", "says"),
    [
        (TRADING_AUCTION, False),
        (TRADING_OPEN, True),
        (TRADING_REDUCE_ONLY, False),
        (TRADING_HALTED, False),
    ],
)
def test_book_says_nothing_unless_its_orders_meet_as_they_come(trading: int, says: bool) -> None:
    market = quoted()
    market.state.put(TRADING, BTC_PERP, Trading(trading, 0, 0))

    sides = sides_of(market.block_context(), BTC_PERP, TERMS)

    assert (says, says) == (sides.bids is not None, sides.asks is not None)


def test_book_says_nothing_while_its_orders_are_passed_over() -> None:
    held, owed = quoted(), quoted()
    held.price("BTC", 64_000 * UNIT_E8, FeedState.JUMP)
    owed.state.put(SHORTFALLS, "main", Shortfall(owed.time_ms, 1, 0, 0))

    found = [sides_of(market.block_context(), BTC_PERP, TERMS) for market in (held, owed)]

    assert [Sides(None, None)] * 2 == found


def test_order_beyond_the_band_does_not_count() -> None:
    inside = [
        is_in_reach(Level(ticks, 1), TERMS, 64_000 * UNIT_E8)
        for ticks in (121_599, 121_600, 134_400, 134_401)
    ]
    market = quoted()
    market.rest(SIDE_BUY, 134_401, 5_000)
    market.block(1_000)
    market.block(1_000)

    sides = sides_of(market.block_context(), BTC_PERP, TERMS)

    assert [False, True, True, False] == inside
    assert sides.bids is not None
    assert 127_900 == sides.bids.best_price_ticks


def test_what_is_dated_is_reached_from_its_own_index() -> None:
    # MARK-026: six per cent above the spot, where its forward is, and half of it once half is fixed
    market = Dated()
    market.forward(68_000)
    market.block()
    market.bid(136_000, 5_000)
    market.minutes(30)
    before = sides_of(market.block_context(), FUTURE, market.terms(FUTURE))
    market.minutes(25)
    within = sides_of(market.block_context(), FUTURE, market.terms(FUTURE))

    assert before.bids is not None
    assert 136_000 == before.bids.best_price_ticks
    assert Sides(None, None) == within
