"""MARG-064 to MARG-069: what left in an hour, what matters to a withdrawal, what it leaves."""

import pytest

from chain.kit import Refusal, replace
from derivatives.accounts.state import COLLATERAL, CollateralTerms
from derivatives.margin.state import OUTFLOWS, SCHEDULES
from derivatives.margin.transactions import WithdrawCollateral
from derivatives.margin.withdrawal import (
    begin_hours,
    feeds_needed,
    hour_of,
    outflow_of,
    require_backed,
    require_feeds,
    require_outflow,
)
from tests.given_margin import Margined
from tests.given_market import UNIT_E8, USD, account_of

ALICE = account_of("alice")


def _market() -> Margined:
    market = Margined()
    market.fund("alice", 20_000_000 * USD)
    market.deposit("alice", 20_000_000 * USD)
    market.deposit("alice", 10 * UNIT_E8, "BTC")
    market.deposit("bob", 100_000 * USD)
    market.block(3_600_000)
    return market


def test_hour_begins_on_the_hour() -> None:
    assert (0, 3_600_000) == (hour_of(3_599_999), hour_of(3_600_000))


def test_limit_of_an_hour_is_a_tenth_of_what_was_held_when_it_began() -> None:
    market = _market()
    hour = market.state.get(OUTFLOWS, "main")

    assert hour is not None
    assert (20_000_000 + 640_000 + 100_000) * USD // 10 == hour.limit_quantums


def test_outflow_is_valued_at_the_index_and_less_what_came() -> None:
    market = _market()
    market.send("alice", WithdrawCollateral(ALICE, "BTC", UNIT_E8))
    gone = outflow_of(market.state, "main")
    market.deposit("bob", 24_000 * USD)

    assert 64_000 * USD == gone
    assert 40_000 * USD == outflow_of(market.state, "main")
    require_outflow(market.state, "main")


def test_limit_stays_for_the_hour_and_begins_anew_with_the_next() -> None:
    market = _market()
    before = market.state.get(OUTFLOWS, "main")
    market.send("alice", WithdrawCollateral(ALICE, "USD", 1_000_000 * USD))
    market.block(500)
    during = market.state.get(OUTFLOWS, "main")
    market.block(3_600_000)

    assert before == during
    assert 0 == outflow_of(market.state, "main")


def test_new_collateral_joins_the_hour_with_nothing_held() -> None:
    market = _market()
    market.state.put(COLLATERAL, ("main", "SOL"), CollateralTerms("SOL", 0, 1))

    begin_hours(market.state, market.time_ms)

    hour = market.state.get(OUTFLOWS, "main")
    assert hour is not None
    assert ["BTC", "ETH", "SOL", "USD", "sGOLD"] == [one.asset for one in hour.held]


def test_feeds_that_matter_are_those_of_positions_and_collateral() -> None:
    market = _market()

    idle = feeds_needed(market.state, ALICE, "main", "USD")
    market.trade("alice", "bob", 10, 64_000, "ETH-PERP", taker="")
    busy = feeds_needed(market.state, ALICE, "main", "USD")

    assert () == idle
    assert ("ETH", "BTC") == busy
    require_feeds(market.state, ALICE, "main", "USD")


def test_withdrawal_leaves_equity_of_a_share_of_the_delta_gains_counted() -> None:
    # MARG-061: 90 % of 128,000 is 115,200, of 144,000 with a gain of 16,000 it is 129,600
    market = _market()
    terms = market.state.get(SCHEDULES, ("main", "standard"))
    assert terms is not None
    thin = replace(terms, initial_ppm=0, withdrawal_delta_ppm=900_000)
    market.state.put(SCHEDULES, ("main", "standard"), thin)
    market.trade("bob", "alice", 2_000, 128_000, taker="")
    market.deposit("bob", 14_000 * USD)

    with pytest.raises(Refusal) as refused:
        require_backed(market.state, account_of("bob"))

    assert "margin.equity_too_thin" == refused.value.reason.slug
    assert 115_200 * USD == refused.value.facts["required_quantums"]
    require_backed(market.state, ALICE)
    market.price("BTC", 72_000 * UNIT_E8)
    market.block()
    require_backed(market.state, account_of("bob"))
