"""MARG-079: what can be asked of margin."""

from derivatives.margin.queries import account_health, compartment_outflow
from tests.given_margin import Margined
from tests.given_market import USD, account_of


def test_health_is_that_of_the_engine() -> None:
    market = Margined()
    market.deposit("alice", 10_000 * USD)
    market.deposit("bob", 10_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    right = market.health("alice")

    found = account_health(market.state, account_of("alice"))

    assert right.equity_quantums - right.initial_quantums == found.excess_quantums
    assert right.maintenance_quantums == found.maintenance_quantums


def test_unknown_account_and_compartment_have_nothing() -> None:
    market = Margined()

    assert 0 == account_health(market.state, account_of("nobody")).equity_quantums
    assert 0 == compartment_outflow(market.state, "none").limit_quantums
    assert 0 < compartment_outflow(market.state, "main").limit_quantums
