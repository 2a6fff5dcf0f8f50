"""Which strikes belong to a forward: a step apart, so many on each side of it.

    step     the largest of 1, 2, 5, 10, 20, 50, ... hundred-millionths that is whole ticks
             and at most `step_ppm` of the forward, or else one tick
    middle   the multiple of the step nearest to the forward

Source: docs/specs/listing.md, LIST-010 to LIST-013.
"""

from typing import NamedTuple

from chain.kit import PPM, divide_down, divide_half_even, divide_up

UNIT_E8 = 10**8
LADDER = (5, 2, 1)


class Reach(NamedTuple):
    """The lowest and the highest of some strikes; both are multiples of their step."""

    low_e8: int
    high_e8: int


def step_of(forward_e8: int, step_ppm: int, tick_size_e8: int) -> int:
    """Return how far apart strikes about a forward are, in whole ticks.

    >>> step_of(65_000 * UNIT_E8, 50_000, UNIT_E8 >> 1) == 2_000 * UNIT_E8
    True
    >>> step_of(3, 50_000, 7)
    7
    """
    most_e8 = divide_down(forward_e8 * step_ppm, PPM)
    power_e8 = 1
    while power_e8 * 10 <= most_e8:
        power_e8 *= 10
    while power_e8 >= 1:
        for times in LADDER:
            if times * power_e8 <= most_e8 and times * power_e8 % tick_size_e8 == 0:
                return times * power_e8
        power_e8 = divide_down(power_e8, 10)
    return tick_size_e8


def reach_of(forward_e8: int, step_e8: int, strikes_count: int) -> Reach:
    """Return which strikes belong to a forward, the lowest at least one step.

    >>> reach_of(65_100, 2_000, 3)
    Reach(low_e8=60000, high_e8=72000)
    """
    middle_e8 = step_e8 * max(1, divide_half_even(forward_e8, step_e8))
    low_e8 = max(step_e8, middle_e8 - strikes_count * step_e8)
    return Reach(low_e8, middle_e8 + strikes_count * step_e8)


def reach_on_request(forward_e8: int, step_e8: int, reach_ppm: int) -> Reach:
    """Return which strikes somebody may ask for. Rounds: inwards, to the step.

    >>> reach_on_request(65_000, 2_000, 500_000)
    Reach(low_e8=34000, high_e8=96000)
    """
    low_e8 = divide_up(forward_e8 * max(0, PPM - reach_ppm), PPM * step_e8) * step_e8
    high_e8 = divide_down(forward_e8 * (PPM + reach_ppm), PPM * step_e8) * step_e8
    return Reach(max(step_e8, low_e8), high_e8)


def strike_text(strike_e8: int) -> str:
    """Return a strike as names of options say it, `d` for the decimal point.

    >>> strike_text(64_000 * UNIT_E8), strike_text(62_500_000)
    ('64000', '0d625')
    """
    whole, rest_e8 = divmod(strike_e8, UNIT_E8)
    return f"{whole}d{rest_e8:08}".rstrip("0") if rest_e8 else str(whole)
