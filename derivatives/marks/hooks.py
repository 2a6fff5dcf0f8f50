"""Step 3 of a block: a mark for each instrument that has a price.

From the book as the parent left it, whose basis held for the time since the parent.
Bounded by the number of instruments, and in each by the levels that the impact notional
meets.

Source: docs/specs/marks.md, MARK-001 to MARK-005.
"""

from chain.kit import BlockContext, replace
from derivatives.ids import InstrumentId
from derivatives.instruments.settling import expected_e8
from derivatives.instruments.state import INSTRUMENTS, SETTLEMENTS, Instrument
from derivatives.instruments.terms import (
    feed_of,
    index_value_quantums,
    is_option,
    payoff_ticks,
    price_of_ticks_e8,
    quote_decimals_of,
    ticks_of_price,
)
from derivatives.marks.book import quotes_of, sides_of
from derivatives.marks.options import Asked, ticks_of_options
from derivatives.marks.price import Quotes, basis_average_e9, mark_price_e8
from derivatives.marks.state import MARKS, Mark
from derivatives.oracle.state import PRICES, FeedPrice
from derivatives.trades.state import TRADE_COUNTS


def value_instruments(context: BlockContext) -> None:
    """Give every instrument whose feed has spoken its index and its mark."""
    state = context.state
    live: list[Asked] = []
    for key, instrument in tuple(state.scan(INSTRUMENTS)):
        instrument_id = str(key)
        price = state.get(PRICES, feed_of(state, instrument_id, instrument))
        if price is None:
            continue
        settlement = state.get(SETTLEMENTS, instrument_id)
        if settlement is not None and settlement.price_ticks:
            price_ticks = settlement.price_ticks
            paid_ticks = payoff_ticks(state, instrument_id, instrument, price_ticks)
            mark = known_mark(context, instrument_id, instrument, paid_ticks, settlement.ends_ms)
        elif is_option(instrument):
            live.append(Asked(instrument_id, instrument, price.price_e8))
            continue
        else:
            quotes = quotes_of(sides_of(context, instrument_id, instrument), instrument)
            if settlement is not None:
                inside_e8 = expected_e8(settlement, price.price_e8)
                price = replace(price, price_e8=inside_e8)
            mark = mark_of(context, instrument_id, instrument, price, quotes)
        _store(context, instrument_id, mark)
    worth = ticks_of_options(state, live, context.time_ms)
    for one in live:
        ticks = worth[one.instrument_id]
        price = state.get(PRICES, feed_of(state, one.instrument_id, one.instrument))
        if ticks is None or price is None:
            continue
        mark = known_mark(context, one.instrument_id, one.instrument, ticks, price.updated_ms)
        _store(context, one.instrument_id, mark)


def _store(context: BlockContext, instrument_id: InstrumentId, mark: Mark) -> None:
    if mark != context.state.get(MARKS, instrument_id):
        context.state.put(MARKS, instrument_id, mark)


def known_mark(
    context: BlockContext,
    instrument_id: InstrumentId,
    instrument: Instrument,
    ticks: int,
    updated_ms: int,
) -> Mark:
    """Return the mark of what no book prices, an option or what is settled: its index too."""
    before = context.state.get(MARKS, instrument_id)
    value = ticks * instrument.tick_value_quantums
    return Mark(
        mark_price_ticks=ticks,
        mark_value_quantums=value,
        index_price_e8=price_of_ticks_e8(ticks, instrument),
        index_value_quantums=value,
        parent_index_value_quantums=value if before is None else before.index_value_quantums,
        basis_average_e9=0,
        last_price_ticks=0 if before is None else before.last_price_ticks,
        updated_ms=updated_ms,
    )


def mark_of(
    context: BlockContext,
    instrument_id: InstrumentId,
    instrument: Instrument,
    price: FeedPrice,
    quotes: Quotes | None,
) -> Mark:
    """Return an instrument's mark in this block, after the one of its parent."""
    state = context.state
    before = state.get(MARKS, instrument_id)
    index_e8 = price.price_e8
    value = index_value_quantums(index_e8, instrument, quote_decimals_of(state, instrument))
    traded = state.get(TRADE_COUNTS, instrument_id)
    last_ticks = 0 if traded is None else traded.last_price_ticks
    average = basis_average_e9(
        0 if before is None else before.basis_average_e9,
        quotes,
        index_e8,
        context.time_ms - context.parent_time_ms,
    )
    last_e8 = price_of_ticks_e8(last_ticks, instrument)
    mark_e8 = mark_price_e8(index_e8, average, quotes, last_e8, instrument.mark_clamp_ppm)
    mark_ticks = ticks_of_price(mark_e8, instrument)
    return Mark(
        mark_price_ticks=mark_ticks,
        mark_value_quantums=mark_ticks * instrument.tick_value_quantums,
        index_price_e8=index_e8,
        index_value_quantums=value,
        parent_index_value_quantums=value if before is None else before.index_value_quantums,
        basis_average_e9=average,
        last_price_ticks=last_ticks,
        updated_ms=price.updated_ms,
    )
