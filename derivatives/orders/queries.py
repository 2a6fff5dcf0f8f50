"""What can be asked of the book that is not simply stored."""

from typing import cast

from chain.kit import U8, U63, Query, View, integer_key, record
from derivatives.ids import ACCOUNT, INSTRUMENT
from derivatives.orders.book import find, trigger_at
from derivatives.orders.depth import levels
from derivatives.orders.state import (
    GOOD_TILL_CANCELLED,
    ORDER_ID,
    ORDERS,
    SIDE_BUY,
    SIDE_SELL,
    Place,
)

DEPTH_MAX_COUNT = 200
STAGE_NAMES = ("", "resting", "waiting", "hit")


@record
class OpenOrder:
    """An open order or trigger of an account; `height` is when it was placed."""

    order_id: U63
    client_id: str
    account_holder: str
    instrument: str
    side: U8
    price_ticks: int
    size_lots: int
    remaining_lots: int
    time_in_force: U8
    reduce_only: bool
    post_only: bool
    good_till_ms: int
    trigger_ticks: int
    state: str
    height: int


@record
class OpenOrderList:
    """The open orders of an account, by number."""

    orders: tuple[OpenOrder, ...]


@record
class BookLevel:
    """What rests at one price."""

    price_ticks: int
    size_lots: int


@record
class BookDepth:
    """The best prices of both sides, best first."""

    instrument: str
    bids: tuple[BookLevel, ...]
    asks: tuple[BookLevel, ...]


def open_orders(view: View, account_holder: str) -> OpenOrderList:
    """Return what an account has open."""
    found = []
    for key, place in view.scan(ORDERS, (account_holder,)):
        assert isinstance(key, tuple)
        found.append(_open_order(view, account_holder, cast("int", key[1]), place))
    return OpenOrderList(tuple(found))


def open_order(view: View, account_holder: str, order_id: int) -> OpenOrder | None:
    """Return one open order of an account, if it has it."""
    place = view.get(ORDERS, (account_holder, order_id))
    return None if place is None else _open_order(view, account_holder, order_id, place)


def book_depth(view: View, instrument: str, depth_count: int) -> BookDepth:
    """Return the best prices of an instrument's book, at most so many a side."""
    limit_count = min(depth_count, DEPTH_MAX_COUNT)
    bids, asks = (
        tuple(BookLevel(*level) for level in levels(view, instrument, side, limit_count))
        for side in (SIDE_BUY, SIDE_SELL)
    )
    return BookDepth(instrument, bids, asks)


def _open_order(view: View, account: str, order_id: int, place: Place) -> OpenOrder:
    rested = find(view, account, order_id)
    if rested is not None:
        order = rested.order
        return OpenOrder(
            order_id,
            order.client_id,
            account,
            place.instrument,
            rested.side,
            order.price_ticks,
            order.size_lots,
            order.remaining_lots,
            GOOD_TILL_CANCELLED,
            order.reduce_only,
            order.post_only,
            order.good_till_ms,
            0,
            STAGE_NAMES[place.stage],
            order.placed_height,
        )
    trigger = trigger_at(view, order_id, place)
    assert trigger is not None
    return OpenOrder(
        order_id=order_id,
        client_id=trigger.client_id,
        account_holder=account,
        instrument=place.instrument,
        side=trigger.side,
        price_ticks=trigger.price_ticks,
        size_lots=trigger.size_lots,
        remaining_lots=trigger.size_lots,
        time_in_force=trigger.time_in_force,
        reduce_only=trigger.reduce_only,
        post_only=False,
        good_till_ms=trigger.good_till_ms,
        trigger_ticks=trigger.trigger_ticks,
        state=STAGE_NAMES[place.stage],
        height=trigger.placed_height,
    )


QUERIES = (
    Query("open_orders", open_orders, {"account_holder": ACCOUNT}),
    Query("open_order", open_order, {"account_holder": ACCOUNT, "order_id": ORDER_ID}),
    Query(
        "book_depth",
        book_depth,
        {"instrument": INSTRUMENT, "depth_count": integer_key("depth_count", 16)},
    ),
)
