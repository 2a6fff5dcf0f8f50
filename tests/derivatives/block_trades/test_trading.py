"""BLTR-020 to BLTR-034: how large, at which price, for which fee, within which limits."""

import pytest

from chain.kit import Refusal
from derivatives.block_trades.offers import BlockLeg
from derivatives.block_trades.trading import Cost, Sides, least_lots, trade_leg
from derivatives.ids import fees_of, insurance_of
from derivatives.instruments.state import (
    TRADING,
    TRADING_AUCTION,
    TRADING_HALTED,
    TRADING_REDUCE_ONLY,
    Trading,
)
from derivatives.oracle.ladder import FeedState
from derivatives.trades.state import TRADE_COUNTS
from tests.given_book import BUY, SELL, TICKS, Book
from tests.given_market import BTC_PERP, account_of
from tests.given_options import CALL, STRIKE_TICKS, Optioned

SIDES = Sides(account_of("alice"), account_of("bob"))
LOTS = 1_563
"""100,000 USD at 64 a lot, up."""


def leg(side: int = SELL, lots: int = LOTS, ticks: int = TICKS, name: str = BTC_PERP) -> BlockLeg:
    return BlockLeg(name, side, lots, ticks)


def traded(book: Book, one: BlockLeg) -> Cost:
    return trade_leg(book.context("bob"), one, SIDES, "main")


def refused(book: Book, one: BlockLeg) -> tuple[str, dict[str, object]]:
    with pytest.raises(Refusal) as refusal:
        traded(book, one)
    return refusal.value.reason.slug.removeprefix("block_trades."), dict(refusal.value.facts)


@pytest.mark.parametrize(("side", "sign"), [(SELL, 1), (BUY, -1)])
def test_the_leg_is_traded_as_the_offering_side_says_it(side: int, sign: int) -> None:
    book = Book()

    cost = traded(book, leg(side))

    value = LOTS * TICKS * 500
    # 100,032 USD: three basis points are 30.0096.
    assert Cost(sign * value, 30_009_600) == cost
    assert (-sign * LOTS, sign * LOTS) == (book.lots("alice"), book.lots("bob"))
    book.sound()


def test_the_accepting_side_pays_the_fee_and_nobody_a_rebate() -> None:
    book = Book()
    before = {name: book.cash(name) for name in ("alice", "bob", insurance_of("main"))}

    traded(book, leg())

    assert 0 == book.cash("alice") - before["alice"]
    assert -30_009_600 == book.cash("bob") - before["bob"]
    assert 6_001_920 == book.cash(insurance_of("main")) - before[insurance_of("main")]
    assert 24_007_680 == book.cash(fees_of("main"))


def test_a_block_sets_no_last_price() -> None:
    book = Book()

    traded(book, leg(ticks=TICKS + 100))

    counted = book.state.get(TRADE_COUNTS, BTC_PERP)
    assert counted is not None
    assert (1, 0) == (counted.trades_count, counted.last_price_ticks)


def test_what_is_smaller_than_the_impact_notional_belongs_into_the_book() -> None:
    book = Book()

    found = refused(book, leg(lots=LOTS - 1))

    facts = {"instrument": BTC_PERP, "size_lots": LOTS - 1, "lowest_lots": LOTS}
    assert ("size_below_minimum", facts) == found


def test_the_size_of_an_option_is_that_of_its_strike() -> None:
    market = Optioned()

    assert 1_563 == least_lots(market.terms(CALL), STRIKE_TICKS)


@pytest.mark.parametrize("ticks", [TICKS * 105 // 100, TICKS * 95 // 100])
def test_the_edge_of_the_band_is_within_it(ticks: int) -> None:
    book = Book()

    traded(book, leg(ticks=ticks))

    assert LOTS == book.lots("bob")


@pytest.mark.parametrize("ticks", [TICKS * 105 // 100 + 1, TICKS * 95 // 100 - 1])
def test_beyond_the_band_of_the_mark_nothing_is_agreed(ticks: int) -> None:
    book = Book()

    found = refused(book, leg(ticks=ticks))

    facts = {"instrument": BTC_PERP, "price_ticks": ticks, "mark_price_ticks": TICKS}
    assert ("price_outside_band", facts) == found


@pytest.mark.parametrize("state", [TRADING_AUCTION, TRADING_HALTED, TRADING_REDUCE_ONLY])
def test_a_block_needs_a_market_that_trades_continuously(state: int) -> None:
    book = Book()
    book.state.put(TRADING, BTC_PERP, Trading(state, 0, 0))

    assert ("market_closed", {"instrument": BTC_PERP}) == refused(book, leg())


def test_nothing_opens_while_a_price_is_under_test() -> None:
    book = Book()
    book.price("BTC", 64_000 * 10**8, FeedState.JUMP)

    assert ("trades.opening_forbidden", {"instrument": BTC_PERP}) == refused(book, leg())


def test_an_instrument_that_is_not_there_is_refused() -> None:
    assert ("orders.instrument_unknown", {"instrument": "DOGE"}) == refused(
        Book(), leg(name="DOGE")
    )


def test_open_interest_stays_below_its_cap() -> None:
    book = Book()
    book.with_terms(open_interest_cap_lots=LOTS - 1)

    assert "trades.open_interest_full" == refused(book, leg())[0]


def test_reduce_only_orders_without_a_position_left_are_cancelled() -> None:
    book = Book()
    book.trade("alice", "carol", LOTS, TICKS)
    book.place("alice", SELL, LOTS, TICKS + 10, reduce_only=True)

    traded(book, leg())

    assert 0 == book.lots("alice")
    assert [] == book.open("alice")
    book.sound()
