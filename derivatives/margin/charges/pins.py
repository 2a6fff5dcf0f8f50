"""Prices at strikes: where what ends soon loses most, between the places of the grid.

A *pin* puts every date of an underlying by as much as one date's forward is away from one of
its strikes; that date is worth what it pays there, others keep their volatility.

    strikes   within the scan range, of dates with at most 8 days left; at most 64 of a date
              and 256 in all, the nearest first, then the lower strike
    weight    whole in initial margin; clamp((7 d - left) / 2 d, 0, 1) in maintenance

Source: docs/specs/margin.md, MARG-095 to MARG-097.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chain.kit import PPM, divide_down, divide_half_even
from derivatives.pricing.black import DAY_MS

DATE_PINS_MAX_COUNT = 64
PINS_MAX_COUNT = 256
PINNED_FROM_MS = 8 * DAY_MS
WEIGHED_FROM_MS = 7 * DAY_MS
WHOLE_AFTER_MS = 2 * DAY_MS


class Dated(NamedTuple):
    """A date of an underlying: its forward, the time left, and its strikes."""

    family: str
    forward_e8: int
    left_ms: int
    strikes_e8: tuple[int, ...]


class Pin(NamedTuple):
    """A move of all dates to a strike of `family`, and what its loss counts in maintenance."""

    family: str
    shock_ppm: int
    weight_ppm: int


def pin_weight_ppm(left_ms: int) -> int:
    """Return what a pin's loss counts in maintenance, with so much left. Rounds: down.

    >>> [pin_weight_ppm(days * DAY_MS) for days in (8, 7, 6, 5, 1)]
    [0, 0, 500000, 1000000, 1000000]
    """
    weight_ppm = divide_down((WEIGHED_FROM_MS - left_ms) * PPM, WHOLE_AFTER_MS)
    return max(0, min(PPM, weight_ppm))


def pins_of(dates: Iterable[Dated], range_ppm: int) -> tuple[Pin, ...]:
    """Return the pins of an underlying, by date and then by move.

    Rounds: a move to the nearest ppm.

    >>> pins_of([Dated("BTC-X", 100, DAY_MS, (90, 110, 130))], 160_000)[0]
    Pin(family='BTC-X', shock_ppm=-100000, weight_ppm=1000000)
    """
    found = []
    for date in dates:
        if 0 < date.left_ms <= PINNED_FROM_MS:
            found.extend(sorted(_pins_of_date(date, range_ppm))[:DATE_PINS_MAX_COUNT])
    nearest = sorted(found)[:PINS_MAX_COUNT]
    return tuple(sorted(pin for *_, pin in nearest))


def _pins_of_date(date: Dated, range_ppm: int) -> Iterator[tuple[int, int, Pin]]:
    """Return a date's pins, each behind how far it is and its strike."""
    weight_ppm = pin_weight_ppm(date.left_ms)
    for strike_e8 in date.strikes_e8:
        away = strike_e8 - date.forward_e8
        shock_ppm = divide_half_even(away * PPM, date.forward_e8)
        if abs(shock_ppm) <= range_ppm:
            yield abs(shock_ppm), strike_e8, Pin(date.family, shock_ppm, weight_ppm)
