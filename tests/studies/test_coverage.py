"""MARG-099: scenarios and pins see the worst that a dense grid finds, of seeded books."""

import pytest

from tests.studies.coverage import KINDS, SCENARIOS, ratios


@pytest.mark.parametrize("kind", KINDS)
def test_fifth_percentile_of_what_is_seen_is_high(kind: str) -> None:
    found = ratios(kind, 220, seed=1)

    assert found[11] >= KINDS[kind][1]


def test_grid_fills_forty_lanes_but_three() -> None:
    assert 37 == len(SCENARIOS)
