"""MARG-090, MARG-094: what the time left makes of a family's terms."""

from hypothesis import given
from hypothesis import strategies as st

from derivatives.margin.charges.dated import charges_now, charges_of
from derivatives.margin.state import FamilyTerms, OptionTerms
from derivatives.pricing.tables import YEAR_MS

TERMS = FamilyTerms((), False, "", 5_000, 60_000, 0, 1, 0, 0)
OPTIONS = OptionTerms(500_000, 100_000, 3_000, 30_000, 20_000, 50_000, 0, 1, 0, 0)


def test_a_date_stands_on_half_a_per_cent_and_six_for_each_year() -> None:
    days = YEAR_MS // 365

    assert [5_000, 5_001, 19_795, 65_000] == [
        charges_now(TERMS, None, left).level_ppm for left in (0, 1, 90 * days, YEAR_MS)
    ]


def test_without_time_the_discount_is_that_of_the_terms() -> None:
    found = charges_now(TERMS, OPTIONS, 0)

    assert (500_000, 100_000, 3_000, 30_000, 20_000) == found[1:6]


@given(st.integers(0, 5 * YEAR_MS), st.integers(0, YEAR_MS))
def test_a_later_date_is_never_charged_less(left_ms: int, more_ms: int) -> None:
    near, far = (charges_now(TERMS, OPTIONS, ms) for ms in (left_ms, left_ms + more_ms))

    assert near.level_ppm <= far.level_ppm
    assert near.long_cut_ppm <= far.long_cut_ppm
    assert near.short_rise_ppm <= far.short_rise_ppm


def test_charges_are_the_same_object_while_nothing_differs() -> None:
    place = ("main", "portfolio", "BTC")

    first = charges_of(place, TERMS, None, None, None)

    assert first is charges_of(place, TERMS, None, None, None)
    assert 5_000 == first.level_ppm
