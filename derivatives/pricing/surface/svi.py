"""One expiry's total variance in five numbers.

Source: docs/specs/surface.md, SURF-001 to SURF-004.
"""

from typing import NamedTuple

from chain.kit import divide_down, divide_half_even
from derivatives.pricing.logarithm import ln_ratio_q62
from derivatives.pricing.q62 import square_root_down
from derivatives.pricing.tables import YEAR_MS
from derivatives.pricing.volatility import VOLATILITY_E9_MAX

BITS_Q56 = 56
ONE_Q56 = 1 << BITS_Q56


class Slice(NamedTuple):
    """Raw SVI, every parameter in 2^-56: |rho| is below 1, b not negative, sigma positive."""

    a_q56: int
    b_q56: int
    rho_q56: int
    m_q56: int
    sigma_q56: int


def log_moneyness_q56(strike: int, forward: int) -> int:
    """Return ln(strike / forward) in 2^-56, for both in [1, 2^63). Rounds: down."""
    return ln_ratio_q62(strike, forward) >> 6


def total_variance_q56(one: Slice, k_q56: int) -> int:
    """Return w(k) in 2^-56. Rounds: down, off by less than 4 of them.

    >>> total_variance_q56(Slice(ONE_Q56, 0, 0, 0, ONE_Q56), 5) == ONE_Q56
    True
    """
    y_q56 = k_q56 - one.m_q56
    root_q56 = square_root_down(y_q56 * y_q56 + one.sigma_q56 * one.sigma_q56)
    return one.a_q56 + (one.b_q56 * ((one.rho_q56 * y_q56 >> BITS_Q56) + root_q56) >> BITS_Q56)


def slope_q56(one: Slice, k_q56: int) -> int:
    """Return dw/dk in 2^-56. Rounds: down, off by less than 4 of them."""
    y_q56 = k_q56 - one.m_q56
    root_q56 = square_root_down(y_q56 * y_q56 + one.sigma_q56 * one.sigma_q56)
    return one.b_q56 * (one.rho_q56 + divide_down(y_q56 << BITS_Q56, root_q56)) >> BITS_Q56


def total_volatility_q56(total_variance_q56: int) -> int:
    """Return the root of a total variance in 2^-56. Rounds: down."""
    return square_root_down(total_variance_q56 << BITS_Q56)


def scaled(one: Slice, numerator: int, denominator: int) -> Slice:
    """Return the slice whose total variance is a fraction of this one's, at every strike.

    Rounds: a and b to nearest, ties to even.
    """
    return one._replace(
        a_q56=divide_half_even(one.a_q56 * numerator, denominator),
        b_q56=divide_half_even(one.b_q56 * numerator, denominator),
    )


def shifted(one: Slice, forward_e8: int, anchor_e8: int) -> Slice:
    """Return a slice about one forward as a slice about another: the same at every strike.

    Rounds: by less than 2^-56 of log-moneyness.
    """
    return one._replace(m_q56=one.m_q56 + log_moneyness_q56(forward_e8, anchor_e8))


def volatility_e9(one: Slice, forward: int, strike: int, term_ms: int) -> int:
    """Return the volatility at a strike, sqrt(w / term in years), at most 10,000 %.

    Rounds: down.

    >>> volatility_e9(Slice(ONE_Q56 >> 2, 0, 0, 0, ONE_Q56), 100, 120, YEAR_MS)
    500000000
    """
    w_q56 = total_variance_q56(one, log_moneyness_q56(strike, forward))
    square_e18 = divide_down(w_q56 * YEAR_MS * 10**18, term_ms << BITS_Q56)
    return min(VOLATILITY_E9_MAX, square_root_down(square_e18))
