"""What a book says about price: how far an amount reaches into each side of it.

A side is a run of levels, best first.  Its *impact* is the average price at which the
impact notional trades, in whole lots; a side that does not carry it says nothing at all,
since a single small order would else move a mark.

Source: docs/specs/marks.md, MARK-020 to MARK-027.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chain.kit import BlockContext, View, divide_down, divide_up
from derivatives.ids import InstrumentId
from derivatives.instruments.settling import expected_e8
from derivatives.instruments.state import SETTLEMENTS, UNDATED_KINDS, Instrument
from derivatives.instruments.terms import (
    feed_of,
    is_within,
    matches_continuously,
    may_open,
    price_of_ticks_e8,
)
from derivatives.marks.looked import looked_at
from derivatives.marks.price import Quotes
from derivatives.oracle.state import PRICES
from derivatives.orders.state import SIDE_BUY, SIDE_SELL

AGED_MS = 2_000
AGED_BLOCKS = 2


class Level(NamedTuple):
    """Some lots for sale, or wanted, at one price."""

    price_ticks: int
    size_lots: int


class Impact(NamedTuple):
    """What the impact notional meets on one side of a book."""

    best_price_ticks: int
    value_quantums: int
    size_lots: int


class Sides(NamedTuple):
    """Both sides of a book, None for one that says nothing."""

    bids: Impact | None
    asks: Impact | None


def sides_of(context: BlockContext, instrument_id: InstrumentId, instrument: Instrument) -> Sides:
    """Return what the orders that somebody could meet say at this moment of the block.

    Nothing while orders gather for an auction, or while nobody may open.
    """
    state = context.state
    index_e8 = _index_e8(state, instrument_id, instrument)
    meets = matches_continuously(state, instrument_id) and may_open(state, instrument_id)
    if index_e8 is None or not meets:
        return Sides(None, None)
    bids, asks = (
        impact_of(
            (
                level
                for level in aged_levels(context, instrument_id, side)
                if is_in_reach(level, instrument, index_e8)
            ),
            instrument,
        )
        for side in (SIDE_BUY, SIDE_SELL)
    )
    return Sides(bids, asks)


def _index_e8(view: View, instrument_id: InstrumentId, instrument: Instrument) -> int | None:
    """Return the index of an instrument as its feed says it now, of what is dated its forward's."""
    price = view.get(PRICES, feed_of(view, instrument_id, instrument))
    if price is None:
        return None
    is_dated = instrument.kind not in UNDATED_KINDS
    settlement = view.get(SETTLEMENTS, instrument_id) if is_dated else None
    return price.price_e8 if settlement is None else expected_e8(settlement, price.price_e8)


def aged_levels(context: BlockContext, instrument_id: InstrumentId, side: int) -> Iterator[Level]:
    """Return the orders of a side that have stood still for long enough, best first."""
    rested = looked_at(context, instrument_id, side)
    for price_ticks, remaining_lots, changed_ms, changed_height in rested:
        if is_aged(changed_ms, changed_height, context.time_ms, context.height):
            yield Level(price_ticks, remaining_lots)


def is_in_reach(level: Level, instrument: Instrument, index_e8: int) -> bool:
    """Return whether a price is within the band around the index: beyond it nothing is filled."""
    price_e8 = price_of_ticks_e8(level.price_ticks, instrument)
    return is_within(price_e8, index_e8, instrument.band_ppm)


def is_aged(changed_ms: int, changed_height: int, time_ms: int, height: int) -> bool:
    """Return whether an order has stood unchanged for 2 s and for 2 blocks."""
    return time_ms - changed_ms >= AGED_MS and height - changed_height >= AGED_BLOCKS


def impact_of(levels: Iterable[Level], instrument: Instrument) -> Impact | None:
    """Return what the impact notional meets on a side, or None where it is not there.

    Of the last level it takes the fewest lots that complete the notional.
    """
    best_ticks, value_quantums, taken_lots = 0, 0, 0
    wanted_quantums = instrument.impact_notional_quantums
    for price_ticks, size_lots in levels:
        best_ticks = best_ticks or price_ticks
        lot_value = price_ticks * instrument.tick_value_quantums
        lots = min(size_lots, divide_up(wanted_quantums - value_quantums, lot_value))
        value_quantums += lots * lot_value
        taken_lots += lots
        if value_quantums >= wanted_quantums:
            return Impact(best_ticks, value_quantums, taken_lots)
    return None


def quotes_of(sides: Sides, instrument: Instrument) -> Quotes | None:
    """Return the best prices of a book that carries the impact notional on both sides."""
    bids, asks = sides
    if bids is None or asks is None:
        return None
    return Quotes(
        price_of_ticks_e8(bids.best_price_ticks, instrument),
        price_of_ticks_e8(asks.best_price_ticks, instrument),
    )


def bid_value_quantums(bids: Impact | None) -> int | None:
    """Return what one lot fetches when the impact notional is sold. Rounds: down."""
    return None if bids is None else divide_down(bids.value_quantums, bids.size_lots)


def ask_value_quantums(asks: Impact | None) -> int | None:
    """Return what one lot costs when the impact notional is bought. Rounds: up."""
    return None if asks is None else divide_up(asks.value_quantums, asks.size_lots)
