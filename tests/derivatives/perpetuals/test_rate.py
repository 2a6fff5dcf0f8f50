"""PERP-010 to PERP-024: premium, mean, rate and movement, by hand and against fractions."""

from fractions import Fraction
from math import trunc

import pytest
from hypothesis import given
from hypothesis import strategies as some

from derivatives.perpetuals.rate import (
    clamped,
    mean_premium_e9,
    movement_e18,
    premium_e9,
    rate_8h_e9,
)
from derivatives.perpetuals.state import FundingTerms

TERMS = FundingTerms(32_000, 100_000, 500_000)


@pytest.mark.parametrize(
    ("bid", "ask", "premium"),
    [
        (64_000_000, 64_010_000, 0),
        (64_064_000, 64_070_000, 1_000_000),
        (63_900_000, 63_936_000, -1_000_000),
        (None, 63_936_000, -1_000_000),
        (64_064_000, None, 1_000_000),
        (None, None, 0),
        # A third of a quantum in 10^9 is cut towards zero on both sides.
        (64_000_001, None, 15),
        (None, 63_999_999, -15),
        # Never beyond 3.2 %.
        (90_000_000, None, 32_000_000),
        (None, 1_000_000, -32_000_000),
    ],
)
def test_worked_premiums(bid: int | None, ask: int | None, premium: int) -> None:
    assert premium == premium_e9(bid, ask, 64_000_000, 32_000)


def test_crossed_book_counts_both_of_its_sides() -> None:
    assert 0 == premium_e9(1_010, 990, 1_000, 32_000)


def test_mean_leaves_out_the_ends_and_counts_empty_seconds_as_zero() -> None:
    one_wild_tenth = [10**9] * 360 + [1_000] * 3_240
    half_an_hour = [1_000] * 1_800

    means = [mean_premium_e9(premiums) for premiums in (one_wild_tenth, half_an_hour, [])]

    # Half an hour of zeros: 360 are dropped, 1,440 stay, beside 1,440 of 1,000.
    assert [1_000, 500, 0] == means


def test_one_sample_more_than_a_tenth_counts() -> None:
    means = [mean_premium_e9([288_000_000] * count) for count in (360, 361, 362)]

    assert [0, 100_000, 200_000] == means


def test_mean_is_cut_towards_zero() -> None:
    assert (0, 0) == (mean_premium_e9([1] * 3_000), mean_premium_e9([-1] * 3_000))


@pytest.mark.parametrize(
    ("mean", "rate"),
    [
        (0, 100_000),
        (100_000, 100_000),
        (600_000, 100_000),
        (-400_000, 100_000),
        (600_001, 100_001),
        (-400_001, 99_999),
        (5_000_000, 4_500_000),
        (-5_000_000, -4_500_000),
        (32_000_000, 16_000_000),
        (-32_000_000, -16_000_000),
    ],
)
def test_rate_is_the_mean_with_interest_inside_a_band(mean: int, rate: int) -> None:
    assert rate == rate_8h_e9(mean, TERMS)


@given(some.integers(-(2 * 10**7), 2 * 10**7), some.integers(1, 10**12), some.integers(0, 10**10))
def test_movement_is_rate_times_value_times_time(rate: int, value: int, elapsed_ms: int) -> None:
    exact = Fraction(rate, 10**9) * value * Fraction(elapsed_ms, 28_800_000) * 10**18

    assert trunc(exact) == movement_e18(rate, value, elapsed_ms)


def test_lot_pays_its_rate_in_eight_hours() -> None:
    # 0.01 % of 64 USD in eight hours is 6,400 quantums.
    assert 6_400 * 10**18 == movement_e18(100_000, 64_000_000, 28_800_000)


@given(some.integers(), some.integers(0, 10**9))
def test_clamped_lies_within_its_bound_and_leaves_what_does(value: int, bound: int) -> None:
    result = clamped(value, bound)

    assert -bound <= result <= bound
    assert result == value or abs(value) > bound
