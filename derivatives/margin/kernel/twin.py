"""The worst loss of one group of positions over a grid of scenarios: what is right.

    loss[s]  = sum of size x row[s]  +  2 x sum of |size|
    loss'[s] = ceil(weight_ppm[s] x loss[s] / 10^6), at least 0 where weight_ppm[s] < 10^6
    worst    = max(0, max over s of loss'[s])

A row holds what one lot loses in every scenario, its base value less its scenario value.
The 2 a lot is the bracket: a stored value v stands for a true one in [v, v + 2).

Families that move with each other are one: their sums add up before they are weighed.  Those
that offset each other are moved by the same scenario at once:

    credited = loss where it is one, else -floor(offset_ppm x gain / 10^6)
    together = max(0, max over s of the sum of credited[s]) + sum of add-ons
    risk     = max(together, ceil(floor_ppm x sum of each alone / 10^6))

Source: docs/specs/margin.md, MARG-010 to MARG-013, MARG-044 to MARG-046.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chain.kit import PPM, multiply_ppm_down, multiply_ppm_up

BRACKET_QUANTUMS = 2


def losses_of(
    sizes: Sequence[int], rows: Sequence[Sequence[int]], weights_ppm: Sequence[int]
) -> list[int]:
    """Return the weighted loss of these positions in every scenario, in quantums.

    Rounds: up.

    >>> losses_of([3], [(100, -100)], (1_000_000, 500_000))
    [306, 0]
    """
    return weighted_of(sums_of(sizes, rows, len(weights_ppm)), weights_ppm)


def sums_of(sizes: Sequence[int], rows: Sequence[Sequence[int]], count: int) -> list[int]:
    """Return what these positions lose in so many scenarios, brackets included, in quantums."""
    bracket_quantums = BRACKET_QUANTUMS * sum(map(abs, sizes))
    losses = [bracket_quantums] * count
    for size, row in zip(sizes, rows, strict=True):
        losses = [loss + size * value for loss, value in zip(losses, row, strict=True)]
    return losses


def weighted_of(losses: Sequence[int], weights_ppm: Sequence[int]) -> list[int]:
    """Return losses as their scenarios count, in quantums. Rounds: up."""
    return [
        loss if weight_ppm == PPM else max(0, multiply_ppm_up(loss, weight_ppm))
        for loss, weight_ppm in zip(losses, weights_ppm, strict=True)
    ]


def worst_of(losses: Sequence[int]) -> int:
    """Return the largest loss, at least 0: a requirement is never a credit."""
    return max(0, *losses)


class Part(NamedTuple):
    """One family of an account: what it loses, and how that counts beside other families.

    `sums_quantums` are not weighted yet; `extra_quantums` come on top of what is, scenario by
    scenario, or are empty.  Parts of one `moves_with` add up before they are weighed.
    """

    sums_quantums: Sequence[int]
    weights_ppm: Sequence[int]
    extra_quantums: Sequence[int]
    added_quantums: int
    moves_with: str
    offsets: bool


class _Moved(NamedTuple):
    """Families that move as one: weighted losses, add-ons, and whether they offset others."""

    losses_quantums: Sequence[int]
    added_quantums: int
    offsets: bool


def risk_of(parts: Sequence[Part], offset_ppm: int, floor_ppm: int) -> int:
    """Return the risk of all families of an account, in quantums.

    Those that offset or move together have as many scenarios.  Rounds: up.

    >>> whole = (1_000_000, 1_000_000)
    >>> loses = Part((100, -90), whole, (), 5, "a", True)
    >>> gains = Part((-60, 80), whole, (), 5, "b", True)
    >>> [risk_of((loses, gains), offset, 0) for offset in (500_000, 0)]
    [80, 110]
    >>> risk_of((loses, gains._replace(moves_with="a")), 0, 1_000_000)
    50
    """
    groups: dict[str, list[Part]] = {}
    for one in parts:
        groups.setdefault(one.moves_with, []).append(one)
    moved = [_together(group) for group in groups.values()]
    alone = sum(worst_of(one.losses_quantums) + one.added_quantums for one in moved)
    sharing = [one for one in moved if one.offsets]
    if floor_ppm >= PPM or len(sharing) < 2:
        return alone
    each = sum(worst_of(one.losses_quantums) + one.added_quantums for one in sharing)
    scenarios = zip(*(one.losses_quantums for one in sharing), strict=True)
    sums = [sum(_credited(loss, offset_ppm) for loss in losses) for losses in scenarios]
    together = worst_of(sums) + sum(one.added_quantums for one in sharing)
    return alone - each + max(together, multiply_ppm_up(each, floor_ppm))


def _together(parts: Sequence[Part]) -> _Moved:
    """Return families that move as one, weighed by the terms of the first."""
    first = parts[0]
    sums = first.sums_quantums
    if len(parts) > 1:
        sums = [sum(losses) for losses in zip(*(one.sums_quantums for one in parts), strict=True)]
    losses = weighted_of(sums, first.weights_ppm)
    for one in parts:
        if one.extra_quantums:
            losses = [a + b for a, b in zip(losses, one.extra_quantums, strict=True)]
    return _Moved(losses, sum(one.added_quantums for one in parts), first.offsets)


def _credited(loss_quantums: int, offset_ppm: int) -> int:
    return loss_quantums if loss_quantums > 0 else -multiply_ppm_down(-loss_quantums, offset_ppm)
