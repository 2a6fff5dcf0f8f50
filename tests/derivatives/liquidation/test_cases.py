"""LIQ-001 to LIQ-009, LIQ-020 to LIQ-029: who may be taken from, and what he gives for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.kit import PPM, Refusal
from derivatives.liquidation.cases import (
    Case,
    allowance_quantums,
    case_of,
    feeds_of,
    liquidation_terms,
    offer_of,
    ramp_ppm,
    stand_of,
)
from derivatives.oracle.ladder import FeedState
from tests.given_dated import FUTURE, Dated
from tests.given_failing import Failing
from tests.given_market import BTC_PERP, ETH_PERP, USD, account_of

NUMBERS = st.integers(0, 2**60)


@pytest.fixture
def market() -> Failing:
    return Failing()


def test_a_sound_account_is_not_taken_from(market: Failing) -> None:
    # LIQ-001
    found = case_of(market.state, account_of("alice"), market.stand(), market.time_ms)

    assert isinstance(found, Refusal)
    assert "liquidation.not_flagged" == found.reason.slug


def test_a_flagged_account_below_maintenance_is(market: Failing) -> None:
    # LIQ-002
    market.falls()

    case = market.case()

    assert (False, market.time_ms, market.height) == (
        case.by_gain,
        case.since_ms,
        case.since_height,
    )


def test_one_that_rose_above_it_is_not_begun_with(market: Failing) -> None:
    # LIQ-003: the flag stays until 15 % of R above maintenance
    market.falls()
    market.falls(62_300)

    found = case_of(market.state, account_of("alice"), market.stand(), market.time_ms)

    assert isinstance(found, Refusal)
    assert "liquidation.not_liquidatable" == found.reason.slug


def test_it_is_enough_at_fifteen_percent_of_risk_above_maintenance(market: Failing) -> None:
    # LIQ-004: MM 2,257.8616 + 15 % of R 2,799.002 = 2,677.7119
    market.falls()

    assert 2_677_711_900 == market.stand().recovered_quantums
    assert not market.stand().is_enough(market.case())


def test_the_ramp_grows_by_the_second_up_to_its_limit(market: Failing) -> None:
    # LIQ-020
    terms = liquidation_terms(market.state, "main")

    assert [100_000, 115_000, 160_000, 750_000, 750_000] == [
        ramp_ppm(terms, elapsed_ms) for elapsed_ms in (0, 500, 2_000, 21_667, 10**9)
    ]


def test_the_offer_is_a_share_of_equity_by_the_release(market: Failing) -> None:
    # LIQ-021: 2,200 x 225.78616 / 2,257.8616 x 11.5 % = 25.3
    market.falls()
    case = market.case()

    offer = offer_of(market.state, case, market.stand(), market.time_ms + 500)

    assert offer is not None
    assert (225_786_160, 25_300_000) == (offer.slice.release_quantums, offer.allowance_quantums)


@pytest.mark.parametrize(("by_gain", "instrument"), [(False, BTC_PERP), (True, ETH_PERP)])
def test_who_closes_for_a_debt_closes_what_gained(
    market: Failing, *, by_gain: bool, instrument: str
) -> None:
    # LIQ-005: alice gained on ether, and bitcoin would free more for what it costs
    market.trade("bob", "alice", 100, 64_000, ETH_PERP, taker="")
    market.price("ETH", 3_100 * 10**8)
    market.falls()
    case = Case(by_gain=by_gain, since_ms=market.time_ms, since_height=market.height)

    stand = market.stand()
    offer = offer_of(market.state, case, stand, market.time_ms)

    assert stand.is_enough(case) == by_gain  # he has cash, and is below maintenance
    assert offer is not None
    assert [instrument] == [leg.instrument for leg in offer.slice.legs]


def test_an_account_needs_the_feeds_of_what_it_holds(market: Failing) -> None:
    assert ("BTC",) == feeds_of(market.state, market.stand().whole)


def test_of_what_is_dated_both_feeds_are_needed() -> None:
    # LIQ-030
    market = Dated()
    for name in ("alice", "bob"):
        market.deposit(name, 4_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, FUTURE, taker="")
    market.forward(62_200)
    market.block()
    alice = account_of("alice")
    market.spot(62_200, FeedState.STALE)

    found = case_of(market.state, alice, stand_of(market.state, alice), market.time_ms)

    assert isinstance(found, Refusal)
    assert ("liquidation.feed_waits", "BTC") == (found.reason.slug, found.facts["feed"])
    market.spot(62_200)
    found = case_of(market.state, alice, stand_of(market.state, alice), market.time_ms)
    assert isinstance(found, Case)


@given(NUMBERS, st.integers(1, 2**60), NUMBERS, st.integers(0, PPM), NUMBERS)
def test_an_allowance_never_lowers_the_margin_ratio(
    equity: int, maintenance: int, release: int, share: int, solvency: int
) -> None:
    # LIQ-022, LIQ-023
    release = min(release, maintenance)
    given_away = allowance_quantums(
        least_quantums=min(equity, solvency, maintenance),
        maintenance_quantums=maintenance,
        release_quantums=release,
        share_ppm=share,
        solvency_after_quantums=solvency,
    )

    assert given_away <= release
    assert (equity - given_away) * maintenance >= equity * (maintenance - release)
    assert given_away <= solvency


@given(st.integers(2, 40), st.integers(1, 2**40), st.integers(1, 2**40), st.integers(1, PPM))
def test_splitting_an_account_pays_nothing(
    parts: int, equity: int, release: int, share: int
) -> None:
    # LIQ-024: by more than a quantum of rounding an account
    def given_for(times: int) -> int:
        return allowance_quantums(
            least_quantums=min(equity, 10 * release) * times,
            maintenance_quantums=10 * release * times,
            release_quantums=release * times,
            share_ppm=share,
            solvency_after_quantums=equity * times,
        )

    assert 0 <= given_for(parts) - parts * given_for(1) <= parts
