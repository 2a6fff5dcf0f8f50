"""MARG-095 to MARG-097: which strikes are pinned, and what they count."""

from hypothesis import given
from hypothesis import strategies as st

from derivatives.margin.charges.pins import (
    DATE_PINS_MAX_COUNT,
    PINS_MAX_COUNT,
    WHOLE_AFTER_MS,
    Dated,
    pin_weight_ppm,
    pins_of,
)
from derivatives.pricing.black import DAY_MS


def _dated(*strikes: int, family: str = "BTC-SOON", left_ms: int = DAY_MS) -> Dated:
    return Dated(family, 100_000, left_ms, 160_000, strikes)


def test_strikes_within_the_range_are_pinned_and_no_others() -> None:
    found = pins_of([_dated(83_999, 84_000, 100_000, 116_000, 116_001)])

    assert [-160_000, 0, 160_000] == [pin.shock_ppm(160_000) for pin in found]


def test_only_dates_that_end_within_eight_days_are() -> None:
    lefts = (-1, 0, 1, 8 * DAY_MS, 8 * DAY_MS + 1)

    assert [0, 0, 1, 1, 0] == [len(pins_of([_dated(100_000, left_ms=left)])) for left in lefts]


def test_the_nearest_are_taken_and_of_two_as_near_the_lower() -> None:
    near = tuple(range(100_000 - 32 * 100, 100_000 + 32 * 100 + 1, 100))
    assert DATE_PINS_MAX_COUNT + 1 == len(near)

    found = pins_of([_dated(*near, 84_000)])

    assert list(range(-32_000, 32_000, 1_000)) == [pin.shock_ppm(160_000) for pin in found]


def test_dates_of_an_underlying_share_the_places() -> None:
    strikes = tuple(range(98_400, 101_600, 50))
    dates = [_dated(*strikes, family=f"BTC-{number}") for number in range(5)]

    found = pins_of(dates)

    assert PINS_MAX_COUNT == len(found)
    counts = [sum(pin.family == date.family for pin in found) for date in dates]
    assert 50 < min(counts) <= max(counts) <= DATE_PINS_MAX_COUNT


@given(st.integers(0, 9 * DAY_MS), st.integers(0, DAY_MS))
def test_weight_grows_from_nothing_to_all_without_a_cliff(left_ms: int, sooner_ms: int) -> None:
    before, after = pin_weight_ppm(left_ms), pin_weight_ppm(left_ms - sooner_ms)

    assert before <= after <= before + sooner_ms * 1_000_000 // WHOLE_AFTER_MS + 1
