"""PRIC-005: volatility and time make one number, right to a unit."""

import random

import mpmath

from derivatives.pricing.volatility import (
    TERM_MS_MAX,
    TOTAL_Q62_MAX,
    VOLATILITY_E9_MAX,
    root_years_q62,
    total_volatility_q62,
)

YEAR_MS = 365 * 86_400_000


def test_both_are_low_by_less_than_a_unit_and_a_half_of_their_last_bit() -> None:
    dice = random.Random(3)
    with mpmath.workdps(40):
        for _ in range(3_000):
            volatility_e9 = dice.randrange(1, 2 ** dice.randrange(1, 37))
            term_ms = dice.randrange(1, 2 ** dice.randrange(1, 41))
            root = mpmath.ldexp(mpmath.sqrt(mpmath.mpf(term_ms) / YEAR_MS), 62)
            total = min(root * volatility_e9 / 10**9, mpmath.mpf(TOTAL_Q62_MAX))

            assert -1 - root / 2**61 < root_years_q62(term_ms) - root < root / 2**63
            found = total_volatility_q62(volatility_e9, term_ms)
            assert -1 - total / 2**61 < found - total < total / 2**63


def test_nothing_without_volatility_or_time() -> None:
    assert 0 == total_volatility_q62(0, YEAR_MS) == total_volatility_q62(10**9, 0)
    assert 0 == root_years_q62(0)


def test_smallest_and_largest() -> None:
    assert 0 < total_volatility_q62(1, 1)
    assert TOTAL_Q62_MAX == total_volatility_q62(VOLATILITY_E9_MAX, TERM_MS_MAX)
