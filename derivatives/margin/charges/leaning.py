"""What options add to a family: discounts, skew, vega and short charges.

    discount  of a family's options in a scenario, A their shocked value:
              ceil(A x long cut) where they are worth something, ceil(-A x short rise) else
    skew      ceil(skew_ppm x (max over both leans of |sum of size x lean| + 2 x sum of |size|))
    vega      ceil(vega_ppm x |sum of size x what the shock of volatility gains|)
    short     ceil(short_ppm x sum over strikes of max(0, -(sum of size x forward)))

All of it is a sum over what is held, or convex in such sums, so that two books together never
need more than both.

Source: docs/specs/margin.md, MARG-091 to MARG-094.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chain.kit import multiply_ppm_up
from derivatives.margin.charges.dated import Charges
from derivatives.margin.kernel.twin import BRACKET_QUANTUMS, Charged
from derivatives.options.revaluing import OptionLean


class Lots(NamedTuple):
    """Lots of an option: what one loses in each scenario and at each pin, and how it leans."""

    size_lots: int
    losses_quantums: Sequence[int]
    pins_quantums: Sequence[int]
    lean: OptionLean


class Leaning(NamedTuple):
    """Sums over the options of a family; brackets are 2 for each of `lots`."""

    losses_quantums: list[int]
    pins_quantums: list[int]
    lots: int
    value_quantums: int
    linear_skew_quantums: int
    absolute_skew_quantums: int
    stressed_quantums: int
    shorts_quantums: dict[int, int]


def leaning_of(held: Iterable[Lots], scenarios_count: int, pins_count: int) -> Leaning:
    """Return the sums of what is held."""
    losses, pins = [0] * scenarios_count, [0] * pins_count
    lots = value = linear = absolute = stressed = 0
    shorts: dict[int, int] = {}
    for size, rows, pinned, lean in held:
        if not size:
            continue  # of what has orders alone
        losses = [loss + size * row for loss, row in zip(losses, rows, strict=True)]
        pins = [loss + size * row for loss, row in zip(pins, pinned, strict=True)]
        lots += abs(size)
        value += size * lean.value_quantums
        linear += size * lean.linear_skew_quantums
        absolute += size * lean.absolute_skew_quantums
        stressed += size * lean.stressed_quantums
        known = shorts.get(lean.strike_e8, 0)
        shorts[lean.strike_e8] = known + size * lean.forward_quantums
    return Leaning(losses, pins, lots, value, linear, absolute, stressed, shorts)


def leaning_less(leaning: Leaning, left: Lots) -> Leaning:
    """Return the sums without lots that are among what was summed."""
    found = leaning_of([left], len(leaning.losses_quantums), len(leaning.pins_quantums))
    shorts = dict(leaning.shorts_quantums)
    for strike_e8, net in found.shorts_quantums.items():
        shorts[strike_e8] -= net
    return Leaning(
        [a - b for a, b in zip(leaning.losses_quantums, found.losses_quantums, strict=True)],
        [a - b for a, b in zip(leaning.pins_quantums, found.pins_quantums, strict=True)],
        leaning.lots - found.lots,
        leaning.value_quantums - found.value_quantums,
        leaning.linear_skew_quantums - found.linear_skew_quantums,
        leaning.absolute_skew_quantums - found.absolute_skew_quantums,
        leaning.stressed_quantums - found.stressed_quantums,
        shorts,
    )


def discounted(losses_quantums: Sequence[int], leaning: Leaning, charges: Charges) -> Sequence[int]:
    """Return losses of a family's options, brackets and discount included. Rounds: up.

    >>> one = leaning_of([Lots(2, (10, -40), (), OptionLean(1, 100, 0, 0, 0, 0, 0, 0))], 2, 0)
    >>> discounted(one.losses_quantums, one, Charges(0, 0, 0, 0, 30_000, 20_000))
    [30, -67]
    """
    bracket = BRACKET_QUANTUMS * leaning.lots
    if not charges.long_cut_ppm and not charges.short_rise_ppm:
        return [loss + bracket for loss in losses_quantums]
    return [
        loss + bracket + discount_quantums(leaning.value_quantums - loss - bracket, charges)
        for loss in losses_quantums
    ]


def discount_quantums(shocked_quantums: int, charges: Charges) -> int:
    """Return what a shocked value of a family's options counts less, or more where owed."""
    if shocked_quantums >= 0:
        return multiply_ppm_up(shocked_quantums, charges.long_cut_ppm)
    return multiply_ppm_up(-shocked_quantums, charges.short_rise_ppm)


def charged_of(leaning: Leaning, charges: Charges) -> Charged:
    """Return what a family's options are charged beside their scenarios. Rounds: up."""
    skew = max(abs(leaning.linear_skew_quantums), abs(leaning.absolute_skew_quantums))
    short = sum(max(0, -net) for net in leaning.shorts_quantums.values())
    return charged(skew, leaning.lots, abs(leaning.stressed_quantums), short, charges)


def charged(skew: int, lots: int, stressed: int, short: int, charges: Charges) -> Charged:
    """Return the charges on a lean of the smile, on volatility, and on what is sold.

    A lean is the difference of two values, each less than 2 below the true one.  Rounds: up.
    """
    leant = skew + BRACKET_QUANTUMS * lots
    return Charged(
        multiply_ppm_up(leant, charges.skew_ppm),
        multiply_ppm_up(stressed, charges.vega_ppm),
        multiply_ppm_up(short, charges.short_ppm),
    )
