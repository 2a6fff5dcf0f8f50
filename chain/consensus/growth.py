"""How patient a node is: how much longer a view may take, the longer nothing became final.

A function of two view numbers, so that nodes at the same place are equally patient however they
came there, and patience is back to normal with the first finalization, however long the outage.

Source: docs/specs/consensus.md, SIMPLEX-040.
"""

from functools import cache

from chain.arithmetic import PPM, multiply_ppm_down

GROWTH_STEP_PPM = 1_300_000
GROWTH_MAX_PPM = 8_000_000


@cache
def _power_ppm(steps: int) -> int:
    if steps <= 0:
        return PPM
    return min(GROWTH_MAX_PPM, multiply_ppm_down(_power_ppm(steps - 1), GROWTH_STEP_PPM))


def growth_ppm(view: int, final_view: int, fault_max: int) -> int:
    """Return the factor on timeouts in a view, given the newest final view below it.

    1 for the first max(3, f + 1) views after a finalization, then x 1.3 a view, at most 8.

    >>> growth_ppm(4, 0, 1), growth_ppm(5, 0, 1), growth_ppm(1_000, 0, 1)
    (1000000, 1300000, 8000000)
    """
    steps = view - final_view - 1 - max(3, fault_max + 1)
    return _power_ppm(min(steps, 8))
