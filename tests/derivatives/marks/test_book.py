"""MARK-020 to MARK-026: what a side of a book carries."""

import pytest

from derivatives.marks.book import (
    Impact,
    Level,
    ask_value_quantums,
    bid_value_quantums,
    impact_of,
    is_aged,
    quotes_of,
)
from derivatives.marks.price import Quotes
from tests.given_market import USD, Market

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

    quotes = [quotes_of(bids, asks, TERMS), quotes_of(None, asks, TERMS)]
    quotes.append(quotes_of(bids, None, TERMS))

    assert [Quotes(64_000 * 10**8, 64_050 * 10**8), None, None] == quotes
