"""What margin looks at of one account, and what it comes to family by family.

A *family* is what one feed values; a *part* is a family as the kernel's twin takes it.  Options
are summed apart from all else, since their shocked value is discounted together.

Source: docs/specs/margin.md, MARG-021, MARG-031, MARG-032 and MARG-091 to MARG-097.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chain.kit import PPM, divide_down
from derivatives.margin.charges.dated import Charges
from derivatives.margin.charges.filling import Fill, opened
from derivatives.margin.charges.leaning import (
    Leaning,
    Lots,
    charged_of,
    discounted,
    leaning_of,
)
from derivatives.margin.charges.pins import Pin
from derivatives.margin.kernel.twin import (
    NOTHING_CHARGED,
    Part,
    Pinned,
    Rung,
    sums_of,
    weighted_of,
)
from derivatives.margin.rows import (
    COLLATERAL_LOT_QUANTUMS,
    Line,
    collateral_losses,
    collateral_pins,
)
from derivatives.margin.state import FamilyTerms


class Resting(NamedTuple):
    """Both sides of an account's resting orders in one instrument.

    `*_excess_quantums` is at least what the side pays worse than the mark, if filled.
    """

    buy_lots: int
    sell_lots: int
    buy_excess_quantums: int
    sell_excess_quantums: int


NOTHING_RESTING = Resting(0, 0, 0, 0)


class Holding(NamedTuple):
    """One instrument of an account: position, funding and resting orders."""

    line: Line
    size_lots: int
    entry_value_quantums: int
    owed_quantums: int
    rate_8h_e9: int
    resting: Resting


class Backing(NamedTuple):
    """One collateral asset of an account: its careful value, its index value, its haircut."""

    family: str
    terms: FamilyTerms
    value_quantums: int
    index_value_quantums: int
    haircut_ppm: int


class Uncertainty(NamedTuple):
    """How far a family's price may be trusted, and how its range is about to grow."""

    price_e8: int
    confidence_e8: int
    is_normal: bool
    growth_ppm: int = PPM


class SignerSums(NamedTuple):
    """What a signer's accounts hold together.

    |Lots| of an instrument, |delta| of a group of families, and what the shock of volatility
    comes to in its dates.
    """

    lots: dict[str, int]
    delta_quantums: dict[str, int]
    vega_quantums: dict[str, int]


class Portfolio(NamedTuple):
    """Everything that margin looks at of one account.

    `others` is what the signer's other accounts hold; None where there are none.
    """

    cash_quantums: int
    holdings: tuple[Holding, ...]
    backing: tuple[Backing, ...]
    uncertainty: dict[str, Uncertainty]
    settlement_price_e8: int
    others: SignerSums | None


class Family(NamedTuple):
    """What an account holds of one underlying: sizes and rows, and its options' sums.

    `pins` are those that it moves by, where the account has options: without any, an end of the
    range is never better than what lies within, alone or offset by others.
    """

    name: str
    terms: FamilyTerms
    charges: Charges
    sizes: list[int]
    rows: list[tuple[int, ...]]
    leaning: Leaning | None
    pins: tuple[Pin, ...]
    pin_rows: list[tuple[int, ...]]
    net_quantums: int
    held: list[Holding]

    @property
    def group(self) -> str:
        """Return what the family moves with: another, or itself."""
        return self.terms.moves_with or self.name


def families_of(portfolio: Portfolio) -> list[Family]:
    """Return the parts of a portfolio by underlying, ascending."""
    found: dict[str, tuple[FamilyTerms, list[Holding], list[Backing]]] = {}
    leans = False
    shared: tuple[Pin, ...] = ()
    for one in portfolio.holdings:
        line = one.line
        found.setdefault(line.family, (line.terms, [], []))[1].append(one)
        leans |= line.lean is not None
        shared = line.pins if line.terms.offsets else shared
    for part in portfolio.backing:
        found.setdefault(part.family, (part.terms, [], []))[2].append(part)
    families = []
    for name in sorted(found):
        terms, held, backed = found[name]
        pins = held[0].line.pins if held else shared if terms.offsets else ()
        families.append(_family(name, terms, held, backed, pins if leans else ()))
    return families


def _family(
    name: str,
    terms: FamilyTerms,
    held: list[Holding],
    backed: list[Backing],
    pins: tuple[Pin, ...],
) -> Family:
    net = 0
    sizes, rows, pin_rows, options = [], [], [], []
    for one in held:
        size, line = one.size_lots, one.line
        net += size * line.moving_quantums
        if line.lean is None:
            sizes.append(size)
            rows.append(line.losses_quantums)
            pin_rows.append(line.pin_losses_quantums)
        else:
            at_pins = line.pin_losses_quantums if pins else ()
            options.append(Lots(size, line.losses_quantums, at_pins, line.lean))
    for part in backed:
        sizes.append(collateral_lots(part.value_quantums))
        rows.append(collateral_losses(terms))
        pin_rows.append(collateral_pins(terms, pins))
        net += part.value_quantums
    charges = held[0].line.charges if held else Charges(terms.basis_ppm)
    leaning = leaning_of(options, len(terms.scenarios), len(pins)) if options else None
    return Family(name, terms, charges, sizes, rows, leaning, pins, pin_rows, net, held)


def most_lots(one: Holding) -> int:
    """Return the largest size that a holding may come to with all buys or all sells filled."""
    size, resting = one.size_lots, one.resting
    return max(abs(size), abs(size + resting.buy_lots), abs(size - resting.sell_lots))


def collateral_lots(value_quantums: int) -> int:
    """Return how many whole lots of 10^6 quantums a collateral's value is."""
    return divide_down(value_quantums, COLLATERAL_LOT_QUANTUMS)


def _weights(terms: FamilyTerms) -> list[int]:
    return [scenario.weight_ppm for scenario in terms.scenarios]


def fills_of(family: Family) -> list[Fill]:
    """Return what orders may fill in a family."""
    return [
        Fill(
            one.line,
            one.resting.buy_lots,
            one.resting.sell_lots,
            one.resting.buy_excess_quantums + one.resting.sell_excess_quantums,
        )
        for one in family.held
        if one.resting is not NOTHING_RESTING and one.resting != NOTHING_RESTING
    ]


class Sums(NamedTuple):
    """What a family loses: in scenarios with brackets, at pins without, its options apart."""

    losses_quantums: Sequence[int]
    pins_quantums: Sequence[int]
    leaning: Leaning | None
    net_quantums: int


def sums_in(family: Family) -> Sums:
    """Return a family's sums.

    At a pin only options have a bracket: all else loses at most what it does at an end of the
    range with its own, so that a book without options needs no pins.
    """
    losses = sums_of(family.sizes, family.rows, len(family.terms.scenarios))
    pins = [0] * len(family.pins)
    for size, row in zip(family.sizes, family.pin_rows, strict=True):
        if pins:
            pins = [loss + size * value for loss, value in zip(pins, row, strict=True)]
    return Sums(losses, pins, family.leaning, family.net_quantums)


def family_part(family: Family, sums: Sums | None = None) -> Part:
    """Return a family's losses and charges without orders. Rounds: up."""
    losses, pins, leaning, net = sums or sums_in(family)
    charges, charged = family.charges, NOTHING_CHARGED
    if leaning is not None:
        shocked = discounted(leaning.losses_quantums, leaning, charges)
        losses = [a + b for a, b in zip(losses, shocked, strict=True)]
        at_pins = discounted(leaning.pins_quantums, leaning, charges)
        pins = [a + b for a, b in zip(pins, at_pins, strict=True)]
        charged = charged_of(leaning, charges)
    return Part(
        losses,
        _weights(family.terms),
        (),
        Rung(charges.level_ppm, net),
        family.group,
        family.terms.offsets,
        charged,
        Pinned(pins, [pin.weight_ppm for pin in family.pins]) if pins else None,
    )


def losses_of_family(family: Family) -> list[int]:
    """Return a family's weighted loss in every scenario, without orders. Rounds: up."""
    part = family_part(family)
    return weighted_of(part.sums_quantums, part.weights_ppm)


def opened_part(family: Family, closed: Part) -> Part:
    """Return a family with resting orders, pins counted whole; it itself where it has neither."""
    fills = fills_of(family)
    if not fills and closed.pinned is None:
        return closed
    return opened(closed, family.leaning, family.charges, fills)
