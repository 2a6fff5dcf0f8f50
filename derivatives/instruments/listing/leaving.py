"""Step 2 of a block: what is settled and held by nobody leaves, a little in each block.

With the last instrument of a date its feed and families leave too, and its settlement price
stays in `deliveries`.  What was true of it is proven by the blocks of its time.

Bounded by 16 instruments a block; what is left comes first in the next.

Source: docs/specs/listing.md, LIST-030 to LIST-033.
"""

from chain.kit import AnyTable, BlockContext, View
from derivatives.ids import FeedId, InstrumentId
from derivatives.instruments.events import SeriesLeft
from derivatives.instruments.listing.entering import OF_FAMILY
from derivatives.instruments.state import (
    CHAINS,
    DELIVERIES,
    EXPIRIES,
    INSTRUMENTS,
    LISTING_RULES,
    SETTLEMENTS,
    STRIKES,
    TRADING,
    Delivery,
    Settlement,
)
from derivatives.marks.state import MARKS
from derivatives.oracle.state import FEEDS, PRICES
from derivatives.orders.state import HITS, ORDERS, SIDE_BUY, SIDE_SELL, TOPS, TRIGGERS
from derivatives.positions.state import OPEN_INTEREST
from derivatives.trades.state import TRADE_COUNTS

LEFT_MAX_COUNT = 16
OF_INSTRUMENT: tuple[AnyTable, ...] = (
    INSTRUMENTS,
    TRADING,
    EXPIRIES,
    SETTLEMENTS,
    STRIKES,
    MARKS,
    TRADE_COUNTS,
)
OF_FEED: tuple[AnyTable, ...] = (FEEDS, PRICES)


def let_go(context: BlockContext) -> None:
    """Take away settled instruments of underlyings with a rule, when their time has come."""
    state, left_count = context.state, LEFT_MAX_COUNT
    for key, settlement in tuple(state.scan(SETTLEMENTS)):
        instrument_id = str(key)
        instrument = state.get(INSTRUMENTS, instrument_id)
        assert instrument is not None, f"{instrument_id} has a window and is not listed"
        rule = state.get(LISTING_RULES, instrument.underlying)
        if not settlement.price_ticks or rule is None or not left_count:
            continue
        is_due = settlement.ends_ms + rule.kept_ms <= context.time_ms
        if is_due and not is_used(state, instrument_id):
            left_count -= 1
            price_e8 = settlement.price_ticks * instrument.tick_size_e8
            _take_away(context, instrument_id, instrument.underlying, settlement, price_e8)


def is_used(view: View, instrument_id: InstrumentId) -> bool:
    """Return whether somebody holds an instrument, or has an order in it."""
    if view.get(OPEN_INTEREST, instrument_id) is not None:
        return True
    if any(view.get(TOPS, (instrument_id, side)) is not None for side in (SIDE_BUY, SIDE_SELL)):
        return True
    if any(True for _ in view.scan(TRIGGERS, (instrument_id,))):
        return True
    hits = (view.get(ORDERS, (one.account_holder, one.order_id)) for _, one in view.scan(HITS))
    return any(place is not None and place.instrument == instrument_id for place in hits)


def _take_away(
    context: BlockContext,
    instrument_id: InstrumentId,
    underlying: FeedId,
    settlement: Settlement,
    price_e8: int,
) -> None:
    state = context.state
    expiry = state.get(EXPIRIES, instrument_id)
    assert expiry is not None, f"{instrument_id} was settled and has no date"
    for table in OF_INSTRUMENT:
        if state.get(table, instrument_id) is not None:
            state.delete(table, instrument_id)
    context.emit(SeriesLeft(instrument_id, expiry.expiry_ms))
    if any(one.forward == expiry.forward for _, one in state.scan(EXPIRIES)):
        return
    place = (underlying, expiry.expiry_ms)
    state.put(DELIVERIES, place, Delivery(price_e8, settlement.ends_ms))
    if state.get(CHAINS, place) is not None:
        state.delete(CHAINS, place)
    _forget_feed(context, expiry.forward)


def _forget_feed(context: BlockContext, feed: FeedId) -> None:
    state = context.state
    for table in OF_FAMILY:
        for key, _ in tuple(state.scan(table)):
            assert isinstance(key, tuple)
            if key[2] == feed:
                state.delete(table, key)
    for table in OF_FEED:
        if state.get(table, feed) is not None:
            state.delete(table, feed)
