"""Powers of a ratio, for shocks that depend on how long an option has to run.

Asked for once an expiry, so it stays in Python, with 80 bits where the rest has 62.

Source: docs/specs/pricing.md, PRIC-030.
"""

from chain.kit import PPM, divide_down
from derivatives.pricing.logarithm import ln_ratio_q62
from derivatives.pricing.tables import LN2_Q80

ARGUMENT_Q62_MAX = 44 << 62


def exp_q62(x_q62: int) -> int:
    """Return e^x in 2^-62, for x of -44 to 44: e^x = 2^n e^r, r in [0, ln 2).

    Rounds: down, off by less than a unit and 2^-70 of itself.

    >>> exp_q62(0) == 1 << 62, exp_q62(1 << 62) * 10**9 >> 62
    (True, 2718281828)
    """
    assert abs(x_q62) <= ARGUMENT_Q62_MAX
    twos = divide_down(x_q62 << 18, LN2_Q80)
    r_q80 = (x_q62 << 18) - twos * LN2_Q80
    term = total = 1 << 80
    place = 1
    while term:
        term = divide_down(term * r_q80 >> 80, place)
        total += term
        place += 1
    return total << twos >> 18 if twos >= 0 else total >> 18 - twos


def power_q62(numerator: int, denominator: int, exponent_ppm: int) -> int:
    """Return (numerator / denominator)^exponent in 2^-62, the exponent in [-10^6, 10^6] ppm.

    Rounds: off by less than 2^-58 of itself.

    >>> power_q62(4, 1, 500_000) + 8 >> 62, power_q62(7, 7, 300_000) == 1 << 62
    (2, True)
    """
    assert abs(exponent_ppm) <= PPM
    return exp_q62(divide_down(ln_ratio_q62(numerator, denominator) * exponent_ppm, PPM))
