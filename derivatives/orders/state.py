"""The book: every resting order in the order in which they trade, and what waits to join it.

    BOOK       the orders themselves, best price first, then the oldest; TOPS says the first
    ORDERS     where each account's orders are: in the book or among the triggers
    RESTING    sums over an account's resting orders, kept for margin
    EXPIRIES   what ends when, and DEAD_MEN which accounts' orders end when nobody is heard

Source: docs/specs/orders.md, ORDR-001 to ORDR-009.
"""

from collections.abc import Iterator
from typing import cast

from chain.kit import U8, U63, Table, View, integer_key, record, text_key
from derivatives.ids import ACCOUNT, COMPARTMENT, INSTRUMENT, InstrumentId

SIDE_BUY = 1
SIDE_SELL = 2
SIDES = (SIDE_BUY, SIDE_SELL)

SELF_TRADE_CANCELS_RESTING = 0
SELF_TRADE_CANCELS_INCOMING = 1

GOOD_TILL_CANCELLED = 1
IMMEDIATE_OR_CANCEL = 2
FILL_OR_KILL = 3

TRIGGER_STOP = 1
TRIGGER_TAKE_PROFIT = 2

STAGE_BOOK = 1
STAGE_TRIGGER = 2
STAGE_HIT = 3

WHEN_AT_OR_ABOVE = 1
WHEN_AT_OR_BELOW = 2

CLIENT_ID_BYTES_MAX = 36
RANK_MAX = 2**63 - 1


@record
class Order:
    """One order that rests in the book; a filled or cancelled one is deleted.

    Instrument, side and price rank are in its key.  `changed_*` move when its owner changes
    price or size, since only aged orders count for marks; a fill leaves them.
    `good_till_ms` is zero for one that rests until it is cancelled.
    """

    order_id: U63
    account_holder: str
    price_ticks: int
    size_lots: int
    remaining_lots: int
    reduce_only: bool
    post_only: bool
    self_trade: U8
    client_id: str
    good_till_ms: int
    placed_ms: int
    placed_height: int
    changed_ms: int
    changed_height: int


@record
class Top:
    """The best and oldest order of one side of a book: the rest of its key; none, no row.

    Kept so that finding it never walks over what this block has taken away.
    """

    rank: U63
    priority: U63


@record
class Place:
    """Where an account's order is, and the rest of its key there.

    `stage` is 1 in the book, 2 a trigger that waits for the mark, 3 one that was hit and
    waits for its turn.  `line` is the side, or of a trigger the direction; `rank` that of
    the price, or the height of the hit.  `priority` is the order's number, or a later one
    where a change lost it its time.
    """

    stage: U8
    instrument: str
    line: U8
    rank: U63
    priority: U63


@record
class ClientId:
    """The open order that an account calls by a name of its own."""

    order_id: U63


@record
class OpenOrders:
    """How many orders and triggers an account has open; deleted at none."""

    orders_count: int


@record
class Resting:
    """Sums over one account's resting orders in one instrument; deleted when there are none.

    `buy_*` and `sell_*` lots and values leave reduce-only orders out, whose lots stand alone
    and are never more than the position that they can reduce.  A value is the sum of
    lots x limit price x tick value.  Counts are of all orders of a side.
    """

    buy_lots: int
    sell_lots: int
    buy_value_quantums: int
    sell_value_quantums: int
    buy_count: int
    sell_count: int
    reduce_only_buy_lots: int
    reduce_only_sell_lots: int


@record
class Trigger:
    """A stop or take-profit: an order that waits for the mark, or for its turn after it.

    `price_ticks` zero means market.
    """

    order_id: U63
    account_holder: str
    side: U8
    trigger_kind: U8
    trigger_ticks: int
    price_ticks: int
    size_lots: int
    time_in_force: U8
    reduce_only: bool
    self_trade: U8
    client_id: str
    good_till_ms: int
    placed_ms: int
    placed_height: int


@record
class Expiry:
    """Whose order ends at this time."""

    account_holder: str


@record
class DeadMan:
    """When all orders of an account end unless it is heard of before."""

    deadline_ms: int


@record
class Due:
    """An account whose dead-man time is at its key's time."""

    deadline_ms: int


@record
class OrderCounter:
    """The last order number that was given out in a compartment."""

    last_order_id: U63


ORDER_ID = integer_key("order_id", 64)

BOOK = Table(
    1,
    "book",
    key=(
        INSTRUMENT,
        integer_key("side", 8),
        integer_key("rank", 64),
        integer_key("priority", 64),
    ),
    value=Order,
    ordered=True,
)
ORDERS = Table(2, "orders", key=(ACCOUNT, ORDER_ID), value=Place, ordered=True)
CLIENT_IDS = Table(
    3, "client_ids", key=(ACCOUNT, text_key("client_id", CLIENT_ID_BYTES_MAX)), value=ClientId
)
OPEN_ORDERS = Table(4, "open_orders", key=(ACCOUNT,), value=OpenOrders)
RESTING = Table(5, "resting", key=(ACCOUNT, INSTRUMENT), value=Resting, ordered=True)
TRIGGERS = Table(
    6,
    "triggers",
    key=(
        INSTRUMENT,
        integer_key("direction", 8),
        integer_key("rank", 64),
        ORDER_ID,
    ),
    value=Trigger,
    ordered=True,
)
HITS = Table(
    7, "trigger_hits", key=(integer_key("hit_height", 64), ORDER_ID), value=Trigger, ordered=True
)
EXPIRIES = Table(
    8,
    "order_expiries",
    key=(integer_key("good_till_ms", 64), ORDER_ID, ACCOUNT),
    value=Expiry,
    ordered=True,
)
DEAD_MEN = Table(9, "dead_men", key=(ACCOUNT,), value=DeadMan)
DEAD_MEN_DUE = Table(
    10, "dead_men_due", key=(integer_key("deadline_ms", 64), ACCOUNT), value=Due, ordered=True
)
TOPS = Table(12, "book_tops", key=(INSTRUMENT, integer_key("side", 8)), value=Top)
ORDER_COUNTERS = Table(11, "order_counters", key=(COMPARTMENT,), value=OrderCounter)


def other_side(side: int) -> int:
    """Return the side that this one trades with."""
    return SIDE_SELL if side == SIDE_BUY else SIDE_BUY


def rank_of(side: int, price_ticks: int) -> int:
    """Return the place of a price among those of its side: the better, the lower."""
    return RANK_MAX - price_ticks if side == SIDE_BUY else price_ticks


def price_of_rank(side: int, rank: int) -> int:
    """Return the price that has this rank on its side."""
    return RANK_MAX - rank if side == SIDE_BUY else rank


def book_rows(view: View, instrument_id: InstrumentId, side: int) -> Iterator[tuple[int, Order]]:
    """Return each order of one side with its priority, the best and oldest first."""
    top = view.get(TOPS, (instrument_id, side))
    if top is None:
        return
    before_top = (instrument_id, side, top.rank, top.priority - 1)
    for key, order in view.scan(BOOK, (instrument_id, side), after=before_top):
        assert isinstance(key, tuple)
        yield cast("int", key[3]), order


def resting(
    view: View, instrument_id: InstrumentId, side: int
) -> Iterator[tuple[int, int, int, int]]:
    """Return price, lots left, and time and height of the last change: best and oldest first."""
    for _, order in book_rows(view, instrument_id, side):
        yield order.price_ticks, order.remaining_lots, order.changed_ms, order.changed_height
