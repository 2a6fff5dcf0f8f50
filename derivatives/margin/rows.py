"""What one lot loses in every scenario, and what else margin knows of an instrument.

    scenario value   max(1, floor(value x (10^6 + shock_ppm) / 10^6))
    loss of a lot    value - scenario value

Collateral has a row too: a lot of it is 10^6 quantums of value, in the scenarios of its
own underlying; what is less than a lot neither loses nor hedges.

What is dated moves only as far as its price is still to come: V is then the open share of
its forward's value, and a settled lot loses nothing in any scenario.  An option is revalued
whole (`options`).

A *line* is made once for each mark and kept while the records it came from are the same
objects, since records are frozen: it is no state, and another node makes the same.

Source: docs/specs/margin.md, MARG-020 to MARG-024.
"""

from operator import is_
from typing import Any, NamedTuple

from chain.kit import PPM, View, divide_down, divide_up
from derivatives.ids import CompartmentId, InstrumentId
from derivatives.instruments.settling import open_quantums
from derivatives.instruments.state import INSTRUMENTS, SETTLEMENTS, Instrument, Settlement
from derivatives.instruments.terms import (
    feed_of,
    index_value_quantums,
    is_option,
    quote_decimals_of,
)
from derivatives.margin.state import FAMILIES, FamilyTerms, Scenario
from derivatives.marks.state import MARKS
from derivatives.options.revaluing import revalued
from derivatives.oracle.state import PRICES, SURFACES

COLLATERAL_LOT_QUANTUMS = 1_000_000
MEMO_MAX = 8_192


class Line(NamedTuple):
    """One instrument as margin sees it: values, row and costs of one lot.

    `moving_quantums` is the delta: what a lot gains when its feed grows by all of itself.  For
    what has no date it is the mark value.
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


def losses_of_lot(value_quantums: int, scenarios: tuple[Scenario, ...]) -> tuple[int, ...]:
    """Return what one lot of this value loses in each scenario, negative where it gains.

    What is worth nothing, since nothing of it moves, loses nothing.  Rounds: the scenario's
    value down.

    >>> losses_of_lot(1_000_000, (Scenario(-40_000, PPM, 0), Scenario(40_000, PPM, 0)))
    (40000, -40000)
    """
    if value_quantums == 0:
        return (0,) * len(scenarios)
    return tuple(
        value_quantums - max(1, divide_down(value_quantums * (PPM + one.shock_ppm), PPM))
        for one in scenarios
    )


def collateral_losses(terms: FamilyTerms) -> tuple[int, ...]:
    """Return what one lot of collateral loses in each scenario of its family."""
    return losses_of_lot(COLLATERAL_LOT_QUANTUMS, terms.scenarios)


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
    terms = view.get(FAMILIES, (compartment, schedule, family))
    settlement = view.get(SETTLEMENTS, instrument_id)
    price = surface = None
    if is_option(instrument):
        price, surface = view.get(PRICES, family), view.get(SURFACES, instrument.underlying)
    known = _LINES.get((instrument_id, schedule))
    made_of = (mark, instrument, terms, settlement, price, surface)
    if known is not None and all(map(is_, known[0], made_of)):
        return known[1]
    assert terms is not None, f"{schedule} has no terms for {family}"
    settled = settlement is not None and settlement.price_ticks > 0
    moving = mark.mark_value_quantums
    if settled:
        moving, losses = 0, losses_of_lot(0, terms.scenarios)
    elif price is not None:
        values, moving = revalued(view, instrument_id, instrument, price, terms.scenarios)
        losses = tuple(mark.mark_value_quantums - value for value in values)
    else:
        if settlement is not None:
            moving = _open_value(view, family, instrument, settlement)
        losses = losses_of_lot(moving, terms.scenarios)
    made = Line(
        instrument=instrument_id,
        family=family,
        mark_value_quantums=mark.mark_value_quantums,
        index_value_quantums=mark.index_value_quantums,
        tick_value_quantums=instrument.tick_value_quantums,
        losses_quantums=losses,
        terms=terms,
        exit_fee_ppm=0 if settled else instrument.taker_fee_ppm,
        half_spread_ppm=0 if settled else instrument.half_spread_ppm,
        external_depth_lots=instrument.external_depth_lots,
        moving_quantums=moving,
        is_option=is_option(instrument),
    )
    if len(_LINES) >= MEMO_MAX:
        _LINES.clear()
    _LINES[instrument_id, schedule] = (made_of, made)
    return made


def _open_value(view: View, feed: str, instrument: Instrument, settlement: Settlement) -> int:
    """Return the part of a lot's value that is still to come, at its forward. Rounds: up."""
    price = view.get(PRICES, feed)
    assert price is not None, f"{feed} values a window and has no price"
    decimals = quote_decimals_of(view, instrument)
    value = index_value_quantums(price.price_e8, instrument, decimals)
    return open_quantums(settlement, value)


def concentration_ppm(delta_quantums: int, terms: FamilyTerms) -> int:
    """Return the rate that a signer's delta of this size is charged. Rounds: up.

    >>> terms = FamilyTerms((), False, "", 0, 1_000, 500, 100, 250)
    >>> [concentration_ppm(delta, terms) for delta in (1_000, 1_001, 2_000, 9_000)]
    [0, 1, 200, 250]
    """
    beyond_quantums = max(0, delta_quantums - terms.concentration_threshold_quantums)
    rate_ppm = divide_up(
        terms.concentration_ppm * beyond_quantums, terms.concentration_unit_quantums
    )
    return min(terms.concentration_limit_ppm, rate_ppm)
