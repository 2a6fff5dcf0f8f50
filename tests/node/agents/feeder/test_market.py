"""FEEDER-010 to FEEDER-014: one made-up market for everybody who knows its seed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from node.agents.feeder.market import (
    OWN_NOISE_PPM,
    VOLATILITY_NOISE_PPM,
    VOLATILITY_WAVE_PPM,
    WAVES_MS_PPM,
    Market,
)
from node.reports.own import STARTING_PRICES_E8
from node.reports.smiles import volatility_of

MOMENTS = st.integers(min_value=0, max_value=2**42)
BOUND_PPM = OWN_NOISE_PPM + sum(highest for _, highest in WAVES_MS_PPM) + len(WAVES_MS_PPM) + 1


def price(seed: int, observer: str, now_ms: int, feed: str = "BTC") -> int:
    return Market(seed, observer).observe([feed], now_ms)[feed].price_e8


@settings(deadline=None)
@given(MOMENTS)
def test_two_observers_see_one_market_but_for_a_little(now_ms: int) -> None:
    ours, theirs = price(1, "auth0", now_ms), price(1, "auth1", now_ms)

    assert abs(ours - theirs) * 10**6 <= (2 * OWN_NOISE_PPM + 2) * STARTING_PRICES_E8["BTC"]


@settings(deadline=None)
@given(MOMENTS)
def test_a_price_stays_near_its_start_and_moves_less_than_a_jump(now_ms: int) -> None:
    start_e8 = STARTING_PRICES_E8["BTC"]
    before, after = price(3, "auth0", now_ms), price(3, "auth0", now_ms + 500)

    assert abs(before - start_e8) * 10**6 <= BOUND_PPM * start_e8
    # Half a percent in half a second is half of what the chain holds for a jump.
    assert abs(after - before) * 200 < before


def test_the_same_moment_is_the_same_again_and_another_seed_is_another_market() -> None:
    first = price(1, "auth0", 1_800_000_000_000)

    assert first == price(1, "auth0", 1_800_000_000_000)
    assert first != price(2, "auth0", 1_800_000_000_000)


def test_a_market_moves() -> None:
    assert 50 < len({price(1, "auth0", 1_000 * second) for second in range(60)})


def test_a_feed_that_is_not_of_this_market_is_left_out() -> None:
    assert {"ETH"} == set(Market(1, "auth0").observe(["ETH", "SILVER"], 5))


@settings(deadline=None)
@given(MOMENTS)
def test_observers_see_nearly_one_volatility_near_the_usual_one(now_ms: int) -> None:
    usual_ppm = volatility_of("BTC")

    ours, theirs = (Market(1, name).volatility_ppm("BTC", now_ms) for name in ("auth0", "auth1"))

    assert ours is not None
    assert theirs is not None
    assert abs(ours - theirs) * 10**6 <= (2 * VOLATILITY_NOISE_PPM + 4) * usual_ppm
    reach_ppm = VOLATILITY_WAVE_PPM + VOLATILITY_NOISE_PPM + 4
    assert abs(ours - usual_ppm) * 10**6 <= reach_ppm * usual_ppm


def test_nothing_is_said_of_a_volatility_that_is_not_known() -> None:
    assert Market(1, "auth0").volatility_ppm("XAU", 1_800_000_000_000) is None
