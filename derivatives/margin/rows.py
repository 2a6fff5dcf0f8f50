"""What one lot loses in every scenario, and what else margin knows of an instrument.

    scenario value   max(1, floor(value x (10^6 + shock_ppm) / 10^6))
    loss of a lot    value - scenario value

Collateral has a row too: a lot of it is 10^6 quantums of value, in the scenarios of its
own underlying; what is less than a lot neither loses nor hedges.

What is dated moves only as far as its price is still to come: V is then the open share of
its forward's value, and a settled lot loses nothing in any scenario.  An option is revalued
whole (`options`).

At a pin (`charges.pins`) everything moves as far within its range as the pinned date does.

A *line* is made once for each mark and kept while the records it came from are the same
objects, since records are frozen: it is no state, and another node makes the same.

Source: docs/specs/margin.md, MARG-020 to MARG-024, MARG-095.
"""

from collections.abc import Sequence
from operator import is_
from typing import Any, NamedTuple

from chain.kit import PPM, View, divide_down, divide_up, remembered
from derivatives.ids import CompartmentId, InstrumentId
from derivatives.instruments.settling import open_quantums
from derivatives.instruments.state import (
    EXPIRIES,
    INSTRUMENTS,
    KIND_PERPETUAL,
    SETTLEMENTS,
    Instrument,
    Settlement,
)
from derivatives.instruments.terms import (
    feed_of,
    index_value_quantums,
    is_option,
    quote_decimals_of,
)
from derivatives.margin.charges.dated import Charges, charges_of
from derivatives.margin.charges.pins import Pin
from derivatives.margin.charges.ranges import range_of, terms_under
from derivatives.margin.charges.soon import pins_under
from derivatives.margin.state import OPTION_TERMS, FamilyTerms, OptionTerms, Scenario
from derivatives.marks.state import MARKS
from derivatives.options.revaluing import OptionLean, revalued
from derivatives.oracle.state import PRICES, SURFACES, FeedPrice
from derivatives.pricing.scenarios import ENDED, FLAT, Move

COLLATERAL_LOT_QUANTUMS = 1_000_000
MEMO_MAX = 8_192


class Line(NamedTuple):
    """One instrument as margin sees it: values, row and costs of one lot.

    `moving_quantums` is the delta: what a lot gains when its feed grows by all of itself.  For
    what has no date it is the mark value.  `pin_losses_quantums` are at the `pins` of what it
    moves with; `lean` is an option's that is not settled.
    """

    instrument: InstrumentId
    family: str
    mark_value_quantums: int
    index_value_quantums: int
    tick_value_quantums: int
    losses_quantums: tuple[int, ...]
    terms: FamilyTerms
    exit_fee_ppm: int
    half_spread_ppm: int
    external_depth_lots: int
    moving_quantums: int
    is_option: bool
    charges: Charges
    pins: tuple[Pin, ...] = ()
    pin_losses_quantums: tuple[int, ...] = ()
    lean: OptionLean | None = None


def losses_of_lot(value_quantums: int, scenarios: Sequence[Scenario]) -> tuple[int, ...]:
    """Return what one lot of this value loses in each scenario, negative where it gains.

    What is worth nothing, since nothing of it moves, loses nothing.  Rounds: the scenario's
    value down.

    >>> losses_of_lot(1_000_000, (Scenario(-40_000, PPM, 0), Scenario(40_000, PPM, 0)))
    (40000, -40000)
    """
    return _losses_after(value_quantums, [one.shock_ppm for one in scenarios])


def pin_losses_of_lot(
    value_quantums: int, terms: FamilyTerms, pins: tuple[Pin, ...]
) -> tuple[int, ...]:
    """Return what one lot of this value loses at each pin, as far within its family's range."""
    if not pins:
        return ()
    range_ppm = range_of(terms)
    return _losses_after(value_quantums, [pin.shock_ppm(range_ppm) for pin in pins])


def _losses_after(value_quantums: int, shocks_ppm: Sequence[int]) -> tuple[int, ...]:
    if value_quantums == 0:
        return (0,) * len(shocks_ppm)
    return tuple(
        value_quantums - max(1, divide_down(value_quantums * (PPM + shock_ppm), PPM))
        for shock_ppm in shocks_ppm
    )


def collateral_losses(terms: FamilyTerms) -> tuple[int, ...]:
    """Return what one lot of collateral loses in each scenario of its family."""
    return losses_of_lot(COLLATERAL_LOT_QUANTUMS, terms.scenarios)


def collateral_pins(terms: FamilyTerms, pins: tuple[Pin, ...]) -> tuple[int, ...]:
    """Return what one lot of collateral loses at each pin."""
    return pin_losses_of_lot(COLLATERAL_LOT_QUANTUMS, terms, pins)


def family_of(view: View, instrument_id: InstrumentId) -> str | None:
    """Return the family in whose scenarios an instrument moves, None for no instrument."""
    instrument = view.get(INSTRUMENTS, instrument_id)
    return None if instrument is None else feed_of(view, instrument_id, instrument)


_LINES: dict[tuple[InstrumentId, str], tuple[tuple[Any, ...], Line]] = {}


def line_of(
    view: View, instrument_id: InstrumentId, compartment: CompartmentId, schedule: str
) -> Line | None:
    """Return an instrument's line under a schedule, None before its first mark."""
    mark = view.get(MARKS, instrument_id)
    instrument = view.get(INSTRUMENTS, instrument_id)
    if mark is None or instrument is None:
        return None
    family = feed_of(view, instrument_id, instrument)
    place = (compartment, schedule, family)
    terms = terms_under(view, *place)
    assert terms is not None, f"{schedule} has no terms for {family}"
    expiry = settlement = price = surface = options = None
    if instrument.kind != KIND_PERPETUAL:
        expiry = view.get(EXPIRIES, instrument_id)
        settlement, price = view.get(SETTLEMENTS, instrument_id), view.get(PRICES, family)
        options = view.get(OPTION_TERMS, place)  # of a future of the date too
    if is_option(instrument):
        surface = view.get(SURFACES, instrument.underlying)
    pins = remembered(view, (pins_under, *place), lambda: pins_under(view, *place, terms))
    known = _LINES.get((instrument_id, schedule))
    made_of = (mark, instrument, terms, settlement, price, surface, options, expiry, pins)
    if known is not None and all(map(is_, known[0], made_of)):
        return known[1]
    settled = settlement is not None and settlement.price_ticks > 0
    expiry_ms = None if expiry is None else expiry.expiry_ms
    made = Line(
        instrument=instrument_id,
        family=family,
        mark_value_quantums=mark.mark_value_quantums,
        index_value_quantums=mark.index_value_quantums,
        tick_value_quantums=instrument.tick_value_quantums,
        losses_quantums=(0,) * len(terms.scenarios),
        terms=terms,
        exit_fee_ppm=0 if settled else instrument.taker_fee_ppm,
        half_spread_ppm=0 if settled else instrument.half_spread_ppm,
        external_depth_lots=instrument.external_depth_lots,
        moving_quantums=0,
        is_option=is_option(instrument),
        charges=charges_of(place, terms, options, price, expiry_ms),
        pins=pins,
        pin_losses_quantums=(0,) * len(pins),
    )
    if not settled and surface is not None and price is not None:
        made = _option_line(view, made, instrument, price)
    elif not settled:
        moving = mark.mark_value_quantums
        if settlement is not None:
            moving = _open_value(view, family, instrument, settlement)
        made = made._replace(
            losses_quantums=losses_of_lot(moving, terms.scenarios),
            pin_losses_quantums=pin_losses_of_lot(moving, terms, pins),
            moving_quantums=moving,
        )
    if len(_LINES) >= MEMO_MAX:
        _LINES.clear()
    _LINES[instrument_id, schedule] = (made_of, made)
    return made


def _option_line(view: View, line: Line, instrument: Instrument, price: FeedPrice) -> Line:
    """Return an option's line with what it loses and how it leans."""
    moves = [Move(one.shock_ppm, one.volatility) for one in line.terms.scenarios]
    range_ppm = range_of(line.terms)
    moves += [
        Move(pin.shock_ppm(range_ppm), ENDED if pin.family == line.family else FLAT)
        for pin in line.pins
    ]
    row = revalued(view, line.instrument, instrument, price, moves)
    losses = tuple(line.mark_value_quantums - value for value in row.values_quantums)
    count = len(line.terms.scenarios)
    return line._replace(
        losses_quantums=losses[:count],
        pin_losses_quantums=losses[count:],
        moving_quantums=row.delta_quantums,
        lean=row.lean._replace(value_quantums=line.mark_value_quantums),
    )


def _open_value(view: View, feed: str, instrument: Instrument, settlement: Settlement) -> int:
    """Return the part of a lot's value that is still to come, at its forward. Rounds: up."""
    price = view.get(PRICES, feed)
    assert price is not None, f"{feed} values a window and has no price"
    decimals = quote_decimals_of(view, instrument)
    value = index_value_quantums(price.price_e8, instrument, decimals)
    return open_quantums(settlement, value)


def concentration_ppm(delta_quantums: int, terms: FamilyTerms) -> int:
    """Return the rate that a signer's delta of this size is charged. Rounds: up.

    >>> terms = FamilyTerms((), False, "", 0, 0, 1_000, 500, 100, 250)
    >>> [concentration_ppm(delta, terms) for delta in (1_000, 1_001, 2_000, 9_000)]
    [0, 1, 200, 250]
    """
    return _rate_ppm(
        delta_quantums - terms.concentration_threshold_quantums,
        terms.concentration_unit_quantums,
        terms.concentration_ppm,
        terms.concentration_limit_ppm,
    )


def vega_concentration_ppm(vega_quantums: int, terms: OptionTerms) -> int:
    """Return the rate that what volatility's shock comes to of a signer is charged. Rounds: up."""
    return _rate_ppm(
        vega_quantums - terms.vega_threshold_quantums,
        terms.vega_unit_quantums,
        terms.vega_concentration_ppm,
        terms.vega_limit_ppm,
    )


def _rate_ppm(beyond_quantums: int, unit_quantums: int, unit_ppm: int, limit_ppm: int) -> int:
    return min(limit_ppm, divide_up(unit_ppm * max(0, beyond_quantums), unit_quantums))
