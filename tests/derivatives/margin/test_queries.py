"""MARG-079: what can be asked of margin."""

from chain.kit import PPM, replace
from derivatives.margin.queries import account_health, compartment_outflow, scan_range
from derivatives.margin.state import RANGES
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


# MARG-115  What a range will be is told before it is.
def test_range_tells_what_is_announced_and_what_initial_margin_makes_of_it() -> None:
    market = Margined()
    place = ("main", "portfolio", "BTC")
    known = market.state.get(RANGES, place)
    assert known is not None

    calm = scan_range(market.state, *place)
    market.state.put(RANGES, place, replace(known, scheduled_ppm=176_000))
    growing = scan_range(market.state, *place)

    assert (160_000, 160_000, PPM) == (calm.range_ppm, calm.scheduled_ppm, calm.growth_ppm)
    assert market.time_ms + 3_600_000 == calm.scheduled_from_ms
    assert (176_000, 1_100_000) == (growing.scheduled_ppm, growing.growth_ppm)
    assert 0 == scan_range(market.state, "main", "standard", "BTC").range_ppm
