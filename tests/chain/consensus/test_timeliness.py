"""SIMPLEX-032: a block is early more than half a second ahead, late two seconds behind."""

import pytest

from chain.consensus.settings import Settings
from chain.consensus.timeliness import Timeliness, timeliness_of

SETTINGS = Settings(b"\x00" * 32)
WALL_MS = 1_000_000


@pytest.mark.parametrize(
    ("ahead_ms", "growth", "expected"),
    [
        (0, 1_000_000, (Timeliness.TIMELY, 0)),
        (500, 1_000_000, (Timeliness.TIMELY, 0)),
        (501, 1_000_000, (Timeliness.EARLY, 1)),
        (3_600_000, 8_000_000, (Timeliness.EARLY, 3_599_500)),
        (-2_000, 1_000_000, (Timeliness.TIMELY, 0)),
        (-2_001, 1_000_000, (Timeliness.LATE, 0)),
        (-2_600, 1_300_000, (Timeliness.TIMELY, 0)),
        (-16_001, 8_000_000, (Timeliness.LATE, 0)),
    ],
)
def test_what_the_clock_says(ahead_ms: int, growth: int, expected: tuple[Timeliness, int]) -> None:
    assert expected == timeliness_of(WALL_MS + ahead_ms, WALL_MS, growth, SETTINGS)
