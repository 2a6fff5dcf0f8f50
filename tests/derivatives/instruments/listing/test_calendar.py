"""LIST-001 to LIST-004: dates of the calendar, and what they are called."""

import datetime as dt

import pytest

from derivatives.instruments.listing.calendar import (
    DAY_MS,
    MONTHS,
    date_of,
    days_ahead,
    name_of_day,
    next_day,
)
from derivatives.instruments.state import PERIOD_DAY, PERIOD_MONTH, PERIOD_QUARTER, PERIOD_WEEK
from node.reports.forward import spot_and_expiry

EPOCH = dt.date(1970, 1, 1)
EIGHT_MS = 8 * 3_600_000


def day_of(text: str) -> int:
    return (dt.date.fromisoformat(text) - EPOCH).days


def test_every_day_of_four_centuries_is_that_of_the_calendar() -> None:
    for day in range(0, 400 * 366, 7):
        known = EPOCH + dt.timedelta(days=day)
        assert (known.year, known.month, known.day) == date_of(day)


def test_a_name_says_the_date_that_its_reporters_read_in_it() -> None:
    for day in range(day_of("2026-01-01"), day_of("2029-01-01")):
        assert ("BTC", day * DAY_MS + EIGHT_MS) == spot_and_expiry(f"BTC-{name_of_day(day)}")


@pytest.mark.parametrize(
    ("period", "ahead"),
    [
        (PERIOD_DAY, ["30NOV26", "1DEC26", "2DEC26"]),
        (PERIOD_WEEK, ["4DEC26", "11DEC26", "18DEC26"]),
        (PERIOD_MONTH, ["25DEC26", "29JAN27", "26FEB27"]),
        (PERIOD_QUARTER, ["25DEC26", "26MAR27", "25JUN27"]),
    ],
)
def test_dates_ahead_are_those_of_their_period(period: int, ahead: list[str]) -> None:
    days = days_ahead(period, 3, day_of("2026-11-30"))

    assert ahead == [name_of_day(day) for day in days]


def test_a_friday_is_its_own_week_until_it_has_ended() -> None:
    friday = day_of("2026-12-04")
    ends_ms = friday * DAY_MS + EIGHT_MS

    assert friday == next_day(ends_ms - 1, EIGHT_MS)
    assert (friday,) == days_ahead(PERIOD_WEEK, 1, next_day(ends_ms - 1, EIGHT_MS))
    assert (friday + 7,) == days_ahead(PERIOD_WEEK, 1, next_day(ends_ms, EIGHT_MS))


def test_months_end_on_their_last_friday() -> None:
    for day in days_ahead(PERIOD_MONTH, 120, day_of("2026-01-01")):
        known = EPOCH + dt.timedelta(days=day)
        assert 4 == known.weekday()
        assert known.month != (known + dt.timedelta(days=7)).month
        assert MONTHS[known.month - 1] in name_of_day(day)
