"""MARK-001 to MARK-005: every instrument with a price has its mark, block by block."""

from derivatives.marks.state import MARKS, Mark
from derivatives.oracle.state import PRICES
from derivatives.orders.state import SIDE_BUY, SIDE_SELL
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, Market


def mark_of(market: Market, instrument: str = BTC_PERP) -> Mark:
    mark = market.state.get(MARKS, instrument)
    assert mark is not None
    return mark


def test_index_becomes_values_of_one_lot() -> None:
    market = Market()

    mark = mark_of(market)

    assert mark == Mark(
        mark_price_ticks=128_000,
        mark_value_quantums=64_000_000,
        index_price_e8=64_000 * UNIT_E8,
        index_value_quantums=64_000_000,
        parent_index_value_quantums=64_000_000,
        basis_average_e9=0,
        last_price_ticks=0,
        updated_ms=market.time_ms,
    )


def test_mark_remembers_the_parents_index_for_one_block() -> None:
    market = Market()
    market.price("BTC", 65_000 * UNIT_E8)

    parents = []
    for _ in range(2):
        market.block()
        parents.append(mark_of(market).parent_index_value_quantums)

    assert [64_000_000, 65_000_000] == parents


def test_index_between_ticks_is_marked_at_the_nearest() -> None:
    market = Market()
    market.price("BTC", 64_000 * UNIT_E8 + 26_000_000)

    market.block()

    mark = mark_of(market)
    assert (128_001, 64_000_500, 64_000_260) == (
        mark.mark_price_ticks,
        mark.mark_value_quantums,
        mark.index_value_quantums,
    )


def test_feed_that_never_spoke_marks_nothing() -> None:
    market = Market()
    for table, key in ((PRICES, "ETH"), (MARKS, ETH_PERP)):
        market.state.delete(table, key)

    market.block()

    assert market.state.get(MARKS, ETH_PERP) is None


def test_last_trade_is_remembered_and_alone_moves_nothing() -> None:
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 1, 129_000)

    market.block()

    assert (129_000, 128_000) == (
        mark_of(market).last_price_ticks,
        mark_of(market).mark_price_ticks,
    )


def test_book_that_stands_moves_the_mark_slowly_and_no_further_than_its_quotes() -> None:
    market = Market()
    market.rest(SIDE_BUY, 128_200, 5_000)
    market.rest(SIDE_SELL, 128_400, 5_000)
    marks = []
    for after_ms in (1_000, 1_000, 10_000, 150_000, 10**7):
        market.price("BTC", 64_000 * UNIT_E8)
        market.block(after_ms)
        marks.append(mark_of(market).mark_price_ticks)

    # The middle stands 150 USD above the index: A follows it, B is the bid of 64,100 USD.
    assert [128_000, 128_002, 128_021, 128_197, 128_200] == marks


def test_book_thinner_than_the_impact_notional_leaves_the_index() -> None:
    market = Market()
    market.rest(SIDE_BUY, 128_200, 1_000)
    market.rest(SIDE_SELL, 128_400, 5_000)

    for _ in range(3):
        market.block(100_000)

    assert (128_000, 0) == (mark_of(market).mark_price_ticks, mark_of(market).basis_average_e9)
