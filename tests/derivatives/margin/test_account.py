"""MARG-025 to MARG-029: what is read of an account."""

from chain.kit import replace
from derivatives.margin.account import (
    assets_of,
    health_later,
    health_of,
    others_of_owner,
    portfolio_of,
    standing_of,
    terms_of,
    value_of,
)
from derivatives.margin.state import OWNED, Owned
from derivatives.margin.transactions import SetSchedule
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import PRICES
from derivatives.orders.state import SIDE_BUY, SIDE_SELL
from derivatives.perpetuals.state import FUNDING
from tests import given
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD, account_of


def _market() -> Margined:
    market = Margined()
    for name in ("alice", "bob"):
        market.deposit(name, 100_000 * USD)
    return market


def test_cash_alone_is_equity_and_needs_nothing() -> None:
    found = _market().health("alice")

    assert (100_000 * USD, 100_000 * USD) == (found.equity_quantums, found.solvency_quantums)
    assert (0, 0) == (found.initial_quantums, found.maintenance_quantums)


def test_collateral_counts_at_the_lower_of_index_and_average_in_margin_alone() -> None:
    market = _market()
    market.deposit("alice", UNIT_E8, "BTC")
    price = market.state.get(PRICES, "BTC")
    assert price is not None
    market.state.put(PRICES, "BTC", replace(price, average_5m_e8=60_000 * UNIT_E8))

    found = market.health("alice")

    assert 160_000 * USD == found.equity_quantums
    assert 164_000 * USD == found.solvency_quantums
    assert 6_000 * USD == found.haircut_quantums


def test_profit_at_the_mark_is_equity_and_at_the_index_is_solvency() -> None:
    market = _market()
    market.trade("alice", "bob", 1_000, 127_000, taker="")

    found = market.health("alice")

    assert 500 * USD == found.unrealised_quantums
    assert 100_500 * USD == found.equity_quantums == found.solvency_quantums
    assert 99_500 * USD == market.health("bob").equity_quantums


def test_how_an_account_stood_can_be_asked_after_a_trade() -> None:
    """MARG-054."""
    market = Margined()
    for name in ("alice", "bob"):
        market.deposit(name, 90_000 * USD)
    market.trade("alice", "bob", 500, 128_000)
    expected = market.health("alice")

    stood = health_later(market.state, account_of("alice"))
    market.rest("alice", SIDE_BUY, 10, 127_000)
    market.trade("bob", "alice", 300, 129_000)

    assert expected == stood()
    assert expected != market.health("alice")


def test_funding_owed_is_paid_for_before_it_is_due() -> None:
    market = _market()
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    funding = market.state.get(FUNDING, BTC_PERP)
    assert funding is not None
    moved = replace(funding, index_e18=funding.index_e18 + 5 * 10**18 + 1)
    market.state.put(FUNDING, BTC_PERP, moved)

    owes, gets = market.health("alice"), market.health("bob")

    assert 100_000 * USD - 5_001 == owes.equity_quantums == owes.solvency_quantums
    assert 100_000 * USD + 5_000 == gets.equity_quantums


def test_resting_orders_raise_what_is_needed_and_not_what_is_had() -> None:
    market = _market()
    before = market.health("alice")
    market.rest("alice", SIDE_BUY, 1_000, 120_000)
    market.rest("alice", SIDE_SELL, 10, 20_000, ETH_PERP)

    after = market.health("alice")

    assert before.equity_quantums == after.equity_quantums
    assert before.maintenance_quantums == after.maintenance_quantums == 0
    assert after.initial_quantums > 3_600 * USD


def test_far_bid_is_backed_like_one_at_the_market() -> None:
    near, far = _market(), _market()
    near.rest("alice", SIDE_BUY, 1_000, 128_000)
    far.rest("alice", SIDE_BUY, 1_000, 70_000)

    assert near.health("alice").initial_quantums == far.health("alice").initial_quantums


def test_bid_above_the_mark_is_backed_by_what_it_pays_too_much() -> None:
    at, above = _market(), _market()
    at.rest("alice", SIDE_BUY, 1_000, 128_000)
    above.rest("alice", SIDE_BUY, 1_000, 128_100)

    added = above.health("alice").risk_open_quantums - at.health("alice").risk_open_quantums

    assert 1_000 * 100 * 500 == added


def test_offer_below_the_mark_is_backed_by_what_it_gives_away() -> None:
    at, below = _market(), _market()
    at.rest("alice", SIDE_SELL, 1_000, 128_000)
    below.rest("alice", SIDE_SELL, 1_000, 127_900)

    added = below.health("alice").risk_open_quantums - at.health("alice").risk_open_quantums

    assert 1_000 * 100 * 500 == added


def test_reduce_only_orders_cost_nothing_that_the_position_does_not() -> None:
    market = _market()
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    before = market.health("alice")
    market.rest("alice", SIDE_SELL, 1_000, 128_000, reduce_only=True)

    assert before.risk_open_quantums == market.health("alice").risk_open_quantums


def test_concentration_counts_every_account_of_the_signer() -> None:
    market = _market()
    market.with_terms(external_depth_lots=1_500)
    market.deposit("alice", 100_000 * USD, number=0)
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    alone = market.health("alice")
    owner = given.address("alice")
    market.state.put(OWNED, owner, Owned((0, 1)))
    accounts = account_of("alice", 0), account_of("alice", 1)

    assert (accounts[1],) == others_of_owner(owner, (0, 1), accounts[0])
    assert alone.initial_quantums == market.health("alice").initial_quantums


def test_default_account_is_margined_though_nobody_owns_it() -> None:
    market = _market()

    standing = standing_of(market.state, "default/main")
    found = health_of(market.state, "default/main")

    assert ("main", "standard", None) == standing
    assert (0, 0) == (found.equity_quantums, found.initial_quantums)
    assert None is standing_of(market.state, "fees/main")
    assert 1_250_000 == terms_of(market.state, "default/main").initial_ppm


def test_instrument_without_a_mark_may_rest_and_counts_nothing() -> None:
    market = _market()
    standing = standing_of(market.state, account_of("alice"))
    assert standing is not None

    found = portfolio_of(market.state, account_of("alice"), standing)

    assert () == found.holdings
    assert ["BTC", "ETH", "USD", "sGOLD"] == assets_of(market.state, "main")


def test_value_of_an_amount_rounds_down() -> None:
    market = _market()

    assert 639 == value_of(market.state, "BTC", 1, 63_999 * UNIT_E8, "USD")


# MARG-048  One bitcoin long, as much ether short: 40 % of what each needs alone.
def test_hedge_under_portfolio_by_hand() -> None:
    market = _market()
    market.send("alice", SetSchedule(account_of("alice"), "portfolio"))
    market.trade("alice", "bob", 1_000, 128_000, BTC_PERP, taker="")
    market.trade("bob", "alice", 2_000, 64_000, ETH_PERP, taker="")

    found = market.health("alice")

    assert 8_704_002_400 == found.risk_quantums == found.risk_open_quantums


def test_hedge_under_portfolio_is_not_one_while_a_feed_is_degraded() -> None:
    market = _market()
    market.send("alice", SetSchedule(account_of("alice"), "portfolio"))
    market.trade("alice", "bob", 1_000, 128_000, BTC_PERP, taker="")
    market.trade("bob", "alice", 2_000, 64_000, ETH_PERP, taker="")
    market.price("ETH", 3_200 * UNIT_E8, FeedState.DEGRADED)

    found = market.health("alice")

    assert 8_704_002_400 == found.risk_quantums
    assert 21_760_006_000 == found.risk_open_quantums
