"""Which dates follow a moment, and what they are called.

    day      every day
    week     Fridays
    month    the last Friday of a month
    quarter  the last Friday of March, June, September and December

A day is counted from 1 January 1970; 2 January 1970 was a Friday.

Source: docs/specs/listing.md, LIST-001 to LIST-004.
"""

from collections.abc import Iterator
from itertools import count, islice

from chain.kit import divide_down
from derivatives.instruments.state import PERIOD_DAY, PERIOD_MONTH, PERIOD_WEEK

DAY_MS = 86_400_000
WEEK_DAYS = 7
FRIDAY = 1
QUARTER_MONTHS = 3
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# From 1 March of the year 0 to 1 January 1970.
DAYS_BEFORE_1970 = 719_468
DAYS_OF_400_YEARS = 146_097


def date_of(day: int) -> tuple[int, int, int]:
    """Return year, month and day of the month of a day of the Gregorian calendar.

    Years begin in March here, so that the leap day is a year's last.

    >>> date_of(0), date_of(20_903)
    ((1970, 1, 1), (2027, 3, 26))
    """
    era, of_era = divmod(day + DAYS_BEFORE_1970, DAYS_OF_400_YEARS)
    leaps = divide_down(of_era, 1_460) - divide_down(of_era, 36_524)
    leaps += divide_down(of_era, 146_096)
    year_of_era = divide_down(of_era - leaps, 365)
    leap_days = divide_down(year_of_era, 4) - divide_down(year_of_era, 100)
    of_year = of_era - 365 * year_of_era - leap_days
    shifted = divide_down(5 * of_year + 2, 153)
    day_of_month = of_year - divide_down(153 * shifted + 2, 5) + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return 400 * era + year_of_era + (month <= 2), month, day_of_month


def name_of_day(day: int) -> str:
    """Return a day as names of dated instruments say it.

    >>> name_of_day(20_903), name_of_day(20_792)
    ('26MAR27', '5DEC26')
    """
    year, month, day_of_month = date_of(day)
    return f"{day_of_month}{MONTHS[month - 1]}{year % 100:02}"


def next_day(time_ms: int, day_end_ms: int) -> int:
    """Return the first day whose end is after a time.

    >>> next_day(8 * 3_600_000 - 1, 8 * 3_600_000), next_day(8 * 3_600_000, 8 * 3_600_000)
    (0, 1)
    """
    return divide_down(time_ms - day_end_ms, DAY_MS) + 1


def days_ahead(period: int, dates_count: int, first_day: int) -> tuple[int, ...]:
    """Return the first so many days of a period, from a day on, ascending.

    >>> [name_of_day(day) for day in days_ahead(4, 2, 20_787)]
    ['25DEC26', '26MAR27']
    """
    days = count(first_day) if period == PERIOD_DAY else _fridays(period, first_day)
    return tuple(islice(days, dates_count))


def _fridays(period: int, first_day: int) -> Iterator[int]:
    for friday in count(first_day + (FRIDAY - first_day) % WEEK_DAYS, WEEK_DAYS):
        _, month, _ = date_of(friday)
        is_last = date_of(friday + WEEK_DAYS)[1] != month
        of_quarter = month % QUARTER_MONTHS == 0
        if period == PERIOD_WEEK or (is_last and (period == PERIOD_MONTH or of_quarter)):
            yield friday
