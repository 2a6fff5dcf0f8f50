"""Each division rounds the way its name says, for every sign."""

from fractions import Fraction
from math import ceil, floor, trunc

from hypothesis import given, strategies

from chain.arithmetic import (
    PPM,
    divide_down,
    divide_half_even,
    divide_toward_zero,
    divide_up,
    multiply_ppm_down,
    multiply_ppm_up,
)

DIVIDENDS = strategies.integers(-(2**140), 2**140)
DIVISORS = strategies.integers(1, 2**70)


@given(DIVIDENDS, DIVISORS)
def test_divisions_round_as_they_are_named(dividend: int, divisor: int) -> None:
    exact = Fraction(dividend, divisor)

    rounded = [
        divide(dividend, divisor)
        for divide in (divide_down, divide_up, divide_toward_zero, divide_half_even)
    ]

    assert [floor(exact), ceil(exact), trunc(exact), round(exact)] == rounded


@given(DIVIDENDS, strategies.integers(0, 10 * PPM))
def test_fractions_in_ppm_round_as_they_are_named(amount: int, fraction_ppm: int) -> None:
    exact = Fraction(amount * fraction_ppm, PPM)

    rounded = [multiply_ppm_down(amount, fraction_ppm), multiply_ppm_up(amount, fraction_ppm)]

    assert [floor(exact), ceil(exact)] == rounded
