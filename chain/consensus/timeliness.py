"""*Timely*: whether the time in a new block agrees with this node's wall clock.

Local, asked once, before Notarize, of new blocks only: never of a block that has a
certificate, of one proposed again, or while catching up. What others may re-execute years
later cannot depend on a clock; *Valid* does not.

Source: docs/specs/consensus.md, SIMPLEX-032.
"""

from enum import Enum

from chain.arithmetic import multiply_ppm_down
from chain.consensus.settings import Settings


class Timeliness(Enum):
    """What the wall clock says of a new block."""

    TIMELY = "timely"
    EARLY = "early"
    """Hold it: it will be timely by itself."""
    LATE = "late"


def timeliness_of(
    time_ms: int, wall_ms: int, growth: int, settings: Settings
) -> tuple[Timeliness, int]:
    """Return what the clock says, and in how many ms an early block becomes timely.

    A growing patience also forgives older blocks: in a slow network every block arrives late.
    """
    ahead_ms = time_ms - wall_ms
    if ahead_ms > settings.clock_ahead_max_ms:
        return Timeliness.EARLY, ahead_ms - settings.clock_ahead_max_ms
    if -ahead_ms > multiply_ppm_down(settings.clock_behind_max_ms, growth):
        return Timeliness.LATE, 0
    return Timeliness.TIMELY, 0
