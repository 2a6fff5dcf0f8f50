"""Proof that a later slice is never below an earlier one, in exact comparisons.

A slice is convex in k.  On an interval the later one is above its tangents at both ends, and the
earlier one below its chord.  Where the tangents meet above the chord nothing can cross; where
not, the interval is halved.

Source: docs/specs/surface.md, SURF-013; Gatheral and Jacquier, lemma 2.1.
"""

from itertools import pairwise
from typing import NamedTuple

from derivatives.pricing.surface.svi import ONE_Q56, Slice, slope_q56, total_variance_q56

K_Q56_MAX = 4 * ONE_Q56
"""Strikes from a 54th of the forward to 54 times it."""

MARGIN_Q56 = 128
"""More than every rounding in an interval of 8 together: tangents, values and chord."""

PIECES_MAX = 256


class _Point(NamedTuple):
    """Both slices at one log-moneyness; the gap is already less the margin."""

    k_q56: int
    gap_q56: int
    earlier_q56: int
    later_q56: int
    later_slope_q56: int


def _point(earlier: Slice, later: Slice, k_q56: int) -> _Point:
    low, high = total_variance_q56(earlier, k_q56), total_variance_q56(later, k_q56)
    return _Point(k_q56, high - low - MARGIN_Q56, low, high, slope_q56(later, k_q56))


def _is_proven_between(left: _Point, right: _Point) -> bool:
    """Return whether the tangents of the later meet above the chord of the earlier.

    Every comparison is cross-multiplied; slopes are in 2^-56, so products carry 2^-112.
    """
    width = right.k_q56 - left.k_q56
    rise = right.earlier_q56 - left.earlier_q56 << 56
    if left.later_slope_q56 * width >= rise or right.later_slope_q56 * width <= rise:
        return True
    bend = right.later_slope_q56 - left.later_slope_q56
    place = (left.later_q56 - right.later_q56 << 56) + right.later_slope_q56 * width
    fall = left.later_slope_q56 * width - rise
    return (left.gap_q56 * bend * width << 56) + fall * place >= 0


def is_ordered(earlier: Slice, later: Slice) -> bool:
    """Return whether the later slice is proven to be above the earlier one for all |k| <= 4.

    False also where 256 pieces do not decide: what is not proven is not taken.
    """
    bends = [max(-K_Q56_MAX, min(K_Q56_MAX, one.m_q56)) for one in (earlier, later)]
    edges = sorted((-K_Q56_MAX, *bends, K_Q56_MAX))
    points = [_point(earlier, later, k_q56) for k_q56 in edges]
    if any(point.gap_q56 < 0 for point in points):
        return False
    waiting = list(pairwise(points))
    for _ in range(PIECES_MAX):
        if not waiting:
            return True
        left, right = waiting.pop()
        if _is_proven_between(left, right):
            continue
        middle = _point(earlier, later, left.k_q56 + right.k_q56 >> 1)
        if middle.gap_q56 < 0 or right.k_q56 - left.k_q56 < 2:
            return False
        waiting += ((left, middle), (middle, right))
    return False
