"""A surface as time goes on: volatilities stay, variances shrink with what is left of the term.

Source: docs/specs/surface.md, SURF-026 to SURF-029.
"""

from typing import NamedTuple

from chain.kit import PPM, divide_up
from derivatives.pricing.surface.admission import Surface
from derivatives.pricing.surface.choice import nodes_of, variances_of
from derivatives.pricing.surface.svi import scaled


class Move(NamedTuple):
    """By how much variance moved at the node where it moved most, and to which side."""

    size_ppm: int
    is_above: bool


STILL = Move(0, is_above=False)


def rolled_down(surface: Surface, time_ms: int, ends_after_ms: int = 0) -> Surface:
    """Return a surface at a later time without news; what has expired is gone.

    And so is, where that is said, what ends until some later time.

        w(k) x (expiry - time) / (expiry - when it was chosen)

    Free of arbitrage if the surface was: less variance makes no density negative, and a later
    expiry keeps more of its own.  Always asked of the surface as it was chosen, so that roundings
    do not add up.
    """
    assert time_ms >= surface.time_ms
    last_ms = max(time_ms, ends_after_ms)
    left = [place for place, expiry_ms in enumerate(surface.expiries_ms) if expiry_ms > last_ms]
    return Surface(
        time_ms,
        tuple(surface.expiries_ms[place] for place in left),
        tuple(surface.forwards_e8[place] for place in left),
        tuple(
            scaled(
                surface.slices[place],
                surface.expiries_ms[place] - time_ms,
                surface.expiries_ms[place] - surface.time_ms,
            )
            for place in left
        ),
    )


def move_of(before: Surface, after: Surface) -> Move:
    """Return by how much total variance moved from one surface to the next, relative to before.

    The largest over all nodes of the expiries that both have, the first rolled down to the time
    of the second: what a bound on the continuity of a surface is held against.

    Rounds: up. Nothing in common: 0. Of equal ones that above.
    """
    rolled = rolled_down(before, after.time_ms)
    common = [expiry_ms for expiry_ms in rolled.expiries_ms if expiry_ms in after.expiries_ms]
    old, new = (_only(surface, common) for surface in (rolled, after))
    nodes = nodes_of([old])
    return max(
        (
            Move(divide_up(abs(new_q56 - old_q56) * PPM, old_q56), new_q56 > old_q56)
            for old_row, new_row in zip(
                variances_of(old, nodes), variances_of(new, nodes), strict=True
            )
            for old_q56, new_q56 in zip(old_row, new_row, strict=True)
        ),
        default=STILL,
    )


def _only(surface: Surface, expiries_ms: list[int]) -> Surface:
    places = [surface.expiries_ms.index(expiry_ms) for expiry_ms in expiries_ms]
    return surface._replace(
        expiries_ms=tuple(expiries_ms),
        forwards_e8=tuple(surface.forwards_e8[place] for place in places),
        slices=tuple(surface.slices[place] for place in places),
    )
