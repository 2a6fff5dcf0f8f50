"""Candles of a market.

Source: docs/specs/rpc.md, RPC-121; docs/specs/history.md, HIST-010 to HIST-014.
"""

from typing import Literal

from msgspec import Struct

from node.history.candles import INTERVALS_MS, Candle
from node.rpc import limits
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.trading.given import known_instrument
from node.rpc.methods.values import Limit, NumberText, number_from

END_MS = 2**62
"""After everything."""

Interval = Literal["1m", "5m", "15m", "30m", "1h", "4h", "12h", "1d"]


class CandleShape(Struct, frozen=True):
    """One span of `interval` from `start_ms` on; spans without a trade are left out."""

    start_ms: int
    open_ticks: NumberText
    high_ticks: NumberText
    low_ticks: NumberText
    close_ticks: NumberText
    volume_lots: NumberText
    trades_count: int


class WhichCandles(Parameters, frozen=True):
    """A market, the length of a candle, how many at most, and where an earlier answer stopped."""

    instrument: str
    interval: Interval = "1m"
    limit: Limit = limits.LIST_ITEMS_DEFAULT_COUNT
    cursor: NumberText | None = None


class Candles(Answer, frozen=True):
    """The newest candles, ascending by time, and where to go on towards older ones."""

    instrument: str
    interval: str
    interval_ms: int
    items: list[CandleShape]
    next_cursor: NumberText | None
    height: NumberText
    time_ms: int
    finalized: bool


@method(
    "market_getCandles",
    weight=10,
    refusals=("lookup.instrument_unknown", "node.history_behind"),
)
async def get_candles(call: Call, asked: WhichCandles) -> Candles:
    """Return a market's newest candles, ascending by time; the last one may still grow.

    Made of the trades of book and auctions: what a keeper takes at the mark sets no price.
    """
    services = call.services
    known_instrument(services.state_store.tables, asked.instrument)
    head = services.finality.head
    interval_ms = INTERVALS_MS[asked.interval]
    before_ms = END_MS if asked.cursor is None else number_from(asked.cursor)
    found, has_older = await services.history.candles(
        asked.instrument, interval_ms, before_ms, asked.limit
    )
    return Candles(
        instrument=asked.instrument,
        interval=asked.interval,
        interval_ms=interval_ms,
        items=[_shape_of(candle) for candle in found],
        next_cursor=str(found[0].start_ms) if has_older else None,
        height=str(head.height),
        time_ms=head.time_ms,
        finalized=True,
    )


def _shape_of(candle: Candle) -> CandleShape:
    return CandleShape(
        start_ms=candle.start_ms,
        open_ticks=str(candle.open_ticks),
        high_ticks=str(candle.high_ticks),
        low_ticks=str(candle.low_ticks),
        close_ticks=str(candle.close_ticks),
        volume_lots=str(candle.volume_lots),
        trades_count=candle.trades_count,
    )


METHODS = (get_candles,)
