"""MARG-110 to MARG-115: a range that follows the market, in small steps told before."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.kit import PPM, replace
from derivatives.margin.charges.ranges import (
    FAST_ALPHA_Q40,
    GRID_MS,
    HOUR_MS,
    SLOW_ALPHA_Q40,
    growth_ppm,
    range_of,
    ranged,
    sampled,
    stepped,
    target_ppm,
    terms_under,
)
from derivatives.margin.events import RangeScheduled
from derivatives.margin.rows import line_of
from derivatives.margin.state import FAMILIES, RANGE_TERMS, RANGES, Range, RangeTerms
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, UNIT_E8

TERMS = RangeTerms(4_000_000, 300_000, 250_000, 600_000, 100_000, 20_000)
FLOOR_PPM = 160_000
ONE = 1 << 62
PLACE = ("main", "portfolio", "BTC")


def at(range_ppm: int = FLOOR_PPM, slow: int = 0, fast: int = 0) -> Range:
    return Range(0, 64_000 * UNIT_E8, slow, fast, range_ppm, range_ppm, HOUR_MS, range_ppm)


def test_alphas_have_their_half_lives() -> None:
    for alpha, samples in ((SLOW_ALPHA_Q40, 8_640), (FAST_ALPHA_Q40, 24)):
        assert math.isclose(0.5, (1 - alpha / 2**40) ** samples, rel_tol=1e-5)


def test_a_price_is_sampled_once_in_five_minutes_of_header_time() -> None:
    found = at()

    assert found is sampled(found, 65_000 * UNIT_E8, GRID_MS - 1)
    moved = sampled(found, 65_000 * UNIT_E8, GRID_MS)

    squared = math.log(65 / 64) ** 2
    assert math.isclose(squared * FAST_ALPHA_Q40 / 2**40, moved.fast_variance_q62 / ONE)
    assert math.isclose(squared * SLOW_ALPHA_Q40 / 2**40, moved.slow_variance_q62 / ONE)
    assert (GRID_MS, 65_000 * UNIT_E8) == (moved.sampled_ms, moved.price_e8)


def test_a_return_over_a_gap_counts_as_one_of_five_minutes() -> None:
    near, far = (sampled(at(), 65_000 * UNIT_E8, slots * GRID_MS) for slots in (1, 100))

    assert abs(near.fast_variance_q62 - 100 * far.fast_variance_q62) <= 100


# MARG-111  55 % a year is 2.88 % a day: 3/4 of four times it, and a quarter of 30 %.
def test_target_by_hand() -> None:
    of_a_day = 0.55 / math.sqrt(365)
    variance_q62 = round(of_a_day**2 / 288 * ONE)

    found = target_ppm(variance_q62, TERMS, FLOOR_PPM)

    assert 3 * math.ceil(of_a_day * PPM) + 75_000 == found == 161_367
    assert FLOOR_PPM == target_ppm(0, TERMS, FLOOR_PPM)
    assert 600_000 == target_ppm(ONE, TERMS, FLOOR_PPM)


def test_what_was_announced_comes_into_effect_and_the_next_is_announced() -> None:
    wild = replace(at(slow=ONE >> 10), scheduled_ppm=170_000)

    found = stepped(wild, TERMS, FLOOR_PPM, HOUR_MS + 250)

    assert (170_000, 187_000, 2 * HOUR_MS + 250) == (
        found.range_ppm,
        found.scheduled_ppm,
        found.scheduled_from_ms,
    )


def test_a_range_falls_by_two_per_cent_a_day_and_not_below_its_floor() -> None:
    assert 240_000 - 200 == stepped(at(240_000), TERMS, FLOOR_PPM, 0).scheduled_ppm
    assert FLOOR_PPM == stepped(at(160_001), TERMS, FLOOR_PPM, 0).scheduled_ppm


@given(st.lists(st.integers(0, ONE >> 6), min_size=1, max_size=30))
def test_steps_are_small_and_within_bounds(variances: list[int]) -> None:
    found = at()
    for hour, variance_q62 in enumerate(variances):
        before, found = (
            found,
            stepped(
                replace(found, slow_variance_q62=variance_q62), TERMS, FLOOR_PPM, hour * HOUR_MS
            ),
        )
        assert before.scheduled_ppm == found.range_ppm
        assert FLOOR_PPM <= found.scheduled_ppm <= 600_000
        assert found.scheduled_ppm <= found.range_ppm * 1.1
        assert found.scheduled_ppm >= found.range_ppm * (1 - 0.02 / 24) - 1


def test_what_counts_whole_moves_and_what_does_not_weighs_more() -> None:
    market = Margined()
    terms = market.state.get(FAMILIES, PLACE)
    assert terms is not None

    wide = ranged(terms, 240_000, range_of(terms))

    assert 240_000 == range_of(wide)
    tails = {one.shock_ppm: one.weight_ppm for one in wide.scenarios if one.weight_ppm < PPM}
    assert {-660_000: 272_727, -330_000: 545_454, 500_000: 360_000, 5_000_000: 36_000} == {
        shock: tails[shock] for shock in (-660_000, -330_000, 500_000, 5_000_000)
    }


def test_calm_leaves_the_terms_as_they_are_and_growth_at_one() -> None:
    market = Margined()

    assert market.state.get(FAMILIES, PLACE) is terms_under(market.state, *PLACE)
    assert PPM == growth_ppm(market.state, *PLACE)


def test_a_date_has_the_range_of_what_it_moves_with() -> None:
    market = Margined()
    market.state.put(RANGES, PLACE, at(200_000))

    found = [
        terms_under(market.state, "main", "portfolio", name) for name in ("BTC", "BTC-26MAR27")
    ]

    assert [200_000, 200_000] == [range_of(terms) for terms in found if terms is not None]
    assert found[1] is terms_under(market.state, "main", "portfolio", "BTC-26MAR27")
    line = line_of(market.state, BTC_PERP, "main", "portfolio")
    assert line is not None
    assert 12_800_000 == line.losses_quantums[0]


@pytest.mark.parametrize(
    ("scheduled", "fast", "growth"),
    [(160_000, 160_000, PPM), (176_000, 160_000, 1_100_000), (176_000, 400_001, 2_500_007)],
)
def test_growth_is_the_largest_of_what_is_announced_and_what_the_fast_variance_asks(
    scheduled: int, fast: int, growth: int
) -> None:
    market = Margined()
    market.state.put(RANGES, PLACE, replace(at(), scheduled_ppm=scheduled, fast_ppm=fast))

    assert growth == growth_ppm(market.state, *PLACE)


def test_a_week_of_storm_widens_the_range_hour_by_hour_and_tells_each_an_hour_before() -> None:
    market, dice = Margined(), random.Random(1)
    terms = market.state.get(RANGE_TERMS, PLACE)
    assert terms is not None
    told, price = [], 64_000 * UNIT_E8
    for _ in range(7 * 288):
        price = price * (10_000 + dice.choice((-150, 150))) // 10_000
        market.price("BTC", price)
        told.extend(
            (market.time_ms, event)
            for event in market.block(GRID_MS)
            if isinstance(event, RangeScheduled) and event.family == "BTC"
        )
    assert len(told) > 4
    for (_, before), (time_ms, after) in pairwise(told):
        assert before.scheduled_ppm == after.range_ppm
        assert before.scheduled_from_ms <= time_ms < before.scheduled_from_ms + GRID_MS
    found = market.state.get(RANGES, PLACE)
    assert found is not None
    assert FLOOR_PPM < found.range_ppm <= found.fast_ppm
    market.settled()
