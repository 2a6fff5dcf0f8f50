"""PERP-040: anybody can ask what is owed and what the next rate would be."""

from chain.kit import replace
from derivatives.perpetuals.queries import FundingOwed, FundingRates, funding_owed, funding_rates
from derivatives.perpetuals.state import FUNDING, SAMPLES, Samples
from tests.given_market import BTC_PERP, USD, Market, account_of

ALICE = account_of("alice")


def test_owed_is_as_it_would_be_paid() -> None:
    market = Market()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 10, 128_000)
    funding = market.state.get(FUNDING, BTC_PERP)
    assert funding is not None
    market.state.put(FUNDING, BTC_PERP, replace(funding, index_e18=10**17 + 1))

    owed = funding_owed(market.state, ALICE, BTC_PERP)

    assert FundingOwed(ALICE, BTC_PERP, 2) == owed


def test_prediction_counts_seconds_to_come_as_zero() -> None:
    market = Market()
    funding = market.state.get(FUNDING, BTC_PERP)
    assert funding is not None
    for minute in range(30):
        samples = Samples(funding.hour_start_ms, (10_000_000,) * 60)
        market.state.put(SAMPLES, (BTC_PERP, minute), samples)
    market.state.put(SAMPLES, (BTC_PERP, 40), Samples(funding.hour_start_ms - 3_600_000, (1,)))

    rates = funding_rates(market.state, BTC_PERP)

    # Half of the kept slots at 1 %: mean 0.5 %, less the band of 0.05 %.
    assert FundingRates(BTC_PERP, 0, 4_500_000, 1_800) == rates


def test_what_pays_no_funding_has_no_rates() -> None:
    assert FundingRates("sGOLD", 0, 0, 0) == funding_rates(Market().state, "sGOLD")
