"""SURF-001 to SURF-004: slices in whole numbers are those of fifty digits."""

import random

import mpmath
from hypothesis import given, strategies

from derivatives.pricing.surface.svi import (
    ONE_Q56,
    Slice,
    log_moneyness_q56,
    scaled,
    shifted,
    slope_q56,
    total_variance_q56,
    total_volatility_q56,
    volatility_e9,
)
from tests.given_smiles import YEAR_MS, any_slice, smile

PRICES = strategies.integers(1, 2**62)


def test_variance_and_slope_are_right_to_four_units() -> None:
    dice = random.Random(5)
    with mpmath.workdps(50):
        for _ in range(2_000):
            one = smile(*any_slice(dice))
            k_q56 = dice.randrange(-4 * ONE_Q56, 4 * ONE_Q56)
            a, b, rho, m, sigma = (mpmath.ldexp(number, -56) for number in one)
            y = mpmath.ldexp(k_q56, -56) - m
            root = mpmath.sqrt(y * y + sigma * sigma)

            w = mpmath.ldexp(a + b * (rho * y + root), 56)
            slope = mpmath.ldexp(b * (rho + y / root), 56)

            assert abs(total_variance_q56(one, k_q56) - w) < 4
            # The root is off by up to a unit, which matters where it is small.
            slack = 4 + 2 * b * abs(y) / (root * root)
            assert abs(slope_q56(one, k_q56) - slope) < slack


def test_root_of_a_variance() -> None:
    assert ONE_Q56 // 2 == total_volatility_q56(ONE_Q56 // 4)


@given(PRICES)
def test_at_the_forward_there_is_no_moneyness(price: int) -> None:
    assert 0 == log_moneyness_q56(price, price)


def test_moved_slice_says_the_same_of_every_strike() -> None:
    one = smile(0.01, 0.1, -0.3, 0.02, 0.1)
    for strike in range(30_000, 120_000, 1_000):
        before = total_variance_q56(one, log_moneyness_q56(strike, 64_000))
        after = total_variance_q56(shifted(one, 64_000, 70_000), log_moneyness_q56(strike, 70_000))

        assert abs(after - before) < 12


@given(strategies.integers(1, 10**9), strategies.integers(1, 10**9))
def test_scaled_slice_scales_everywhere(numerator: int, denominator: int) -> None:
    less, more = sorted((numerator, denominator))
    one = smile(0.01, 0.1, -0.3, 0.02, 0.1)
    for k_q56 in range(-2 * ONE_Q56, 2 * ONE_Q56, ONE_Q56 // 4):
        exact = total_variance_q56(one, k_q56) * less // more

        assert abs(total_variance_q56(scaled(one, less, more), k_q56) - exact) < 12


def test_volatility_is_the_root_of_variance_over_time() -> None:
    flat = Slice(ONE_Q56 * 9 // 100, 0, 0, 0, ONE_Q56)

    assert 300_000_000 - 1 <= volatility_e9(flat, 64_000, 90_000, YEAR_MS) <= 300_000_000
    assert 600_000_000 - 1 <= volatility_e9(flat, 64_000, 9, YEAR_MS // 4) <= 600_000_000
    assert 100 * 10**9 == volatility_e9(flat, 64_000, 64_000, 1)
