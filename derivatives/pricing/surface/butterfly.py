"""Proof that a slice has no negative density at any strike, in exact integers.

A slice is free of butterfly arbitrage when Durrleman's function is not negative:

    g(k) = (1 - k w'/2w)^2 - (w'^2 / 4)(1/w + 1/4) + w''/2

With k = m + sigma (t - 1/t)/2 every root disappears, and 64 sigma w^2 t^2 (t^2 + 1)^3 g is a
polynomial of degree 10 in t > 0, whose coefficients are whole numbers made of the parameters.
It is not negative on an interval if none of its Bernstein coefficients there is: each interval
is halved until that is so, or until a value below zero is met.

A grid can be passed between its nodes; this cannot.

Source: docs/specs/surface.md, SURF-012; V. Durrleman 2003; S. Bernstein 1915.
"""

from collections.abc import Sequence
from itertools import pairwise

from chain.kit import divide_down
from derivatives.pricing.surface.svi import BITS_Q56, ONE_Q56, Slice

DEGREE = 10
MARGIN_BITS = 20
"""g is held against 2^-20 and not against 0, so that rounding a slice afterwards does no harm."""

PIECES_MAX = 128
"""Usual slices need up to 13; those that all but touch the margin, 57."""

BINOMIALS = (1, 10, 45, 120, 210, 252, 210, 120, 45, 10, 1)
COMMON_MULTIPLE = 2_520

Polynomial = list[int]
"""Coefficients, that of the power 0 first."""


def _times(*factors: Sequence[int]) -> Polynomial:
    product = [1]
    for factor in factors:
        longer = [0] * (len(product) + len(factor) - 1)
        for place, left in enumerate(product):
            for power, right in enumerate(factor):
                longer[place + power] += left * right
        product = longer
    return product


def _sum(*terms: Sequence[int]) -> Polynomial:
    return [sum(term[power] for term in terms if power < len(term)) for power in range(DEGREE + 1)]


def durrleman_polynomial(one: Slice) -> Polynomial:
    """Return 64 sigma w^2 t^2 (t^2 + 1)^3 (g - 2^-20) as a polynomial in t, times 2^(56 x 11).

    P = 2 w t     D = w' (t^2 + 1) / b     K = 2 k t     U = t^2 + 1

    4 sigma U ((2 P U - b K D)^2 - 4 P^2 U^2 / 2^20) - sigma b^2 D^2 (8 t + P) P U + 64 b t^3 P^2
    """
    a, b, rho, m, sigma = one
    p = [b * sigma * (ONE_Q56 - rho), 2 * a << 2 * BITS_Q56, b * sigma * (ONE_Q56 + rho)]
    d = [rho - ONE_Q56, 0, rho + ONE_Q56]
    k = [-sigma, 2 * m, sigma]
    u = [1, 0, 1]
    margin = _times([1 << 4 * BITS_Q56 - MARGIN_BITS], [-16 * sigma], p, p, u, u, u)
    twice = _times([2], p, u)
    bent = _times([-b], k, d)
    inner = [left + right for left, right in zip(twice, bent, strict=True)]
    square = _times([1 << 4 * BITS_Q56], [4 * sigma], u, inner, inner)
    above = _times([-sigma * b * b], d, d, [p[0], p[1] + (8 << 3 * BITS_Q56), p[2]], p, u)
    curved = _times([1 << 4 * BITS_Q56], [0, 0, 0, 64 * b], p, p)
    return _sum(square, margin, above, curved)


def _bernstein(power: Sequence[int]) -> Polynomial:
    """Return a polynomial's Bernstein coefficients on [0, 1], times 2,520, exactly."""
    row = [
        divide_down(COMMON_MULTIPLE, choices) * coefficient
        for choices, coefficient in zip(BINOMIALS, power, strict=True)
    ]
    # The coefficients are sums of C(j, i) row[i]: Pascal's triangle by repeated addition.
    for last in range(DEGREE):
        for place in range(DEGREE, last, -1):
            row[place] += row[place - 1]
    return row


def _halves(row: Sequence[int]) -> tuple[Polynomial, Polynomial]:
    """Return the Bernstein coefficients of both halves, times 2^10 (de Casteljau)."""
    left, right, current = [], [], list(row)
    for step in range(DEGREE + 1):
        left.append(current[0] << DEGREE - step)
        right.append(current[-1] << DEGREE - step)
        current = [first + second for first, second in pairwise(current)]
    return left, right[::-1]


def _is_proven_on_unit(power: Sequence[int]) -> bool:
    """Return whether halving proves that a polynomial is not negative on [0, 1]."""
    waiting = [_bernstein(power)]
    for _ in range(PIECES_MAX):
        if not waiting:
            return True
        row = waiting.pop()
        if row[0] < 0 or row[-1] < 0:
            return False
        if min(row) < 0:
            waiting.extend(_halves(row))
    return False


def is_free_of_butterflies(one: Slice) -> bool:
    """Return whether g is proven to be at least 2^-20 at every strike there is.

    False also for a slice that comes so near that 128 pieces do not decide: what is not proven
    is not taken.
    """
    polynomial = durrleman_polynomial(one)
    # t beyond 1 is 1/t below it: the same coefficients, read backwards.
    return _is_proven_on_unit(polynomial) and _is_proven_on_unit(polynomial[::-1])
