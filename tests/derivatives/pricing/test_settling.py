"""PRIC-031 to PRIC-033: options on a mean, before its window, within it and at its end."""

import pytest
from hypothesis import given, strategies

from derivatives.pricing.black import call_price
from derivatives.pricing.settling import (
    WINDOW_MS,
    settling_call_price,
    settling_put_price,
    term_of_mean_ms,
)

PRICES = strategies.integers(1, 5 * 10**12)
VOLATILITY = strategies.integers(0, 10**11)
LEFT = strategies.integers(0, WINDOW_MS)


def test_time_works_for_a_third_of_the_window_and_all_before_it() -> None:
    assert 600_000 == term_of_mean_ms(WINDOW_MS)
    assert 600_001 == term_of_mean_ms(WINDOW_MS + 1)
    assert 86_400_000 - 1_200_000 == term_of_mean_ms(86_400_000)
    assert 200_000 == term_of_mean_ms(600_000)
    assert 0 == term_of_mean_ms(0)


@given(PRICES, PRICES, VOLATILITY)
def test_at_the_start_of_the_window_nothing_has_changed(
    forward: int, strike: int, volatility: int
) -> None:
    before = call_price(forward, strike, volatility, term_of_mean_ms(WINDOW_MS))
    within = settling_call_price(forward, strike, 0, volatility, WINDOW_MS)

    assert before.low_ticks <= within.low_ticks <= within.high_ticks <= before.high_ticks
    assert abs(before.near_ticks - within.near_ticks) <= 1


@given(PRICES, PRICES, PRICES)
def test_at_its_end_an_option_is_its_payoff(mean: int, strike: int, last: int) -> None:
    summed = mean * WINDOW_MS

    assert (max(0, mean - strike),) * 3 == settling_call_price(last, strike, summed, 10**9, 0)
    assert (max(0, strike - mean),) * 3 == settling_put_price(last, strike, summed, 10**9, 0)


@given(PRICES, PRICES, PRICES, VOLATILITY, LEFT)
def test_parity_holds_to_a_tick_within_the_window(
    forward: int, strike: int, mean: int, volatility: int, left: int
) -> None:
    summed = mean * (WINDOW_MS - left)
    call = settling_call_price(forward, strike, summed, volatility, left)
    put = settling_put_price(forward, strike, summed, volatility, left)
    ahead = forward * left + summed - strike * WINDOW_MS

    assert abs((call.near_ticks - put.near_ticks) * WINDOW_MS - ahead) <= WINDOW_MS
    assert 0 <= put.low_ticks <= put.near_ticks <= put.high_ticks
    assert (call.low_ticks - put.high_ticks) * WINDOW_MS <= ahead
    assert (call.high_ticks - put.low_ticks) * WINDOW_MS >= ahead


def test_a_strike_already_passed_makes_a_forward_of_a_call() -> None:
    """Half the window at 150 has made 75 sure: a call at 70 cannot end below 5."""
    summed = 150 * WINDOW_MS // 2

    assert (45, 45, 45) == settling_call_price(80, 70, summed, 10**9, WINDOW_MS // 2)
    assert (0, 0, 0) == settling_put_price(80, 70, summed, 10**9, WINDOW_MS // 2)


@pytest.mark.parametrize("left", [1, 3, 1_000, 900_000])
def test_what_is_left_weighs_as_much_as_it_lasts(left: int) -> None:
    """The index stood at the strike so far, so only what is left can move the mean."""
    forward = strike = 6_400_000
    near = settling_call_price(forward, strike, strike * (WINDOW_MS - left), 10**9, left).near_ticks
    alone = call_price(forward, strike, 10**9, left // 3).near_ticks

    assert abs(near - alone * left / WINDOW_MS) <= 1


def test_worked_numbers_of_the_page() -> None:
    halfway = (6_400_000, 6_400_000, 6_410_000 * 900_000, 600_000_000, 900_000)

    assert (5_656, 5_657, 5_657) == settling_call_price(*halfway)
    assert (656, 657, 657) == settling_put_price(*halfway)
