"""Step 2 of a block: time makes the settlement price of what is dated, and ends its trading.

    window     the last `window_ms` before the end; a block counts with its underlying's price,
               for the time since its parent, at most a minute, while that feed is normal
    fixed      floor(sum of price x time / time counted), down to the tick, once `coverage_ppm`
               of the window has counted
    too little the end moves by `extension_ms`; after the last time: what has counted, or else
               the last price of the feed
    inside     price = (sum + forward x time left) / (time counted + time left)

Bounded by the number of dated instruments, which listing bounds.

Source: docs/specs/instruments.md, INST-030 to INST-044.
"""

from typing import NamedTuple

from chain.kit import PPM, BlockContext, divide_down, divide_up, replace
from derivatives.ids import InstrumentId
from derivatives.instruments.events import SettlementExtended, SettlementFixed
from derivatives.instruments.state import (
    EXPIRIES,
    INSTRUMENTS,
    SETTLEMENTS,
    TRADING_FROZEN,
    Expiry,
    Settlement,
)
from derivatives.instruments.terms import trading_state
from derivatives.instruments.trading import expire
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import PRICES

STEP_MAX_MS = 60_000
# A price of 10^-8 for a thousandth of a second, in 10^-18 of price and second.
E8_MS_TO_E18 = 10**7


class Span(NamedTuple):
    """The time since the parent, with the price that is told of it; None: nothing counts."""

    from_ms: int
    to_ms: int
    price_e8: int | None


def settle_dated(context: BlockContext) -> None:
    """Count every open window on, and fix the settlement price of what has ended."""
    for key, expiry in tuple(context.state.scan(EXPIRIES)):
        begins_ms = expiry.expiry_ms - expiry.window_ms
        if context.time_ms > begins_ms:
            _count_on(context, str(key), expiry, begins_ms)


def _count_on(
    context: BlockContext, instrument_id: InstrumentId, expiry: Expiry, begins_ms: int
) -> None:
    state = context.state
    before = state.get(SETTLEMENTS, instrument_id) or Settlement(
        expiry.expiry_ms, 0, 0, 0, expiry.window_ms, 0
    )
    instrument = state.get(INSTRUMENTS, instrument_id)
    assert instrument is not None
    if before.price_ticks or trading_state(state, instrument_id) == TRADING_FROZEN:
        return
    feed = state.get(PRICES, instrument.underlying)
    trusted = feed is not None and feed.state == FeedState.NORMAL
    span = Span(
        max(begins_ms, context.parent_time_ms),
        context.time_ms,
        feed.price_e8 if feed is not None and trusted else None,
    )
    after = counted(before, expiry, span)
    if after.ends_ms != before.ends_ms:
        context.emit(SettlementExtended(instrument_id, after.counted_ms, after.ends_ms))
    if after.ends_ms <= context.time_ms:
        last_e8 = 0 if feed is None else feed.price_e8
        fixed = settlement_ticks(after, last_e8, instrument.tick_size_e8)
        after = replace(after, price_ticks=fixed)
        expire(context, instrument_id)
        context.emit(
            SettlementFixed(instrument_id, fixed, after.counted_ms, after.extensions_count)
        )
    state.put(SETTLEMENTS, instrument_id, after)


def counted(settlement: Settlement, expiry: Expiry, span: Span) -> Settlement:
    """Return a window after some time, its end moved where too little of it counted.

    >>> expiry = Expiry("F", 3_000, 2_000, 800_000, 500, 24)
    >>> counted(Settlement(3_000, 0, 0, 0, 2_000, 0), expiry, Span(1_000, 2_500, 7))
    Settlement(ends_ms=3000, extensions_count=0, counted_ms=1500, price_seconds_e18=105000000000, \
left_ms=500, price_ticks=0)
    """
    needed = expiry.coverage_ppm * expiry.window_ms
    left_ms, from_ms, after = STEP_MAX_MS, span.from_ms, settlement
    while True:
        to_ms = min(span.to_ms, after.ends_ms)
        if span.price_e8 is not None and to_ms > from_ms:
            elapsed_ms = min(left_ms, to_ms - from_ms)
            left_ms -= elapsed_ms
            after = replace(
                after,
                counted_ms=after.counted_ms + elapsed_ms,
                price_seconds_e18=after.price_seconds_e18
                + span.price_e8 * elapsed_ms * E8_MS_TO_E18,
            )
        from_ms = max(from_ms, to_ms)
        is_over = after.ends_ms <= span.to_ms
        is_enough = after.counted_ms * PPM >= needed
        if not is_over or is_enough or after.extensions_count == expiry.extensions_max_count:
            break
        after = replace(
            after,
            ends_ms=after.ends_ms + expiry.extension_ms,
            extensions_count=after.extensions_count + 1,
        )
    return replace(after, left_ms=max(0, after.ends_ms - span.to_ms))


def open_quantums(settlement: Settlement, value_quantums: int) -> int:
    """Return the part of a forward's value that is still to come. Rounds: up.

    >>> open_quantums(Settlement(3_000, 0, 1_500, 105_000_000_000, 500, 0), 1_001)
    251
    """
    if settlement.left_ms == 0:
        return 0
    whole_ms = settlement.counted_ms + settlement.left_ms
    return divide_up(value_quantums * settlement.left_ms, whole_ms)


def settlement_ticks(settlement: Settlement, last_e8: int, tick_size_e8: int) -> int:
    """Return the settlement price in ticks, at least 1. Rounds: the mean down, to the tick.

    Where nothing counted it is `last_e8`, the last price there was.
    """
    mean_e8 = last_e8
    if settlement.counted_ms:
        mean_e8 = divide_down(settlement.price_seconds_e18, settlement.counted_ms * E8_MS_TO_E18)
    return max(1, divide_down(mean_e8, tick_size_e8))


def expected_e8(settlement: Settlement, forward_e8: int) -> int:
    """Return what a window will come to if its forward is right. Rounds: down.

    >>> expected_e8(Settlement(3_000, 0, 1_500, 105_000_000_000, 500, 0), 11)
    8
    """
    left_ms, whole_ms = settlement.left_ms, settlement.counted_ms + settlement.left_ms
    if whole_ms == 0:
        return forward_e8
    sum_e18 = settlement.price_seconds_e18 + forward_e8 * left_ms * E8_MS_TO_E18
    return divide_down(sum_e18, whole_ms * E8_MS_TO_E18)
