"""PRIC-003: logarithms are right to four units, and nought for equal prices."""

import random

import mpmath
from hypothesis import given, strategies

from derivatives.pricing.logarithm import ln_ratio_q62

PRICES = strategies.integers(1, 2**63 - 1)


def test_logarithm_is_off_by_less_than_four_units() -> None:
    dice = random.Random(1)
    worst = 0
    with mpmath.workdps(40):
        for _ in range(4_000):
            above = dice.randrange(1, 2 ** dice.randrange(1, 64))
            below = dice.randrange(1, 2 ** dice.randrange(1, 64))
            right = mpmath.ldexp(mpmath.log(mpmath.mpf(above) / below), 62)
            worst = max(worst, abs(ln_ratio_q62(above, below) - right))

    assert worst < 4


@given(PRICES)
def test_equal_prices_have_no_logarithm(price: int) -> None:
    assert 0 == ln_ratio_q62(price, price)


@given(PRICES, PRICES)
def test_turned_over_it_is_the_same_but_for_its_sign(above: int, below: int) -> None:
    assert abs(ln_ratio_q62(above, below) + ln_ratio_q62(below, above)) < 8
