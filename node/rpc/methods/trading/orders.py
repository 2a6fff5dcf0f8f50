"""What an account has open: resting orders, and stops and take-profits that wait.

Source: docs/specs/rpc.md, RPC-118.
"""

from msgspec import Struct

from chain.kit.holder import text_of_holder
from derivatives.orders.queries import OpenOrder, open_orders
from derivatives.orders.state import SIDE_BUY
from node.naming.choices import TIMES_IN_FORCE
from node.rpc import limits
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import (
    account_given,
    known_account,
    known_instrument,
    page_of,
)
from node.rpc.methods.values import At, Limit, NumberText, height_from
from node.state_store import Head


class OrderShape(Struct, frozen=True):
    """One open order. `state` is resting, or waiting or hit for a stop or take-profit.

    A price of 0 is market, a trigger of null none; `good_till_ms` null is no end.
    """

    order_id: int
    client_id: str | None
    account: str
    instrument: str
    side: str
    price_ticks: NumberText
    size_lots: NumberText
    remaining_lots: NumberText
    time_in_force: str
    reduce_only: bool
    post_only: bool
    good_till_ms: int | None
    trigger_ticks: NumberText | None
    state: str
    height: NumberText


class WhichOrders(Parameters, frozen=True):
    """An account (`nov1...`, `nov1.../N`), one instrument or all, and which page."""

    account: str
    instrument: str | None = None
    limit: Limit = limits.LIST_ITEMS_DEFAULT_COUNT
    cursor: str | None = None
    at: At = "finalized"


class Orders(Answer, frozen=True):
    """Open orders by number, and where to go on."""

    items: list[OrderShape]
    next_cursor: str | None
    height: NumberText
    time_ms: int
    finalized: bool


@method(
    "order_list",
    weight=3,
    refusals=("lookup.account_unknown", "lookup.instrument_unknown", *REFUSALS_AT),
)
async def list_orders(call: Call, asked: WhichOrders) -> Orders:
    """Return an account's open orders, stops and take-profits, the oldest number first."""
    account = account_given(asked.account)

    def look(view: SteadyView, head: Head) -> Orders:
        known_account(view, account)
        if asked.instrument is not None:
            known_instrument(view, asked.instrument)
        found = [
            order
            for order in open_orders(view, account).orders
            if asked.instrument in {None, order.instrument}
        ]
        page, cursor = page_of(found, _name_of, asked.limit, asked.cursor)
        return Orders(
            items=[_shape_of(order) for order in page],
            next_cursor=cursor,
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def _name_of(order: OpenOrder) -> str:
    return str(order.order_id)


def _shape_of(order: OpenOrder) -> OrderShape:
    return OrderShape(
        order_id=order.order_id,
        client_id=order.client_id or None,
        account=text_of_holder(order.account_holder),
        instrument=order.instrument,
        side="buy" if order.side == SIDE_BUY else "sell",
        price_ticks=str(order.price_ticks),
        size_lots=str(order.size_lots),
        remaining_lots=str(order.remaining_lots),
        time_in_force=TIMES_IN_FORCE[order.time_in_force],
        reduce_only=order.reduce_only,
        post_only=order.post_only,
        good_till_ms=order.good_till_ms or None,
        trigger_ticks=str(order.trigger_ticks) if order.trigger_ticks else None,
        state=order.state,
        height=str(order.height),
    )


METHODS = (list_orders,)
