"""Put orders into the book, shrink them, take them out: every row of an order in one place.

    rest      BOOK + the account's index + its client id + its expiry + the sums for margin
    shrink    fewer lots, the same place in time
    withdraw  all of it undone

Source: docs/specs/orders.md, ORDR-001 to ORDR-009.
"""

from collections.abc import Iterator
from typing import NamedTuple, cast

from chain.kit import BlockContext, Context, State, View, replace
from derivatives.ids import AccountId, CompartmentId, InstrumentId
from derivatives.instruments.state import INSTRUMENTS
from derivatives.orders.events import WHY_REDUCED, OrderCancelled
from derivatives.orders.state import (
    BOOK,
    CLIENT_IDS,
    EXPIRIES,
    HITS,
    OPEN_ORDERS,
    ORDER_COUNTERS,
    ORDERS,
    RESTING,
    SIDE_BUY,
    SIDES,
    STAGE_BOOK,
    STAGE_TRIGGER,
    TOPS,
    TRIGGERS,
    ClientId,
    Expiry,
    OpenOrders,
    Order,
    OrderCounter,
    Place,
    Resting,
    Top,
    Trigger,
    rank_of,
)
from derivatives.positions.state import POSITIONS

NOTHING_RESTING = Resting(0, 0, 0, 0, 0, 0, 0, 0)


class Rested(NamedTuple):
    """An order with its place in the book."""

    instrument_id: InstrumentId
    side: int
    priority: int
    order: Order

    @property
    def key(self) -> tuple[str, int, int, int]:
        """Return the order's key in BOOK."""
        rank = rank_of(self.side, self.order.price_ticks)
        return self.instrument_id, self.side, rank, self.priority


def next_order_id(state: State, compartment: CompartmentId) -> int:
    """Return the running number of the compartment's next order, and count it."""
    counter = state.get(ORDER_COUNTERS, compartment)
    order_id = 1 if counter is None else counter.last_order_id + 1
    state.put(ORDER_COUNTERS, compartment, OrderCounter(order_id))
    return order_id


def open_count(view: View, account: AccountId) -> int:
    """Return how many orders and triggers an account has open."""
    stored = view.get(OPEN_ORDERS, account)
    return 0 if stored is None else stored.orders_count


def resting_of(view: View, account: AccountId, instrument_id: InstrumentId) -> Resting:
    """Return the sums over an account's resting orders in an instrument."""
    return view.get(RESTING, (account, instrument_id)) or NOTHING_RESTING


def find(view: View, account: AccountId, order_id: int) -> Rested | None:
    """Return an account's order in the book, None for a trigger or no order of its own."""
    place = view.get(ORDERS, (account, order_id))
    if place is None or place.stage != STAGE_BOOK:
        return None
    order = view.get(BOOK, (place.instrument, place.line, place.rank, place.priority))
    assert order is not None, f"{order_id} is listed and not in the book"
    return Rested(place.instrument, place.line, place.priority, order)


class Listed(NamedTuple):
    """What is kept of an order or trigger besides itself."""

    account: AccountId
    order_id: int
    client_id: str
    good_till_ms: int


def listed(order: Order | Trigger) -> Listed:
    """Return what is kept of an order or trigger besides itself."""
    return Listed(order.account_holder, order.order_id, order.client_id, order.good_till_ms)


def enlist(state: State, kept: Listed, place: Place) -> None:
    """Make an order or trigger known as one of its account's, until `delist`."""
    account = kept.account
    state.put(ORDERS, (account, kept.order_id), place)
    state.put(OPEN_ORDERS, account, OpenOrders(open_count(state, account) + 1))
    if kept.client_id:
        state.put(CLIENT_IDS, (account, kept.client_id), ClientId(kept.order_id))
    if kept.good_till_ms:
        state.put(EXPIRIES, (kept.good_till_ms, kept.order_id, account), Expiry(account))


def delist(state: State, kept: Listed) -> None:
    """Make an order or trigger unknown."""
    account = kept.account
    state.delete(ORDERS, (account, kept.order_id))
    left_count = open_count(state, account) - 1
    if left_count:
        state.put(OPEN_ORDERS, account, OpenOrders(left_count))
    else:
        state.delete(OPEN_ORDERS, account)
    if kept.client_id:
        state.delete(CLIENT_IDS, (account, kept.client_id))
    if kept.good_till_ms:
        state.delete(EXPIRIES, (kept.good_till_ms, kept.order_id, account))


def rest(state: State, rested: Rested) -> None:
    """Put an order into the book."""
    order = rested.order
    state.put(BOOK, rested.key, order)
    instrument_id, side, rank, priority = rested.key
    top = state.get(TOPS, (instrument_id, side))
    if top is None or (rank, priority) < (top.rank, top.priority):
        state.put(TOPS, (instrument_id, side), Top(rank, priority))
    place = Place(STAGE_BOOK, instrument_id, side, rank, priority)
    enlist(state, listed(order), place)
    _move_sums(state, rested, order.remaining_lots, 1)


def shrink(state: State, rested: Rested, remaining_lots: int) -> Rested:
    """Leave fewer lots of an order in its place, and return it; none: take it out."""
    order = rested.order
    assert 0 <= remaining_lots < order.remaining_lots
    left = rested._replace(order=replace(order, remaining_lots=remaining_lots))
    if remaining_lots == 0:
        withdraw(state, rested)
        return left
    state.put(BOOK, rested.key, left.order)
    _move_sums(state, rested, remaining_lots - order.remaining_lots, 0)
    return left


def withdraw(state: State, rested: Rested) -> None:
    """Take an order out of the book, with everything that was kept for it."""
    order = rested.order
    state.delete(BOOK, rested.key)
    _move_top(state, rested)
    delist(state, listed(order))
    _move_sums(state, rested, -order.remaining_lots, -1)


def _move_top(state: State, gone: Rested) -> None:
    """Let the next order of a side be its top where the one that is gone was."""
    instrument_id, side, rank, priority = gone.key
    if state.get(TOPS, (instrument_id, side)) != Top(rank, priority):
        return
    for key, _ in state.scan(BOOK, (instrument_id, side), after=gone.key):
        assert isinstance(key, tuple)
        following = Top(cast("int", key[2]), cast("int", key[3]))
        state.put(TOPS, (instrument_id, side), following)
        return
    state.delete(TOPS, (instrument_id, side))


def cancel(context: Context | BlockContext, rested: Rested, why: str) -> None:
    """Take an order out of the book, and tell why."""
    order = rested.order
    withdraw(context.state, rested)
    context.touch(order.account_holder)
    context.emit(
        OrderCancelled(
            order.order_id,
            order.account_holder,
            rested.instrument_id,
            rested.side,
            order.price_ticks,
            order.remaining_lots,
            why,
        )
    )


def trigger_at(view: View, order_id: int, place: Place) -> Trigger | None:
    """Return the trigger that waits at a place."""
    if place.stage == STAGE_TRIGGER:
        return view.get(TRIGGERS, (place.instrument, place.line, place.rank, order_id))
    return view.get(HITS, (place.rank, order_id))


def withdraw_trigger(state: State, trigger: Trigger, place: Place) -> None:
    """Take a trigger away, with everything that was kept for it."""
    if place.stage == STAGE_TRIGGER:
        key = (place.instrument, place.line, place.rank, trigger.order_id)
        state.delete(TRIGGERS, key)
    else:
        state.delete(HITS, (place.rank, trigger.order_id))
    delist(state, listed(trigger))


def cancel_listed(
    context: Context | BlockContext, account: AccountId, order_id: int, why: str
) -> bool:
    """Cancel an account's open order or trigger of this number, if it has one."""
    place = context.state.get(ORDERS, (account, order_id))
    if place is None:
        return False
    rested = find(context.state, account, order_id)
    if rested is not None:
        cancel(context, rested, why)
        return True
    trigger = trigger_at(context.state, order_id, place)
    assert trigger is not None, f"{order_id} is listed and does not wait"
    withdraw_trigger(context.state, trigger, place)
    context.touch(account)
    context.emit(
        OrderCancelled(
            order_id,
            account,
            place.instrument,
            trigger.side,
            trigger.price_ticks,
            trigger.size_lots,
            why,
        )
    )
    return True


def cancel_all(
    context: Context | BlockContext, account: AccountId, instrument_id: InstrumentId, why: str
) -> int:
    """Cancel an account's orders and triggers, all or in one instrument; return how many."""
    cancelled_count = 0
    for key, place in tuple(context.state.scan(ORDERS, (account,))):
        if instrument_id in {"", place.instrument}:
            assert isinstance(key, tuple)
            cancelled_count += cancel_listed(context, account, cast("int", key[1]), why)
    return cancelled_count


def reducible_lots(view: View, account: AccountId, instrument_id: InstrumentId, side: int) -> int:
    """Return by how many lots fills on this side can shrink an account's position."""
    held = view.get(POSITIONS, (account, instrument_id))
    held_lots = 0 if held is None else held.size_lots
    return max(0, -held_lots if side == SIDE_BUY else held_lots)


def reduce_only_lots(view: View, account: AccountId, instrument_id: InstrumentId, side: int) -> int:
    """Return how many lots of an account's reduce-only orders rest on a side."""
    sums = resting_of(view, account, instrument_id)
    return sums.reduce_only_buy_lots if side == SIDE_BUY else sums.reduce_only_sell_lots


def trim_reduce_only(
    context: Context | BlockContext, account: AccountId, instrument_id: InstrumentId
) -> None:
    """Cancel reduce-only orders, the newest first, that have no position left to reduce.

    Whoever changes a position calls this, so that what rests is always backed: by margin,
    or by the position that it closes.
    """
    view = context.state
    for side in SIDES:
        resting_lots = reduce_only_lots(view, account, instrument_id, side)
        if not resting_lots:
            continue
        excess_lots = resting_lots - reducible_lots(view, account, instrument_id, side)
        if excess_lots <= 0:
            continue
        for rested in reversed(tuple(orders_of(view, account, instrument_id))):
            if excess_lots > 0 and rested.order.reduce_only and rested.side == side:
                excess_lots -= rested.order.remaining_lots
                cancel(context, rested, WHY_REDUCED)


def orders_of(view: View, account: AccountId, instrument_id: InstrumentId = "") -> Iterator[Rested]:
    """Return an account's orders in the book, by number: all, or those in one instrument."""
    for key, place in view.scan(ORDERS, (account,)):
        if place.stage != STAGE_BOOK or instrument_id not in {"", place.instrument}:
            continue
        assert isinstance(key, tuple)
        rested = find(view, account, cast("int", key[1]))
        assert rested is not None
        yield rested


def _move_sums(state: State, rested: Rested, lots: int, count: int) -> None:
    """Add lots and orders to what rests of an account on one side."""
    order = rested.order
    key = (order.account_holder, rested.instrument_id)
    sums = state.get(RESTING, key) or NOTHING_RESTING
    reducing_lots = lots if order.reduce_only else 0
    lots -= reducing_lots
    instrument = state.get(INSTRUMENTS, rested.instrument_id)
    assert instrument is not None
    value_quantums = lots * order.price_ticks * instrument.tick_value_quantums
    if rested.side == SIDE_BUY:
        moved = replace(
            sums,
            buy_lots=sums.buy_lots + lots,
            buy_value_quantums=sums.buy_value_quantums + value_quantums,
            buy_count=sums.buy_count + count,
            reduce_only_buy_lots=sums.reduce_only_buy_lots + reducing_lots,
        )
    else:
        moved = replace(
            sums,
            sell_lots=sums.sell_lots + lots,
            sell_value_quantums=sums.sell_value_quantums + value_quantums,
            sell_count=sums.sell_count + count,
            reduce_only_sell_lots=sums.reduce_only_sell_lots + reducing_lots,
        )
    if moved.buy_count or moved.sell_count:
        state.put(RESTING, key, moved)
    else:
        state.delete(RESTING, key)
