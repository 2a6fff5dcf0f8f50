"""PRIC-006 to PRIC-013: prices against fifty digits, parity, brackets, order and greeks."""

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import mpmath
import pytest
from hypothesis import given, strategies

from derivatives.pricing.black import (
    DAY_MS,
    ONE_Q62,
    call_greeks,
    call_price,
    put_price,
)
from derivatives.pricing.volatility import TERM_MS_MAX, VOLATILITY_E9_MAX

YEAR_MS = 365 * DAY_MS
FORWARD = 10**11
MONEYNESS = [10 ** (place / 12 - 1) for place in range(25)]
MONEYNESS += [0.9, 0.95, 0.99, 0.999, 0.9999, 1.0001, 1.001, 1.01, 1.05, 1.1]
VOLATILITIES = [1, 2, 5, 10, 20, 35, 50, 80, 100, 150, 200, 300, 400, 500]
TERMS = [60, 300, 3_600, 28_800, 86_400, 259_200, 604_800]
TERMS += [86_400 * days for days in (30, 90, 180, 365, 730, 1_825)]

PRICES = strategies.integers(1, 10**12)
VOLATILITY = strategies.integers(0, VOLATILITY_E9_MAX)
TERM = strategies.integers(0, TERM_MS_MAX)


class Option(NamedTuple):
    forward_ticks: int
    strike_ticks: int
    volatility_e9: int
    term_ms: int


class Right(NamedTuple):
    """What mpmath says of an option."""

    out_of_the_money: mpmath.mpf
    delta: mpmath.mpf
    density: mpmath.mpf
    total: mpmath.mpf


def options() -> Iterator[Option]:
    """Yield 6,370 options of a grid and 6,000 random ones, the same every time."""
    for moneyness in MONEYNESS:
        for volatility in VOLATILITIES:
            for term in TERMS:
                strike = int(FORWARD * moneyness)
                yield Option(FORWARD, strike, volatility * 10**7, term * 1_000)
    dice = random.Random(4)
    for _ in range(6_000):
        forward = dice.randrange(10**4, 10 ** dice.randrange(5, 18))
        strike = max(1, int(forward * 10 ** dice.uniform(-1, 1)))
        volatility = int(10 ** dice.uniform(7, 9.699))
        yield Option(forward, strike, volatility, int(10 ** dice.uniform(4.78, 11.197)))


def right(option: Option) -> Right:
    forward, strike, volatility_e9, term_ms = map(mpmath.mpf, option)
    total = volatility_e9 / 10**9 * mpmath.sqrt(term_ms / YEAR_MS)
    d1 = mpmath.log(forward / strike) / total + total / 2
    d2 = d1 - total
    if strike >= forward:
        value = forward * mpmath.ncdf(d1) - strike * mpmath.ncdf(d2)
    else:
        value = strike * mpmath.ncdf(-d2) - forward * mpmath.ncdf(-d1)
    return Right(value, mpmath.ncdf(d1), mpmath.npdf(d1), total)


def test_there_are_enough_points() -> None:
    assert 12_370 == len(list(options()))


def test_prices_lie_in_their_brackets_and_are_right_to_the_half_tick() -> None:
    with mpmath.workdps(50):
        for option in options():
            call = call_price(*option)
            largest = max(option.forward_ticks, option.strike_ticks)
            intrinsic = max(0, option.forward_ticks - option.strike_ticks)
            exact = intrinsic + right(option).out_of_the_money
            half = mpmath.mpf(1) / 2 + largest * mpmath.mpf(10) ** -18

            assert call.low_ticks <= exact <= call.high_ticks, option
            assert abs(call.near_ticks - exact) <= half, option
            if option.forward_ticks + option.strike_ticks < 2**59:
                assert call.high_ticks - call.low_ticks <= 2


def test_price_is_right_to_ten_to_the_minus_eighteen() -> None:
    """Prices in ticks hide their error; in units of 10^-18 of the forward they show it."""
    worst = mpmath.mpf(0)
    with mpmath.workdps(50):
        for option in options():
            scale = 2**62 // max(option.forward_ticks, option.strike_ticks)
            fine = option._replace(
                forward_ticks=option.forward_ticks * scale,
                strike_ticks=option.strike_ticks * scale,
            )
            largest = max(fine.forward_ticks, fine.strike_ticks)
            intrinsic = max(0, fine.forward_ticks - fine.strike_ticks)
            exact = right(fine).out_of_the_money + intrinsic
            worst = max(worst, (abs(call_price(*fine).near_ticks - exact) - 0.5) / largest)

    assert worst <= mpmath.mpf(10) ** -18


@given(strategies.integers(1, 2**63 - 1), strategies.integers(1, 2**63 - 1), VOLATILITY, TERM)
def test_parity_is_exact(forward: int, strike: int, volatility: int, term: int) -> None:
    call = call_price(forward, strike, volatility, term)
    put = put_price(forward, strike, volatility, term)

    assert [forward - strike] * 3 == [c - p for c, p in zip(call, put, strict=True)]
    assert max(0, forward - strike) <= call.low_ticks <= call.near_ticks <= call.high_ticks
    assert call.high_ticks <= forward
    assert max(0, strike - forward) <= put.low_ticks <= put.high_ticks <= strike


@given(PRICES, PRICES, VOLATILITY, TERM, strategies.integers(0, 10**6))
def test_prices_rise_with_volatility_time_and_forward_and_fall_with_the_strike(
    forward: int, strike: int, volatility: int, term: int, more: int
) -> None:
    price = call_price(forward, strike, volatility, term).near_ticks
    wilder = min(VOLATILITY_E9_MAX, volatility + more)

    assert price <= call_price(forward, strike, wilder, term).near_ticks
    assert (
        price <= call_price(forward, strike, volatility, min(TERM_MS_MAX, term + more)).near_ticks
    )
    assert price <= call_price(forward + more, strike, volatility, term).near_ticks
    assert price >= call_price(forward, strike + more, volatility, term).near_ticks


def test_no_price_of_the_grid_is_out_of_order() -> None:
    """PRIC-010: a 10^-9 of volatility more, or a tick of strike, at every point of the grid."""
    for forward, strike, volatility, term in list(options())[:6_370:3]:
        price = call_price(forward, strike, volatility, term).near_ticks

        assert price <= call_price(forward, strike, volatility + 1, term).near_ticks
        assert price >= call_price(forward, strike + 1, volatility, term).near_ticks


@given(PRICES, PRICES, VOLATILITY, TERM, strategies.integers(1, 10**9))
def test_prices_are_convex_in_the_strike(
    forward: int, strike: int, volatility: int, term: int, wing: int
) -> None:
    low = call_price(forward, strike, volatility, term).near_ticks
    middle = call_price(forward, strike + wing, volatility, term).near_ticks
    high = call_price(forward, strike + 2 * wing, volatility, term).near_ticks

    assert 2 * middle <= low + high + 2


def test_greeks_are_right() -> None:
    with mpmath.workdps(50):
        for option in list(options())[::5]:
            exact = right(option)
            forward = option.forward_ticks
            slack = mpmath.mpf(0.5) + forward * mpmath.mpf(10) ** -17
            years = mpmath.mpf(option.term_ms) / YEAR_MS
            greeks = call_greeks(*option)
            delta_error = abs(mpmath.ldexp(greeks.delta_q62, -62) - exact.delta)
            gamma = exact.density / exact.total * 10**9
            vega = forward * exact.density * mpmath.sqrt(years)
            theta = -vega * option.volatility_e9 / 10**9 / (2 * years) / 365

            assert delta_error <= mpmath.mpf(10) ** -18 * (3 + 1 / exact.total), option
            assert abs(greeks.gamma_e9 - gamma) <= 1 + gamma * mpmath.mpf(10) ** -12, option
            assert abs(greeks.vega_ticks - vega) <= slack, option
            assert abs(greeks.theta_ticks - theta) <= mpmath.mpf(0.5) + abs(theta) / 10**12 + (
                forward * mpmath.mpf(10) ** -18 * (2 + DAY_MS / option.term_ms)
            ), option


@pytest.mark.parametrize(
    ("forward", "strike", "delta"), [(101, 100, ONE_Q62), (100, 100, 0), (99, 100, 0)]
)
def test_without_time_a_call_is_its_intrinsic_value(forward: int, strike: int, delta: int) -> None:
    assert (max(0, forward - strike),) * 3 == call_price(forward, strike, 10**9, 0)
    assert (delta, 0, 0, 0) == call_greeks(forward, strike, 10**9, 0)
    assert (delta, 0, 0, 0) == call_greeks(forward, strike, 0, YEAR_MS)


def test_immense_volatility_makes_a_call_the_forward_and_a_put_the_strike() -> None:
    whole = (6_400_000, 7_000_000, VOLATILITY_E9_MAX, YEAR_MS)

    assert (6_400_000,) * 2 == call_price(*whole)[1:]
    assert (7_000_000,) * 2 == put_price(*whole)[1:]


def test_worked_numbers_of_the_page() -> None:
    option = (6_400_000, 7_000_000, 600_000_000, 30 * DAY_MS)

    assert (219_955, 219_956, 219_956) == call_price(*option)
    assert (819_955, 819_956, 819_956) == put_price(*option)
    greeks = call_greeks(*option)
    assert (2_109_912_902, 665_923, -6_659) == greeks[1:]
    assert 331 == Fraction(greeks.delta_q62, ONE_Q62) * 1000 // 1
