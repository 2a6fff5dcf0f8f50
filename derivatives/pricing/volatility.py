"""Volatility and time as one number: the standard deviation of the logarithm of the forward.

Source: docs/specs/pricing.md, PRIC-005.
"""

from derivatives.pricing.q62 import BITS_Q62, square_root_down
from derivatives.pricing.tables import INVERSE_ROOT_YEAR_E9_Q111, INVERSE_ROOT_YEAR_Q81

VOLATILITY_E9_MAX = 100 * 10**9
TERM_MS_MAX = (1 << 31) * 1_000 - 1
TOTAL_Q62_MAX = 24 << BITS_Q62
"""Beyond it a call is worth the forward and a put the strike, to the last bit."""


def _root(term_ms: int) -> tuple[int, int]:
    """Return the square root of a term as 63 bits and the power of two to divide them by."""
    assert 0 < term_ms <= TERM_MS_MAX
    shift = 126 - term_ms.bit_length() >> 1
    return square_root_down(term_ms << 2 * shift), shift


def root_years_q62(term_ms: int) -> int:
    """Return the square root of a term in years of 365 days, in 2^-62. Rounds: down.

    >>> root_years_q62(365 * 86_400_000 * 4) + 2 >> 62
    2
    """
    if term_ms == 0:
        return 0
    root, shift = _root(term_ms)
    return root * INVERSE_ROOT_YEAR_Q81 >> shift + 19


def total_volatility_q62(volatility_e9: int, term_ms: int) -> int:
    """Return volatility x sqrt(term in years) in 2^-62, at most 24.

    Rounds: down, off by less than 2^-62 and 2^-61 of itself.

    >>> total_volatility_q62(500_000_000, 365 * 86_400_000) * 1000 >> 62
    499
    """
    assert 0 <= volatility_e9 <= VOLATILITY_E9_MAX
    if term_ms == 0:
        return 0
    root, shift = _root(term_ms)
    unit = root * INVERSE_ROOT_YEAR_E9_Q111 >> 63
    return min(TOTAL_Q62_MAX, volatility_e9 * unit >> shift - 14)
