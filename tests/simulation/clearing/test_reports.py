"""Prices under reporters that fail and lie; and each mistake in it is noticed."""

import pytest

from tests.simulation.clearing import reports


def test_one_silent_of_four_and_short_blocks_leave_a_feed_normal() -> None:
    reports.one_of_four_is_down_and_blocks_are_short()


@pytest.mark.parametrize("name", list(reports.MUTANTS))
def test_scenario_catches(name: str) -> None:
    with reports.MUTANTS[name](), pytest.raises(AssertionError):
        reports.one_of_four_is_down_and_blocks_are_short()


@pytest.mark.parametrize("seed", range(6))
def test_crash_is_followed_within_three_percent(seed: int) -> None:
    reports.crash_is_followed(seed)


@pytest.mark.parametrize("seed", range(10))
def test_no_third_of_liars_and_no_leader_moves_a_price(seed: int) -> None:
    reports.liars_move_nothing(seed)


@pytest.mark.simulation
def test_nor_in_a_hundred_other_sets() -> None:
    for seed in range(10, 110):
        reports.liars_move_nothing(seed)
