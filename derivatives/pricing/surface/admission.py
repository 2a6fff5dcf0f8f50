"""A reporter's surface, brought to the forwards and the time of all, and then tested.

The order matters: a slice is moved first and tested afterwards, since whether a density is
negative depends on where the forward is.

Source: docs/specs/surface.md, SURF-005 to SURF-014.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from derivatives.pricing.q62 import square_root_down
from derivatives.pricing.surface.butterfly import is_free_of_butterflies
from derivatives.pricing.surface.calendar import is_ordered
from derivatives.pricing.surface.svi import BITS_Q56, ONE_Q56, Slice, scaled, shifted

FORWARD_E8_MAX = 2**62 - 1
PARAMETER_Q56_MAX = 127 * ONE_Q56
SIGMA_Q56_MIN = ONE_Q56 >> 20
VARIANCE_Q56_MIN = ONE_Q56 >> 40
"""Below it lies 1 % a year over a third of a second."""

WING_NUMERATOR, WING_DENOMINATOR = 19, 10
"""Lee's bound on the slope of total variance in log-moneyness is 2."""

FAULT_FORM = "form"
FAULT_RANGE = "range"
FAULT_BUTTERFLY = "butterfly"
FAULT_CALENDAR = "calendar"


class Quote(NamedTuple):
    """What one reporter says of one expiry."""

    forward_e8: int
    one: Slice


class SurfaceReport(NamedTuple):
    """What one reporter says of every listed expiry, in their order, as of one moment."""

    reporter_index: int
    observed_ms: int
    quotes: tuple[Quote, ...]


class Surface(NamedTuple):
    """A forward and a slice for each expiry, ascending, as of one moment."""

    time_ms: int
    expiries_ms: tuple[int, ...]
    forwards_e8: tuple[int, ...]
    slices: tuple[Slice, ...]


def is_formed(report: SurfaceReport, expiries_ms: Sequence[int]) -> bool:
    """Return whether a report speaks of every expiry, before all of them, in numbers that fit."""
    return (
        len(report.quotes) == len(expiries_ms)
        and 0 <= report.observed_ms < min(expiries_ms)
        and all(
            1 <= quote.forward_e8 <= FORWARD_E8_MAX
            and all(abs(number) <= PARAMETER_Q56_MAX for number in quote.one)
            and quote.one.sigma_q56 > 0
            for quote in report.quotes
        )
    )


def anchored(
    report: SurfaceReport, forwards_e8: Sequence[int], expiries_ms: Sequence[int], time_ms: int
) -> Surface:
    """Return what a report says about other forwards and another time.

        m + ln(its forward / the forward)      a, b x (expiry - time) / (expiry - observed)

    At every strike the volatility stays what the reporter said.

    Rounds: as `shifted` and `scaled` do.
    """
    slices = tuple(
        scaled(
            shifted(quote.one, quote.forward_e8, forward_e8),
            expiry_ms - time_ms,
            expiry_ms - report.observed_ms,
        )
        for quote, forward_e8, expiry_ms in zip(
            report.quotes, forwards_e8, expiries_ms, strict=True
        )
    )
    return Surface(time_ms, tuple(expiries_ms), tuple(forwards_e8), slices)


def is_within_range(one: Slice) -> bool:
    """Return whether a slice is one at all.

    b >= 0, |rho| < 1, sigma from 2^-20, every parameter up to 127 in size, the least variance
    a + b sigma sqrt(1 - rho^2) from 2^-40, and both wings b (1 + |rho|) at most 1.9.
    """
    a, b, rho, _, sigma = one
    if b < 0 or abs(rho) >= ONE_Q56 or sigma < SIGMA_Q56_MIN:
        return False
    if any(abs(number) > PARAMETER_Q56_MAX for number in one):
        return False
    if b * (ONE_Q56 + abs(rho)) * WING_DENOMINATOR > WING_NUMERATOR << 2 * BITS_Q56:
        return False
    height = square_root_down(ONE_Q56 * ONE_Q56 - rho * rho)
    return a + (b * (sigma * height >> BITS_Q56) >> BITS_Q56) >= VARIANCE_Q56_MIN


def fault_of(surface: Surface) -> str | None:
    """Return why a surface is not admissible, or nothing: range, butterfly, calendar in this order.

    One bad slice drops the whole surface: expiries of several reporters do not fit together.
    """
    if not all(map(is_within_range, surface.slices)):
        return FAULT_RANGE
    if not all(map(is_free_of_butterflies, surface.slices)):
        return FAULT_BUTTERFLY
    if not all(is_ordered(earlier, later) for earlier, later in pairwise(surface.slices)):
        return FAULT_CALENDAR
    return None
