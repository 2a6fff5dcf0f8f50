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

Add-ons are the ladder of dates and what options are charged; pins are scenarios too.

Source: docs/specs/margin.md, MARG-010 to MARG-013, MARG-044 to MARG-046, MARG-090 on.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chain.kit import PPM, divide_up, multiply_ppm_down, multiply_ppm_up

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


class Rung(NamedTuple):
    """A family's place on the ladder of dates, its net delta, and how far orders may move it."""

    level_ppm: int
    net_quantums: int
    up_quantums: int = 0
    down_quantums: int = 0


class Pinned(NamedTuple):
    """Losses at strikes of dates that end soon, as sums, weights and extras of a `Part`.

    They are scenarios too; only the brackets of what is no option are left out.
    """

    sums_quantums: Sequence[int]
    weights_ppm: Sequence[int]
    extra_quantums: Sequence[int] = ()


class Charged(NamedTuple):
    """What the options of a family are charged beside their scenarios."""

    skew_quantums: int = 0
    vega_quantums: int = 0
    short_quantums: int = 0


NOTHING_CHARGED = Charged()


class Part(NamedTuple):
    """One family of an account: what it loses, and how that counts beside other families.

    `sums_quantums` are not weighted yet; `extra_quantums` come on top of what is, scenario by
    scenario, or are empty.  Parts of one `moves_with` add up before they are weighed, and what
    is pinned of them too.  What a group loses and is charged counts `growth_ppm`.
    """

    sums_quantums: Sequence[int]
    weights_ppm: Sequence[int]
    extra_quantums: Sequence[int]
    rung: Rung
    moves_with: str
    offsets: bool
    charged: Charged = NOTHING_CHARGED
    pinned: Pinned | None = None
    growth_ppm: int = PPM


class Group(NamedTuple):
    """Families that move as one: weighted losses, each add-on, and whether they offset others.

    Losses at pins stand behind those in scenarios.
    """

    name: str
    losses_quantums: Sequence[int]
    scenarios_count: int
    basis_quantums: int
    charged: Charged
    growth_quantums: int
    offsets: bool

    @property
    def worst_quantums(self) -> int:
        """Return the worst loss in a scenario or at a pin, at least 0."""
        return worst_of(self.losses_quantums)

    @property
    def scan_quantums(self) -> int:
        """Return the worst loss in a scenario, at least 0."""
        return worst_of(self.losses_quantums[: self.scenarios_count])

    @property
    def added_quantums(self) -> int:
        """Return all that is no scenario's."""
        return self.basis_quantums + sum(self.charged) + self.growth_quantums


def groups_of(parts: Sequence[Part]) -> list[Group]:
    """Return the families of an account as they move together."""
    groups: dict[str, list[Part]] = {}
    for one in parts:
        groups.setdefault(one.moves_with, []).append(one)
    return [_together(name, group) for name, group in groups.items()]


def risk_of(parts: Sequence[Part], offset_ppm: int, floor_ppm: int) -> int:
    """Return the risk of all families of an account, in quantums.

    Those that offset or move together have as many scenarios and pins.  Rounds: up.

    >>> whole, level = (1_000_000, 1_000_000), Rung(1_000_000, 5)
    >>> loses = Part((100, -90), whole, (), level, "a", True)
    >>> gains = Part((-60, 80), whole, (), level, "b", True)
    >>> [risk_of((loses, gains), offset, 0) for offset in (500_000, 0)]
    [80, 110]
    >>> risk_of((loses, gains._replace(moves_with="a")), 0, 1_000_000)
    50
    """
    moved = groups_of(parts)
    alone = sum(one.worst_quantums + one.added_quantums for one in moved)
    sharing = [one for one in moved if one.offsets]
    if floor_ppm >= PPM or len(sharing) < 2:
        return alone
    each = sum(one.worst_quantums + one.added_quantums for one in sharing)
    scenarios = zip(*(one.losses_quantums for one in sharing), strict=True)
    sums = [sum(_credited(loss, offset_ppm) for loss in losses) for losses in scenarios]
    together = worst_of(sums) + sum(one.added_quantums for one in sharing)
    return alone - each + max(together, multiply_ppm_up(each, floor_ppm))


def ladder_quantums(rungs: Sequence[Rung]) -> int:
    """Return the basis of families that move as one: each rung on all that stands on it.

        sum over rungs of (level - level below) x |sum of net from here on|

    With orders each |x| is the worse of all that raises and all that lowers it.  Rounds: up.

    >>> near, far = Rung(10_000, 1_000), Rung(25_000, -1_000)
    >>> ladder_quantums([near]), ladder_quantums([far, near]), ladder_quantums([near, near])
    (10, 15, 20)
    """
    ordered = sorted(rungs)
    total = below_ppm = 0
    for place, rung in enumerate(ordered):
        if rung.level_ppm > below_ppm:
            total += (rung.level_ppm - below_ppm) * most_of(ordered[place:])
            below_ppm = rung.level_ppm
    return divide_up(total, PPM)


def most_of(rungs: Sequence[Rung]) -> int:
    """Return the largest |net delta| that these may come to."""
    net = up = down = 0
    for _, own, raised, lowered in rungs:
        net += own
        up += raised
        down += lowered
    return max(abs(net), abs(net + up), abs(net - down))


def _together(name: str, parts: Sequence[Part]) -> Group:
    """Return families that move as one, weighed by the terms of the first."""
    first = parts[0]
    losses = _summed(parts, first.weights_ppm)
    count = len(losses)
    pinned = [one.pinned for one in parts if one.pinned is not None]
    if pinned:
        losses += _summed(pinned, pinned[0].weights_ppm)
    charged = first.charged
    if len(parts) > 1:
        charged = Charged(*map(sum, zip(*(one.charged for one in parts), strict=True)))
    basis = ladder_quantums([one.rung for one in parts])
    growth = 0
    if first.growth_ppm != PPM:
        added = basis + sum(charged)
        growth = multiply_ppm_up(added, first.growth_ppm) - added
        losses = [max(loss, multiply_ppm_up(loss, first.growth_ppm)) for loss in losses]
    return Group(name, losses, count, basis, charged, growth, first.offsets)


def _summed(parts: Sequence[Part] | Sequence[Pinned], weights_ppm: Sequence[int]) -> list[int]:
    """Return what parts lose together, weighed, and what comes on top of it."""
    sums = parts[0].sums_quantums
    if len(parts) > 1:
        sums = [sum(losses) for losses in zip(*(one.sums_quantums for one in parts), strict=True)]
    losses = weighted_of(sums, weights_ppm)
    for one in parts:
        if one.extra_quantums:
            losses = [a + b for a, b in zip(losses, one.extra_quantums, strict=True)]
    return losses


def _credited(loss_quantums: int, offset_ppm: int) -> int:
    return loss_quantums if loss_quantums > 0 else -multiply_ppm_down(-loss_quantums, offset_ppm)
