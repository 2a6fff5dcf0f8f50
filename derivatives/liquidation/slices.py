"""Which slice of an account is taken next: pure sums over what margin reads of it.

    d       = min(|q|, max(1, ceil(|q| / 10)))         lots of one position
    release = maintenance before - after
    cost    = d x half spread + taker fee, at the mark
    single    the greatest release / cost (ties: lower instrument) among release > cost
    bundle    else the smallest k of 1..10 such that ceil(k/10) of every position and of all
              collateral has release > 0

No slice leaves solvency equity below zero.  Ratios are compared by cross-multiplying.

Source: docs/specs/liquidation.md, LIQ-010 to LIQ-019.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chain.kit import PPM, divide_up, multiply_ppm_up
from derivatives.ids import InstrumentId
from derivatives.margin.charges.held import (
    Backing,
    Family,
    Holding,
    Portfolio,
    Sums,
    collateral_lots,
    families_of,
    family_part,
    sums_in,
)
from derivatives.margin.charges.leaning import Lots, leaning_less
from derivatives.margin.kernel.twin import BRACKET_QUANTUMS, risk_of
from derivatives.margin.risk import exit_fee_quantums
from derivatives.margin.rows import collateral_losses, collateral_pins
from derivatives.margin.state import ScheduleTerms
from derivatives.options.revaluing import OptionLean

TENTHS = 10


class Leg(NamedTuple):
    """Lots that leave an account, signed as its position, and the mark of their instrument."""

    instrument: InstrumentId
    size_lots: int
    price_ticks: int


class Cut(NamedTuple):
    """An amount of a collateral asset, and what the asset counts for with and without it."""

    asset: str
    amount_quantums: int
    before: Backing
    after: Backing

    @property
    def value_quantums(self) -> int:
        """Return what is paid for the amount: its index value, so that neither S nor E falls."""
        return max(
            self.before.index_value_quantums - self.after.index_value_quantums,
            self.before.value_quantums - self.after.value_quantums,
        )


class Slice(NamedTuple):
    """What is taken at once; `tenths_count` is 0 for one position alone.

    `gain_quantums` is what legs at the mark add to solvency equity, at most a loss.
    """

    legs: tuple[Leg, ...]
    collateral: tuple[Cut, ...]
    tenths_count: int
    release_quantums: int
    cost_quantums: int
    gain_quantums: int


class Change(NamedTuple):
    """Lots that leave a family, with what one loses, their value and what they were charged.

    `pins` are losses at the pins of its group, None of collateral; `lean` is an option's.
    """

    family: str
    size_lots: int
    row: Sequence[int]
    pins: Sequence[int] | None
    lean: OptionLean | None
    value_quantums: int
    charged_quantums: int


class Requirement:
    """An account's maintenance requirement, and what it would be without some of its holdings."""

    def __init__(self, portfolio: Portfolio, terms: ScheduleTerms) -> None:
        """Sum up every family once."""
        self._terms = terms
        self._families = {family.name: family for family in families_of(portfolio)}
        self._sums = {name: sums_in(family) for name, family in self._families.items()}
        self._parts = {
            name: family_part(family, self._sums[name]) for name, family in self._families.items()
        }
        self._charged = sum(
            exit_fee_quantums(one.line, abs(one.size_lots)) for one in portfolio.holdings
        ) + sum(haircut_of(part) for part in portfolio.backing)
        self.maintenance_quantums = self.without(())

    def without(self, changes: Iterable[Change]) -> int:
        """Return the requirement when these have left. Rounds: up, as margin's."""
        charged = self._charged
        moved: dict[str, Sums] = {}
        for change in changes:
            charged -= change.charged_quantums
            name = change.family
            before = moved.get(name) or self._sums[name]
            moved[name] = _less(before, change, self._families[name])
        parts = self._parts | {
            name: family_part(self._families[name], sums) for name, sums in moved.items()
        }
        terms = self._terms
        risk = risk_of([*parts.values()], terms.offset_ppm, terms.offset_floor_ppm)
        return multiply_ppm_up(risk, terms.maintenance_ppm) + charged


def _less(sums: Sums, change: Change, family: Family) -> Sums:
    """Return a family's sums without what leaves it."""
    size, leaning = change.size_lots, sums.leaning
    net = sums.net_quantums - change.value_quantums
    pins = change.pins
    if pins is None:
        pins = collateral_pins(family.terms, family.pins)
    pins = pins[: len(family.pins)]
    if change.lean is not None:
        assert leaning is not None
        left = leaning_less(leaning, Lots(size, change.row, pins, change.lean))
        return sums._replace(leaning=left, net_quantums=net)
    bracket = BRACKET_QUANTUMS * abs(size)
    rows = zip(sums.losses_quantums, change.row, strict=True)
    at_pins = zip(sums.pins_quantums, pins, strict=True)
    return Sums(
        [loss - size * value - bracket for loss, value in rows],
        [loss - size * value for loss, value in at_pins],
        leaning,
        net,
    )


def haircut_of(part: Backing) -> int:
    """Return what a collateral's haircut adds to the requirement. Rounds: up."""
    return multiply_ppm_up(part.value_quantums, part.haircut_ppm)


def tenth_of(size_lots: int) -> int:
    """Return a tenth of a position, signed as it, at least one lot.

    >>> [tenth_of(size) for size in (100, -101, 3, -1)]
    [10, -11, 1, -1]
    """
    return part_of(size_lots, 1)


def part_of(size: int, tenths_count: int) -> int:
    """Return so many tenths of a size or an amount, signed as it. Rounds: away from zero.

    >>> part_of(-25, 3), part_of(25, 10)
    (-8, 25)
    """
    part = divide_up(abs(size) * tenths_count, TENTHS)
    return part if size > 0 else -part


def lots_change(one: Holding, size_lots: int) -> Change:
    """Return what leaves a portfolio with so many lots of a holding."""
    left = exit_fee_quantums(one.line, abs(one.size_lots - size_lots))
    return Change(
        one.line.family,
        size_lots,
        one.line.losses_quantums,
        one.line.pin_losses_quantums,
        one.line.lean,
        size_lots * one.line.moving_quantums,
        exit_fee_quantums(one.line, abs(one.size_lots)) - left,
    )


def cut_change(cut: Cut) -> Change:
    """Return what leaves a portfolio with some collateral."""
    before, after = cut.before, cut.after
    return Change(
        before.family,
        collateral_lots(before.value_quantums) - collateral_lots(after.value_quantums),
        collateral_losses(before.terms),
        None,
        None,
        before.value_quantums - after.value_quantums,
        haircut_of(before) - haircut_of(after),
    )


def leg_of(one: Holding, size_lots: int) -> Leg:
    """Return a leg of a holding, at its mark."""
    line = one.line
    # A mark is a whole number of ticks, so this is exact.
    ticks = divide_up(line.mark_value_quantums, line.tick_value_quantums)
    return Leg(line.instrument, size_lots, ticks)


def gain_of(one: Holding, size_lots: int) -> int:
    """Return what selling so many lots at the mark adds to solvency equity."""
    return size_lots * (one.line.mark_value_quantums - one.line.index_value_quantums)


def cost_of(one: Holding, size_lots: int) -> int:
    """Return what so many lots cost to close: half the spread and a taker's fee. Rounds: up."""
    lots = abs(size_lots)
    spread = divide_up(lots * one.line.half_spread_ppm * one.line.mark_value_quantums, PPM)
    return spread + exit_fee_quantums(one.line, lots)


def single_of(requirement: Requirement, one: Holding, size_lots: int) -> Slice:
    """Return the slice of so many lots of one holding."""
    left = requirement.without((lots_change(one, size_lots),))
    return Slice(
        (leg_of(one, size_lots),),
        (),
        0,
        requirement.maintenance_quantums - left,
        cost_of(one, size_lots),
        gain_of(one, size_lots),
    )


def best_single(
    requirement: Requirement, movable: Sequence[Holding], spare_quantums: int
) -> Slice | None:
    """Return the tenth of a position that frees most for its cost, None where none pays.

    `spare_quantums` is what solvency equity may lose by the legs.
    """
    best: Slice | None = None
    for one in movable:
        found = single_of(requirement, one, tenth_of(one.size_lots))
        if found.release_quantums <= found.cost_quantums or found.gain_quantums < -spare_quantums:
            continue
        if best is None or (
            found.release_quantums * best.cost_quantums
            > best.release_quantums * found.cost_quantums
        ):
            best = found
    return best


def bundle_of(
    requirement: Requirement, movable: Sequence[Holding], cuts: Sequence[Cut], tenths_count: int
) -> Slice:
    """Return so many tenths of every position, with these cuts of collateral."""
    sizes = [(one, part_of(one.size_lots, tenths_count)) for one in movable]
    changes = [lots_change(one, size) for one, size in sizes] + [cut_change(cut) for cut in cuts]
    left = requirement.without(changes)
    return Slice(
        tuple(leg_of(one, size) for one, size in sizes),
        tuple(cuts),
        tenths_count,
        requirement.maintenance_quantums - left,
        sum(cost_of(one, size) for one, size in sizes),
        sum(gain_of(one, size) for one, size in sizes),
    )


def largest_gain(
    requirement: Requirement, movable: Sequence[Holding], spare_quantums: int
) -> Slice | None:
    """Return a tenth of the position with the largest unrealised gain, None where none has one.

    Ties: lower instrument.
    """
    best, best_gain = None, 0
    for one in movable:
        gone = one.entry_value_quantums + one.owed_quantums
        gain = one.size_lots * one.line.mark_value_quantums - gone
        if gain > best_gain and gain_of(one, tenth_of(one.size_lots)) >= -spare_quantums:
            best, best_gain = one, gain
    return None if best is None else single_of(requirement, best, tenth_of(best.size_lots))
