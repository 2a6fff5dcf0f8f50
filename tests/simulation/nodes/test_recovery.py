"""After more than f nodes were away, blocks flow as soon as they are back, however long it was."""

import pytest

from tests.simulation.nodes.recovery import recovery_ms

VIEW_TIMEOUT_MS = 1_200
DAY_S = 86_400


@pytest.mark.simulation
@pytest.mark.parametrize(
    ("away_s", "awake_s", "seeds"),
    [(10, 10, 40), (600, 600, 12), (DAY_S, DAY_S, 1), (DAY_S, 100, 40)],
)
def test_recovery_does_not_depend_on_how_long_they_were_away(
    away_s: int, awake_s: int, seeds: int
) -> None:
    took_ms = sorted(recovery_ms(seed, away_s, awake_s) for seed in range(seeds))

    assert took_ms[len(took_ms) // 2] <= 2_000, took_ms
    assert took_ms[-1] <= 10 * VIEW_TIMEOUT_MS, took_ms


def test_a_short_absence_is_over_within_ten_views() -> None:
    assert recovery_ms(1, 10) <= 10 * VIEW_TIMEOUT_MS
