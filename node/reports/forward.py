"""What a made-up or hand-set market says of a forward: its spot, carried to the date in its name.

    BTC-26MAR27   BTC on 26 March 2027, 08:00 UTC
    forward       spot x (1 + 5 % a year x time left), so that the two meet on that day

Source: docs/specs/reports.md, REPORT-020.
"""

import re

CARRY_YEAR_PPM = 50_000
YEAR_MS = 365 * 86_400_000
EXPIRY_HOUR_MS = 8 * 3_600_000
DAY_MS = 86_400_000
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
NAME = re.compile(r"([A-Z0-9]+)-([0-9]{1,2})([A-Z]{3})([0-9]{2})")


def spot_and_expiry(feed: str) -> tuple[str, int] | None:
    """Return what a forward's feed is the forward of, and until when; None for any other feed.

    A day that its month does not have is none.

    >>> spot_and_expiry("BTC-26MAR27"), spot_and_expiry("BTC")
    (('BTC', 1806048000000), None)
    """
    named = NAME.fullmatch(feed)
    if named is None or named[3] not in MONTHS:
        return None
    year, month, day = 2000 + int(named[4]), MONTHS.index(named[3]) + 1, int(named[2])
    days = _days_since_1970(year, month, day)
    ends = _days_since_1970(year + month // 12, month % 12 + 1, 1)
    if not day >= 1 or days >= ends:
        return None
    return named[1], days * DAY_MS + EXPIRY_HOUR_MS


def carried_e8(spot_e8: int, left_ms: int) -> int:
    """Return the forward of a spot price so long before its date. Rounds: down.

    >>> carried_e8(64_000, YEAR_MS), carried_e8(64_000, -1)
    (67200, 64000)
    """
    carry_ppm = CARRY_YEAR_PPM * max(0, left_ms) // YEAR_MS
    return spot_e8 * (10**6 + carry_ppm) // 10**6


def _days_since_1970(year: int, month: int, day: int) -> int:
    """Return the days from 1 January 1970 to a date of the Gregorian calendar.

    Years begin in March here, so that the leap day is a year's last.
    """
    year, month = (year - 1, month + 9) if month <= 2 else (year, month - 3)
    leap_days = year // 4 - year // 100 + year // 400
    return 365 * year + leap_days + (153 * month + 2) // 5 + day - 1 - 719_468
