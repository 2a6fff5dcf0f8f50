"""LIST-010 to LIST-013: strikes a step apart about a forward."""

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from derivatives.instruments.listing.grid import (
    UNIT_E8,
    reach_of,
    reach_on_request,
    step_of,
    strike_text,
)

HALF_E8 = UNIT_E8 // 2
FORWARDS_E8 = st.integers(1, 10**15)


@pytest.mark.parametrize(
    ("forward_usd", "step_ppm", "step_usd"),
    [
        (64_000, 10_000, 500),
        (64_000, 20_000, 1_000),
        (64_000, 40_000, 2_000),
        (64_000, 80_000, 5_000),
        (3_200, 20_000, 50),
        (3_200, 40_000, 100),
        (99_999, 10_000, 500),
        (100_000, 10_000, 1_000),
    ],
)
def test_steps_are_round_numbers(forward_usd: int, step_ppm: int, step_usd: int) -> None:
    assert step_usd * UNIT_E8 == step_of(forward_usd * UNIT_E8, step_ppm, HALF_E8)


def test_a_step_is_whole_ticks_where_the_round_number_is_not() -> None:
    # 500 is not a multiple of 200, so 200 it is; nothing below a tick of 200 is.
    assert 200 == step_of(5_000, 100_000, 200)
    assert 200 == step_of(100, 100_000, 200)


@hypothesis_given(FORWARDS_E8, st.integers(1, 500_000), st.sampled_from([1, 7, 200, HALF_E8]))
def test_a_step_is_whole_ticks_and_at_most_its_share(forward: int, ppm: int, tick: int) -> None:
    step = step_of(forward, ppm, tick)

    assert 0 == step % tick
    assert step == tick or step * 10**6 <= forward * ppm


@hypothesis_given(FORWARDS_E8, st.integers(1, 10**13), st.integers(0, 20))
def test_strikes_lie_about_the_forward_and_above_nothing(
    forward: int, step: int, count: int
) -> None:
    low, high = reach_of(forward, step, count)

    assert low >= step
    assert 0 == low % step == high % step
    assert high >= forward - step // 2 + count * step - step
    assert (high - low) // step <= 2 * count


@hypothesis_given(FORWARDS_E8, st.integers(1, 10**13), st.integers(0, 10**6))
def test_what_may_be_asked_for_is_within_its_share_of_the_forward(
    forward: int, step: int, ppm: int
) -> None:
    low, high = reach_on_request(forward, step, ppm)

    assert low >= step
    assert low * 10**6 >= forward * (10**6 - ppm)
    assert high * 10**6 <= forward * (10**6 + ppm)


@pytest.mark.parametrize(
    ("strike_e8", "text"),
    [(64_000 * UNIT_E8, "64000"), (150_000_000, "1d5"), (1, "0d00000001"), (UNIT_E8, "1")],
)
def test_strikes_are_told_without_a_point(strike_e8: int, text: str) -> None:
    assert text == strike_text(strike_e8)
