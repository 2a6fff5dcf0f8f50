"""The natural logarithm of a ratio of two prices.

Source: docs/specs/pricing.md, PRIC-003.
"""

from chain.kit import divide_down
from derivatives.pricing.q62 import BITS_Q62, ONE_Q62
from derivatives.pricing.tables import LN2_Q80, LN_SERIES_Q62, LOGARITHMS_Q62, RECIPROCALS_Q16


def ln_ratio_q62(numerator: int, denominator: int) -> int:
    """Return ln(numerator / denominator) in 2^-62, for both in [1, 2^63).

        n/d = 2^e x y,  y in [1, 2)      ln = e ln 2 - ln c + ln(y c),  c near 1/y from a table

    Rounds: off by less than 4 x 2^-62.

    >>> ln_ratio_q62(1, 1), ln_ratio_q62(2, 1) * 10**9 >> 62
    (0, 693147180)
    """
    assert 0 < numerator < 1 << 63
    assert 0 < denominator < 1 << 63
    exponent = numerator.bit_length() - denominator.bit_length()
    above = numerator << 63 - numerator.bit_length()
    below = denominator << 63 - denominator.bit_length()
    if above < below:
        exponent -= 1
        above <<= 1
    y = divide_down(above << BITS_Q62, below)
    place = y >> 54 & 255
    r = (y * RECIPROCALS_Q16[place] >> 16) - ONE_Q62
    series = 0
    for coefficient in reversed(LN_SERIES_Q62):
        series = coefficient + (series * r >> BITS_Q62)
    return (exponent * LN2_Q80 >> 18) + LOGARITHMS_Q62[place] + (series * r >> BITS_Q62)
