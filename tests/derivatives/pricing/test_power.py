"""PRIC-030: exponentials and powers are right far beyond what a shock needs."""

import random

import mpmath
from hypothesis import given, strategies

from derivatives.pricing.power import ARGUMENT_Q62_MAX, exp_q62, power_q62


def test_exponential_is_right() -> None:
    dice = random.Random(12)
    with mpmath.workdps(60):
        for _ in range(2_000):
            x_q62 = dice.randrange(-ARGUMENT_Q62_MAX, ARGUMENT_Q62_MAX + 1)
            right = mpmath.ldexp(mpmath.exp(mpmath.ldexp(x_q62, -62)), 62)

            assert -1 - right / 2**70 < exp_q62(x_q62) - right <= right / 2**70


def test_power_is_right() -> None:
    dice = random.Random(13)
    with mpmath.workdps(60):
        for _ in range(2_000):
            above, below = dice.randrange(1, 2**40), dice.randrange(1, 2**40)
            exponent_ppm = dice.randrange(-1_000_000, 1_000_001)
            ratio = mpmath.mpf(above) / below
            right = mpmath.ldexp(ratio ** (mpmath.mpf(exponent_ppm) / 10**6), 62)

            assert abs(power_q62(above, below, exponent_ppm) - right) < 2 + right / 2**58


@given(strategies.integers(1, 2**62))
def test_whole_powers(price: int) -> None:
    assert 1 << 62 == power_q62(price, price, 300_000)
    assert 1 << 62 == power_q62(price, 1, 0)
