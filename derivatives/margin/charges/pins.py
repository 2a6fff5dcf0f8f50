"""Pin risk: prices at strikes, where what ends soon loses most, between places of the grid.

A *pin* is a scenario that puts one date's forward at one of its strikes, where the date is
worth what it pays there.  All else moves as far within its own scan range, like in any other
scenario, and keeps its volatility.

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
    """A date: its forward, the time left, its scan range, and its strikes."""

    family: str
    forward_e8: int
    left_ms: int
    range_ppm: int
    strikes_e8: tuple[int, ...]


class Pin(NamedTuple):
    """A place within every scan range, at a strike of `family`, and what it counts in maintenance.

    `place_ppm` is the share of the range that prices move by.
    """

    family: str
    place_ppm: int
    weight_ppm: int

    def shock_ppm(self, range_ppm: int) -> int:
        """Return how far a price with this scan range moves. Rounds: to nearest."""
        return divide_half_even(self.place_ppm * range_ppm, PPM)


def pin_weight_ppm(left_ms: int) -> int:
    """Return what a pin's loss counts in maintenance, with so much left. Rounds: down.

    >>> [pin_weight_ppm(days * DAY_MS) for days in (8, 7, 6, 5, 1)]
    [0, 0, 500000, 1000000, 1000000]
    """
    weight_ppm = divide_down((WEIGHED_FROM_MS - left_ms) * PPM, WHOLE_AFTER_MS)
    return max(0, min(PPM, weight_ppm))


def pins_of(dates: Iterable[Dated]) -> tuple[Pin, ...]:
    """Return the pins of dates that move by the same scenarios, by date and then by place.

    Rounds: a place to the nearest ppm of the range.

    >>> pins_of([Dated("BTC-X", 100, DAY_MS, 160_000, (90, 110, 130))])[0]
    Pin(family='BTC-X', place_ppm=-625000, weight_ppm=1000000)
    """
    found = []
    for date in dates:
        if 0 < date.left_ms <= PINNED_FROM_MS:
            found.extend(sorted(_pins_of_date(date))[:DATE_PINS_MAX_COUNT])
    nearest = sorted(found)[:PINS_MAX_COUNT]
    return tuple(sorted(pin for *_, pin in nearest))


def _pins_of_date(date: Dated) -> Iterator[tuple[int, int, Pin]]:
    """Return a date's pins, each behind how far it is and its strike."""
    weight_ppm = pin_weight_ppm(date.left_ms)
    for strike_e8 in date.strikes_e8:
        away = strike_e8 - date.forward_e8
        place_ppm = divide_half_even(away * PPM * PPM, date.forward_e8 * date.range_ppm)
        if abs(place_ppm) <= PPM:
            yield abs(place_ppm), strike_e8, Pin(date.family, place_ppm, weight_ppm)
