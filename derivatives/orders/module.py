"""The orders module's table of contents."""

from chain.kit import Module
from derivatives.orders.bundles.transactions import Bundle
from derivatives.orders.events import EVENTS
from derivatives.orders.hooks import end_auctions, end_orders, trigger_orders
from derivatives.orders.invariants import INVARIANTS
from derivatives.orders.queries import QUERIES
from derivatives.orders.reasons import REASONS
from derivatives.orders.state import (
    BOOK,
    CLIENT_IDS,
    DEAD_MEN,
    DEAD_MEN_DUE,
    EXPIRIES,
    HITS,
    OPEN_ORDERS,
    ORDER_COUNTERS,
    ORDERS,
    RESTING,
    TOPS,
    TRIGGERS,
)
from derivatives.orders.transactions import Amend, Cancel, CancelAll, Place, SetDeadMan, is_taken_in

MODULE = Module(
    id=31,
    name="orders",
    tables=(
        BOOK,
        ORDERS,
        CLIENT_IDS,
        OPEN_ORDERS,
        RESTING,
        TRIGGERS,
        HITS,
        EXPIRIES,
        DEAD_MEN,
        DEAD_MEN_DUE,
        ORDER_COUNTERS,
        TOPS,
    ),
    transactions={1: Place, 2: Amend, 3: Cancel, 4: CancelAll, 5: SetDeadMan, 6: Bundle},
    end_block=(end_orders, trigger_orders, end_auctions),
    queries=QUERIES,
    events=EVENTS,
    reasons=REASONS,
    invariants=INVARIANTS,
    quick={Place: is_taken_in},
)
