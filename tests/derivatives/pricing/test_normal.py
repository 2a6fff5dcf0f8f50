"""PRIC-004: the normal distribution, its symmetry and its ends."""

import random

import mpmath
from hypothesis import given, strategies

from derivatives.pricing.normal import normal_q62

ONE = 2**62


def test_distribution_and_density_are_right_to_a_unit() -> None:
    dice = random.Random(2)
    edges = [step * ONE // 64 + off for step in range(577) for off in (-1, 0, 1)]
    worst = worst_density = 0
    with mpmath.workdps(40):
        for x in edges + [dice.randrange(-9 * ONE, 9 * ONE) for _ in range(3_000)]:
            value, density = normal_q62(x)
            real = mpmath.ldexp(x, -62)
            worst = max(worst, abs(value - mpmath.ldexp(mpmath.ncdf(real), 62)))
            if abs(x) < 9 * ONE:
                right = mpmath.ldexp(mpmath.npdf(real), 62)
                worst_density = max(worst_density, abs(density - right))

    assert worst < 0.7
    assert worst_density < 2


@given(strategies.integers(-20 * ONE, 20 * ONE))
def test_both_tails_make_one(x: int) -> None:
    assert ONE == normal_q62(x)[0] + normal_q62(-x)[0]
    assert normal_q62(x)[1] == normal_q62(-x)[1]


def test_it_ends_at_nine() -> None:
    assert (ONE, 0) == normal_q62(9 * ONE)
    assert (0, 0) == normal_q62(-9 * ONE)
    assert ONE // 2 == normal_q62(0)[0]
