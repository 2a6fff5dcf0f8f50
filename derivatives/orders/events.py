"""What happened to orders."""

from chain.kit import U8, U63, record

WHY_ASKED = "asked"
WHY_EXPIRED = "expired"
WHY_SELF_TRADE = "self_trade"
WHY_REDUCED = "nothing_to_reduce"
WHY_BAND = "band"
WHY_FILLS = "fills_limit"
WHY_IMMEDIATE = "immediate"
WHY_PASSED_OVER = "passed_over"
WHY_DEAD_MAN = "dead_man"
WHY_LIQUIDATION = "liquidation"


@record
class OrderPlaced:
    """An order, or a trigger, was taken in; what it met and what rests follows."""

    order_id: U63
    account_holder: str
    instrument: str
    side: U8
    price_ticks: int
    size_lots: int
    time_in_force: U8
    post_only: bool
    reduce_only: bool
    client_id: str
    trigger_ticks: int


@record
class OrderRested:
    """So many lots of an order wait in the book from here on."""

    order_id: U63
    account_holder: str
    instrument: str
    side: U8
    price_ticks: int
    remaining_lots: int


@record
class OrderFilled:
    """A resting order met another one; `remaining_lots` of it still rest."""

    order_id: U63
    taker_order_id: U63
    instrument: str
    side: U8
    price_ticks: int
    size_lots: int
    remaining_lots: int


@record
class OrderCancelled:
    """What was left of an order is no more, and why: a word of `events`, or a reason's slug."""

    order_id: U63
    account_holder: str
    instrument: str
    side: U8
    price_ticks: int
    remaining_lots: int
    why: str


@record
class OrderAmended:
    """A resting order changed; it kept its place in time only if it merely shrank."""

    order_id: U63
    price_ticks: int
    remaining_lots: int
    is_priority_kept: bool


@record
class TriggerHit:
    """The mark reached a stop or take-profit: it becomes an order in its turn."""

    order_id: U63
    instrument: str
    mark_price_ticks: int


@record
class DeadManSet:
    """All orders of an account end at this time unless it is moved; zero turned it off."""

    account_holder: str
    deadline_ms: int


@record
class AuctionUncrossed:
    """An auction filled what it could at one price; zero lots where nothing met."""

    instrument: str
    price_ticks: int
    size_lots: int
    fills_count: int


@record
class BundleFilled:
    """All legs of a bundle filled whole; their orders have numbers from `first_order_id` on.

    `net_quantums` is what was bought less what was sold, without fees.
    """

    account_holder: str
    first_order_id: U63
    legs_count: int
    net_quantums: int


EVENTS = {
    1: OrderPlaced,
    2: OrderRested,
    3: OrderFilled,
    4: OrderCancelled,
    5: OrderAmended,
    6: TriggerHit,
    7: DeadManSet,
    8: AuctionUncrossed,
    9: BundleFilled,
}
