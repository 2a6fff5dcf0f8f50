"""REPORT-020: a made-up forward is its spot, carried to the date in its name."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.reports.forward import MONTHS, YEAR_MS, carried_e8, spot_and_expiry

DAYS = st.integers(0, 36_523).map(
    lambda days: datetime(2000, 1, 1, 8, tzinfo=UTC) + timedelta(days)
)


@given(DAYS)
def test_a_name_says_its_date(day: datetime) -> None:
    name = f"BTC-{day.day}{MONTHS[day.month - 1]}{day.year % 100:02}"

    assert ("BTC", int(day.timestamp()) * 1_000) == spot_and_expiry(name)


@pytest.mark.parametrize(
    "feed",
    ["BTC", "BTC-PERP", "BTC-26XXX27", "BTC-26MAR2027", "btc-26MAR27", "BTC-29FEB27", "BTC-0MAR27"],
)
def test_what_names_no_date_is_no_forward(feed: str) -> None:
    assert spot_and_expiry(feed) is None


@given(st.integers(1, 10**14), st.integers(0, 3 * YEAR_MS))
def test_a_forward_is_above_its_spot_by_at_most_the_carry(spot_e8: int, left_ms: int) -> None:
    forward_e8 = carried_e8(spot_e8, left_ms)

    assert spot_e8 <= forward_e8 <= spot_e8 + spot_e8 * 5 * left_ms // (100 * YEAR_MS)
