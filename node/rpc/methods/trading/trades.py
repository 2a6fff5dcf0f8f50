"""What was traded in a market.

Source: docs/specs/rpc.md, RPC-114.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from chain.codec.canonical import decode
from chain.kit.holder import text_of_holder
from derivatives.trades.events import Traded
from node.history.topics import trades_of
from node.rpc import limits
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.trading.given import known_instrument
from node.rpc.methods.trading.past import listed
from node.rpc.methods.values import Limit, NumberText
from node.services import Services
from node.storage.layout import StoredEvent


class TradeShape(Struct, frozen=True):
    """One trade; `trade_id` counts those of its instrument.

    `taker_side` is buyer or seller, null where neither came to the other. Fees are below zero
    for a rebate.
    """

    trade_id: int
    instrument: str
    price_ticks: NumberText
    size_lots: NumberText
    taker_side: str | None
    buyer: str
    seller: str
    buyer_fee_quantums: str
    seller_fee_quantums: str
    height: NumberText
    time_ms: int


class WhichTrades(Parameters, frozen=True):
    """An instrument, how many trades at most, and where an earlier answer stopped."""

    instrument: str
    limit: Limit = limits.LIST_ITEMS_DEFAULT_COUNT
    cursor: NumberText | None = None


class Trades(Answer, frozen=True):
    """Trades, the newest first, and where to go on towards older ones."""

    items: list[TradeShape]
    next_cursor: NumberText | None
    height: NumberText
    time_ms: int
    finalized: bool


def traded_event(services: Services, stored: StoredEvent) -> Traded | None:
    """Return the trade that a stored event tells of, None for any other event."""
    event_type = services.application.event(stored.module_number, stored.number)
    return decode(Traded, stored.payload) if event_type is Traded else None


def trade_shape(event: Traded, height: int, time_ms: int) -> Mapping[str, Any]:
    """Return what is told of one trade."""
    return {
        "trade_id": event.trade_count,
        "instrument": event.instrument,
        "price_ticks": str(event.price_ticks),
        "size_lots": str(event.size_lots),
        "taker_side": event.taker_side or None,
        "buyer": text_of_holder(event.buyer_holder),
        "seller": text_of_holder(event.seller_holder),
        "buyer_fee_quantums": str(event.buyer_fee_quantums),
        "seller_fee_quantums": str(event.seller_fee_quantums),
        "height": str(height),
        "time_ms": time_ms,
    }


def time_of(services: Services, height: int) -> int:
    """Return the time of a final block."""
    header = services.storage.header(height)
    assert header is not None, "what was told happened in a stored block"
    return header.time_ms


@method(
    "market_getTrades",
    weight=5,
    refusals=("lookup.instrument_unknown", "node.history_behind"),
)
async def get_trades(call: Call, asked: WhichTrades) -> Trades:
    """Return an instrument's trades, the newest first."""
    services = call.services
    known_instrument(services.state_store.tables, asked.instrument)
    head = services.finality.head
    page = await listed(services, trades_of(asked.instrument), asked.limit, asked.cursor)
    items = []
    for stored in page.events:
        event = decode(Traded, stored.payload)
        time_ms = time_of(services, stored.height)
        items.append(TradeShape(**trade_shape(event, stored.height, time_ms)))
    return Trades(
        items=items,
        next_cursor=page.next_cursor,
        height=str(head.height),
        time_ms=head.time_ms,
        finalized=True,
    )


METHODS = (get_trades,)
