"""What a family needs with resting orders: never less than with any subset of them filled.

Every scenario and pin gets, for each instrument and side, what filling all of the side could
lose in it and no credit where it gains.  Every |x| of a charge becomes the worse of all that
raises x filled and all that lowers it; at a strike, all that sells.

Source: docs/specs/margin.md, MARG-037 to MARG-040 and MARG-098.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from chain.kit import PPM, multiply_ppm_up
from derivatives.ids import InstrumentId
from derivatives.margin.charges.dated import Charges
from derivatives.margin.charges.leaning import Leaning, charged, discount_quantums
from derivatives.margin.kernel.twin import BRACKET_QUANTUMS, Charged, Part, Rung, most_of
from derivatives.margin.rows import Line
from derivatives.options.revaluing import OptionLean

MEMO_MAX = 8_192


class Fill(NamedTuple):
    """Both sides of resting orders in one instrument, and what they pay worse than the mark."""

    line: Line
    buy_lots: int
    sell_lots: int
    excess_quantums: int


def swing_of(fills: Iterable[Fill], per_lot: Callable[[Line], int]) -> tuple[int, int]:
    """Return by how much fills may raise a sum of size x `per_lot`, and lower it."""
    up = down = 0
    for one in fills:
        value = per_lot(one.line)
        bought, sold = one.buy_lots * value, one.sell_lots * value
        up += max(0, bought) + max(0, -sold)
        down += max(0, -bought) + max(0, sold)
    return up, down


def filling_losses(
    fill: Fill, losses_quantums: Sequence[int], weights_ppm: Sequence[int], charges: Charges
) -> list[int]:
    """Return at least what filling any of the resting orders loses more, in each scenario.

    A side loses all together or gains all together; where it gains, only what it pays worse
    than the mark counts.  Rounds: up.
    """
    sides = [
        _side_losses(fill.line, lots, losses_quantums, weights_ppm, charges)
        for lots in (fill.buy_lots, -fill.sell_lots)
        if lots
    ]
    excess = [fill.excess_quantums] * len(losses_quantums)
    return [sum(each) for each in zip(excess, *sides, strict=True)]


def _side_losses(
    line: Line,
    size_lots: int,
    losses_quantums: Sequence[int],
    weights_ppm: Sequence[int],
    charges: Charges,
) -> list[int]:
    """Return what filling one side loses in each scenario, 0 where it gains. Rounds: up."""
    bracket = BRACKET_QUANTUMS * abs(size_lots)
    lost = [size_lots * loss + bracket for loss in losses_quantums]
    if line.lean is not None and (charges.long_cut_ppm or charges.short_rise_ppm):
        value = size_lots * line.lean.value_quantums
        lost = [loss + discount_quantums(value - loss, charges) for loss in lost]
    return [
        0 if loss <= 0 else loss if weight_ppm == PPM else multiply_ppm_up(loss, weight_ppm)
        for loss, weight_ppm in zip(lost, weights_ppm, strict=True)
    ]


class _Filled(NamedTuple):
    """What the orders of one fill may lose, and all that it follows from."""

    line: Line
    weights_ppm: Sequence[int]
    pin_weights_ppm: Sequence[int]
    charges: Charges
    losses_quantums: list[int]
    pin_losses_quantums: list[int]


_FILLED: dict[tuple[InstrumentId, int, int, int], _Filled] = {}


def _filled(
    fill: Fill, weights_ppm: Sequence[int], pin_weights_ppm: Sequence[int], charges: Charges
) -> _Filled:
    """Return what a fill may lose in scenarios and at pins, the same while nothing differs.

    Who quotes many options changes the orders of one at a time.
    """
    line = fill.line
    place = (line.instrument, *fill[1:])
    made_of = (weights_ppm, pin_weights_ppm, charges)
    known = _FILLED.get(place)
    if known is not None and known.line is line and known[1:4] == made_of:
        return known
    losses = filling_losses(fill, line.losses_quantums, weights_ppm, charges)
    pinned = line.pin_losses_quantums if pin_weights_ppm else ()
    made = _Filled(line, *made_of, losses, filling_losses(fill, pinned, pin_weights_ppm, charges))
    if len(_FILLED) >= MEMO_MAX:
        _FILLED.clear()
    _FILLED[place] = made
    return made


def opened(closed: Part, leaning: Leaning | None, charges: Charges, fills: Sequence[Fill]) -> Part:
    """Return a family with resting orders, what is pinned counted whole."""
    pinned = closed.pinned
    if pinned is not None:
        pinned = pinned._replace(weights_ppm=(PPM,) * len(pinned.weights_ppm))
    if not fills:
        return closed._replace(pinned=pinned)
    pin_weights: Sequence[int] = () if pinned is None else pinned.weights_ppm
    filled = [_filled(one, closed.weights_ppm, pin_weights, charges) for one in fills]
    if pinned is not None:
        at_pins = zip(*[one.pin_losses_quantums for one in filled], strict=True)
        pinned = pinned._replace(extra_quantums=[sum(one) for one in at_pins])
    up, down = swing_of(fills, lambda line: line.moving_quantums)
    in_scenarios = zip(*[one.losses_quantums for one in filled], strict=True)
    return closed._replace(
        extra_quantums=[sum(losses) for losses in in_scenarios],
        rung=closed.rung._replace(up_quantums=up, down_quantums=down),
        charged=charged_open(leaning, charges, fills) if leaning is not None else closed.charged,
        pinned=pinned,
    )


def most_leaning(
    net_quantums: int, fills: Sequence[Fill], per_lot: Callable[[OptionLean], int]
) -> int:
    """Return the largest |sum of size x `per_lot`| over a family's options."""
    swing = swing_of(fills, lambda line: 0 if line.lean is None else per_lot(line.lean))
    return most_of([Rung(0, net_quantums, *swing)])


def charged_open(leaning: Leaning, charges: Charges, fills: Sequence[Fill]) -> Charged:
    """Return what a family's options are charged with whichever orders filled. Rounds: up."""
    skews = (
        most_leaning(leaning.linear_skew_quantums, fills, lambda lean: lean.linear_skew_quantums),
        most_leaning(
            leaning.absolute_skew_quantums, fills, lambda lean: lean.absolute_skew_quantums
        ),
    )
    stressed = most_leaning(leaning.stressed_quantums, fills, lambda lean: lean.stressed_quantums)
    lots, shorts = leaning.lots, dict(leaning.shorts_quantums)
    for one in fills:
        lean = one.line.lean
        if lean is not None:
            lots += one.buy_lots + one.sell_lots
            sold = one.sell_lots * lean.forward_quantums
            shorts[lean.strike_e8] = shorts.get(lean.strike_e8, 0) - sold
    short = sum(max(0, -net) for net in shorts.values())
    return charged(max(skews), lots, stressed, short, charges)
