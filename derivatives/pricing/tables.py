"""Every table of the pricing, made from big integers alone: no float, no library's logarithm.

    LN2_Q80           ln 2
    RECIPROCALS_Q16   of each 256th of [1, 2): 1 / its middle
    LOGARITHMS_Q62    of each of these: -ln of the reciprocal
    LN_SERIES_Q62     1, -1/2, 1/3 ... -1/6
    TAILS_Q64         1 - N(x) at x = 0, 1/32, 2/32 ... 9
    DENSITIES_Q62     of each of these: the n-th derivative of the density / (n+1)!, n = 0 ... 8
    INVERSE_ROOT_YEAR_Q81, INVERSE_ROOT_YEAR_E9_Q111
                      1 / sqrt(ms of a year), and the same / 10^9

All are correctly rounded to nearest from 2^-200.  The C kernel has the same in `tables.h`.

Source: docs/specs/pricing.md, PRIC-002.
"""

from chain.kit import divide_down
from derivatives.pricing.q62 import BITS_Q62, square_root_down

YEAR_MS = 365 * 86_400_000
NODES_PER_UNIT = 32
NORMAL_MAX = 9
TERMS = 9

_BITS = 200
_ONE = 1 << _BITS


def _rounded(number: int, bits: int) -> int:
    """Return a number of 2^-200 in 2^-bits. Rounds: to nearest, ties up."""
    return (number >> (_BITS - bits - 1)) + 1 >> 1


def _product(left: int, right: int) -> int:
    return left * right >> _BITS


def _ln(numerator: int, denominator: int) -> int:
    """Return ln(numerator / denominator) = 2 atanh((n - d) / (n + d)), for ratios of 1/2 to 2."""
    z = divide_down(numerator - denominator << _BITS, numerator + denominator)
    square, power, total, place = _product(z, z), z, 0, 1
    while power not in {0, -1}:
        total += divide_down(power, place)
        power = _product(power, square)
        place += 2
    return 2 * total


def _exp_minus(x: int) -> int:
    """Return exp(-x), for x of 0 to 1."""
    term, total, place = _ONE, _ONE, 1
    while term not in {0, -1}:
        term = divide_down(-_product(term, x), place)
        total += term
        place += 1
    return total


def _inverse_root_of_two_pi() -> int:
    """Return 1 / sqrt(2 pi), pi by Machin: 16 atan(1/5) - 4 atan(1/239)."""
    pi = 0
    for weight, inverse in ((16, 5), (-4, 239)):
        power, place = divide_down(weight * _ONE, inverse), 1
        while power not in {0, -1}:
            pi += divide_down(power, place)
            power = -divide_down(power, inverse * inverse)
            place += 2
    return square_root_down(divide_down(1 << 3 * _BITS - 1, pi))


def _derivatives(x: int, density: int, count: int) -> list[int]:
    """Return density^(n)(x) / (n+1)! for n = 0 ... count - 1, by Hermite's recurrence."""
    before, hermite, factorial, found = 0, _ONE, 1, []
    for n in range(count):
        factorial *= n + 1
        signed = -hermite if n % 2 else hermite
        found.append(divide_down(_product(density, signed), factorial))
        before, hermite = hermite, _product(x, hermite) - n * before
    return found


def _normal() -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """Return tails and derivatives at every node, each node's tail from the one before."""
    step = _ONE >> 5
    density, tail = _inverse_root_of_two_pi(), _ONE >> 1
    # x grows by 1/32, so x^2/2 grows by (2i + 1)/2048: a factor that itself falls evenly.
    ratio, ratio_step = _exp_minus(_ONE >> 11), _exp_minus(_ONE >> 10)
    tails, rows = [], []
    for node in range(NORMAL_MAX * NODES_PER_UNIT + 1):
        derivatives = _derivatives(node * step, density, 40)
        tails.append(_rounded(tail, 64))
        rows.append(tuple(_rounded(value, BITS_Q62) for value in derivatives[:TERMS]))
        between = 0
        for value in reversed(derivatives):
            between = _product(between + value, step)
        tail -= between
        density, ratio = _product(density, ratio), _product(ratio, ratio_step)
    return tuple(tails), tuple(rows)


def _inverse_root_of_year(bits: int, divisor: int) -> int:
    """Return 1 / (sqrt(ms of a year) x divisor) in 2^-bits. Rounds: to nearest."""
    square = divide_down(1 << 2 * _BITS, YEAR_MS * divisor * divisor)
    return _rounded(square_root_down(square), bits)


LN2_Q80 = _rounded(_ln(2, 1), 80)
RECIPROCALS_Q16 = tuple(
    divide_down((1 << 26) + 513 + 2 * place, 2 * (513 + 2 * place)) for place in range(256)
)
LOGARITHMS_Q62 = tuple(_rounded(-_ln(value, 1 << 16), BITS_Q62) for value in RECIPROCALS_Q16)
LN_SERIES_Q62 = tuple(
    _rounded(divide_down(_ONE if n % 2 else -_ONE, n), BITS_Q62) for n in range(1, 7)
)
TAILS_Q64, DENSITIES_Q62 = _normal()
INVERSE_ROOT_YEAR_Q81 = _inverse_root_of_year(81, 1)
INVERSE_ROOT_YEAR_E9_Q111 = _inverse_root_of_year(111, 10**9)

assert all(0 < value <= 1 << 16 for value in RECIPROCALS_Q16)
assert TAILS_Q64[0] == 1 << 63
assert INVERSE_ROOT_YEAR_Q81 < 1 << 64
assert INVERSE_ROOT_YEAR_E9_Q111 < 1 << 64
