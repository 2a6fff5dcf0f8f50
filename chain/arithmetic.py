"""Divisions that name their rounding: the only place where `//` is written.

The law of the house is against the account, for the house: what is owed rounds up,
what is paid rounds down, and the dust is counted.
"""

PPM = 1_000_000


def divide_down(dividend: int, divisor: int) -> int:
    """Return the quotient. Rounds: towards minus infinity.

    >>> divide_down(-7, 2)
    -4
    """
    assert divisor > 0
    return dividend // divisor


def divide_up(dividend: int, divisor: int) -> int:
    """Return the quotient. Rounds: towards plus infinity.

    >>> divide_up(7, 2)
    4
    """
    assert divisor > 0
    return -(-dividend // divisor)


def divide_toward_zero(dividend: int, divisor: int) -> int:
    """Return the quotient. Rounds: towards zero, as C does.

    >>> divide_toward_zero(-7, 2)
    -3
    """
    assert divisor > 0
    return dividend // divisor if dividend >= 0 else -(-dividend // divisor)


def divide_half_even(dividend: int, divisor: int) -> int:
    """Return the quotient. Rounds: to nearest, ties to the even neighbour.

    >>> divide_half_even(5, 2), divide_half_even(7, 2), divide_half_even(-5, 2)
    (2, 4, -2)
    """
    assert divisor > 0
    quotient, remainder = divmod(dividend, divisor)
    twice = 2 * remainder
    return quotient + (twice > divisor or (twice == divisor and quotient % 2 == 1))


def multiply_ppm_up(amount: int, fraction_ppm: int) -> int:
    """Return the fraction of an amount. Rounds: towards plus infinity.

    >>> multiply_ppm_up(18_000_001, 50_000)
    900001
    """
    return divide_up(amount * fraction_ppm, PPM)


def multiply_ppm_down(amount: int, fraction_ppm: int) -> int:
    """Return the fraction of an amount. Rounds: towards minus infinity.

    >>> multiply_ppm_down(18_000_019, 50_000)
    900000
    """
    return divide_down(amount * fraction_ppm, PPM)
