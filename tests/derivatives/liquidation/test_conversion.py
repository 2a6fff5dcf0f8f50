"""LIQ-060 to LIQ-069: debt beyond its limit is paid out of collateral."""

from derivatives.liquidation.conversion import (
    Converter,
    begin_conversions,
    end_conversions,
    next_pledge,
)
from derivatives.liquidation.events import ConversionBegan, ConversionEnded
from derivatives.liquidation.state import CONVERTING
from derivatives.oracle.ladder import FeedState
from tests.given_failing import Failing
from tests.given_market import HOUR_MS, UNIT_E8, USD, account_of

ALICE = account_of("alice")


def _owing(price_ticks: int) -> Failing:
    """Alice closes her bitcoin at this price, with another one as collateral."""
    market = Failing()
    market.fund("alice", UNIT_E8, "BTC")
    market.deposit("alice", UNIT_E8, "BTC")
    market.trade("bob", "alice", 1_000, price_ticks, taker="")
    return market


def _begun(market: Failing) -> list[object]:
    context = market.block_context()
    begin_conversions(context)
    return context.events


def test_debt_within_a_tenth_of_collateral_waits_an_hour() -> None:
    # LIQ-063: 1,000 USD of 5,760
    market = _owing(118_000)
    assert -1_000 * USD == market.cash("alice")

    at_once = _begun(market)
    market.block(HOUR_MS + 500)
    later = _begun(market)

    assert [] == at_once
    assert [ALICE] == [e.account_holder for e in later if isinstance(e, ConversionBegan)]


def test_debt_beyond_it_converts_at_once() -> None:
    # LIQ-064: 6,500 USD of 5,760
    market = _owing(107_000)

    began = _begun(market)

    assert [ConversionBegan(ALICE, 6_500 * USD, 5_760 * USD)] == began
    assert market.state.get(CONVERTING, ALICE) is not None
    assert [] == _begun(market)


def test_who_paid_converts_no_more() -> None:
    # LIQ-065
    market = _owing(107_000)
    _begun(market)
    market.deposit("alice", 7_000 * USD)
    context = market.block_context()

    end_conversions(context)

    assert [ConversionEnded(ALICE)] == context.events
    assert market.state.get(CONVERTING, ALICE) is None


def test_the_least_haircut_goes_first() -> None:
    # LIQ-066: bitcoin at 10 %, ether at 15 %
    market = _owing(107_000)
    market.fund("alice", UNIT_E8 * 10**10, "ETH")
    market.deposit("alice", UNIT_E8, "ETH")

    pledge = next_pledge(market.state, market.stand().whole)

    assert pledge is not None
    assert "BTC" == pledge.asset


def test_what_an_invalid_feed_values_is_not_sold() -> None:
    # LIQ-066
    market = _owing(107_000)
    market.fund("alice", UNIT_E8 * 10**10, "ETH")
    market.deposit("alice", UNIT_E8, "ETH")
    market.price("BTC", 64_000 * UNIT_E8, FeedState.INVALID)

    pledge = next_pledge(market.state, market.stand().whole)
    market.price("ETH", 3_200 * UNIT_E8, FeedState.INVALID)

    assert pledge is not None
    assert "ETH" == pledge.asset
    assert next_pledge(market.state, market.stand().whole) is None


def test_enough_is_the_least_amount_that_pays_and_affordable_the_most_a_budget_does() -> None:
    # LIQ-067
    market = _owing(107_000)
    _begun(market)
    stand = market.stand()
    pledge = next_pledge(market.state, stand.whole)
    assert pledge is not None
    converter = Converter(market.block_context(), ALICE, stand, pledge)

    enough, most = converter.enough(), converter.affordable(1_000 * USD)

    assert converter.of(enough).price_quantums >= 6_500 * USD
    assert converter.of(enough - 1).price_quantums < 6_500 * USD
    assert converter.of(most).price_quantums <= 1_000 * USD < converter.of(most + 1).price_quantums
