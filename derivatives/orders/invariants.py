"""What is always true of the book."""

from typing import cast

from chain.kit import View, each, hold, replace
from derivatives.instruments.state import (
    INSTRUMENTS,
    TRADING,
    TRADING_EXPIRED,
    TRADING_OPEN,
    TRADING_REDUCE_ONLY,
)
from derivatives.instruments.terms import trading_state
from derivatives.orders.book import NOTHING_RESTING, find, reducible_lots, trigger_at
from derivatives.orders.depth import best_ask, best_bid
from derivatives.orders.state import (
    BOOK,
    CLIENT_IDS,
    EXPIRIES,
    HITS,
    OPEN_ORDERS,
    ORDERS,
    RESTING,
    SIDE_BUY,
    SIDE_SELL,
    TOPS,
    TRIGGERS,
    Order,
    Resting,
    Top,
    Trigger,
    price_of_rank,
)


def no_book_is_crossed(view: View) -> None:
    """Hold that where orders meet as they come, no bid reaches an ask."""
    for key, trading in view.scan(TRADING):
        if trading.state not in {TRADING_OPEN, TRADING_REDUCE_ONLY}:
            continue
        bid, ask = best_bid(view, str(key)), best_ask(view, str(key))
        if bid is not None and ask is not None:
            hold(bid < ask, f"{key!r}: bid {bid} reaches ask {ask}")


def tops_are_the_first_of_the_book(view: View) -> None:
    """Hold that what is kept as the best order of a side is the first one there."""
    first: dict[tuple[str, int], Top] = {}
    for key, _ in view.scan(BOOK):
        assert isinstance(key, tuple)
        side = str(key[0]), cast("int", key[1])
        first.setdefault(side, Top(cast("int", key[2]), cast("int", key[3])))
    stored = {cast("tuple[str, int]", key): top for key, top in view.scan(TOPS)}
    hold(stored == first, f"tops are {stored}, not {first}")


def every_order_is_listed_once(view: View) -> None:
    """Hold that book, triggers and the accounts' lists are the same orders."""
    open_count: dict[str, int] = {}
    for key, place in each(view, ORDERS):
        assert isinstance(key, tuple)
        account, order_id = str(key[0]), cast("int", key[1])
        open_count[account] = open_count.get(account, 0) + 1
        rested = find(view, account, order_id)
        found: Order | Trigger | None
        found = trigger_at(view, order_id, place) if rested is None else rested.order
        hold(found is not None, f"{order_id} of {account} is listed and nowhere")
        assert found is not None
        hold(found.account_holder == account, f"{order_id} is listed by {account}")
        hold(found.order_id == order_id, f"{order_id} is listed as {found.order_id}")
        if found.client_id:
            named = view.get(CLIENT_IDS, (account, found.client_id))
            hold(named is not None and named.order_id == order_id, f"{found.client_id} is lost")
        if found.good_till_ms:
            expiry = view.get(EXPIRIES, (found.good_till_ms, order_id, account))
            hold(expiry is not None, f"{order_id} never ends")
    rows = sum(1 for _ in each(view, BOOK))
    rows += sum(1 for _ in view.scan(TRIGGERS)) + sum(1 for _ in view.scan(HITS))
    hold(rows == sum(open_count.values()), f"{rows} orders, {sum(open_count.values())} listed")
    counted = {str(key): stored.orders_count for key, stored in each(view, OPEN_ORDERS)}
    hold(counted == open_count, "open orders are miscounted")


def sums_are_those_of_the_orders(view: View) -> None:
    """Hold that what margin reads of resting orders is the sum over them."""
    sums: dict[tuple[str, str], Resting] = {}
    for key, order in each(view, BOOK):
        assert isinstance(key, tuple)
        instrument_id, side, rank = str(key[0]), cast("int", key[1]), cast("int", key[2])
        hold(price_of_rank(side, rank) == order.price_ticks, f"{order.order_id} is misplaced")
        hold(0 < order.remaining_lots <= order.size_lots, f"{order.order_id} has no lots")
        instrument = view.get(INSTRUMENTS, instrument_id)
        assert instrument is not None
        value = order.price_ticks * instrument.tick_value_quantums * order.remaining_lots
        place = (order.account_holder, instrument_id)
        known = sums.get(place, NOTHING_RESTING)
        sums[place] = _with_order(known, side, order, value)
    stored = {cast("tuple[str, str]", key): resting for key, resting in each(view, RESTING)}
    hold(stored == sums, "the sums over resting orders are not those of the orders")


def _with_order(sums: Resting, side: int, order: Order, value_quantums: int) -> Resting:
    name = "buy" if side == SIDE_BUY else "sell"
    changes = {f"{name}_count": 1}
    if order.reduce_only:
        changes[f"reduce_only_{name}_lots"] = order.remaining_lots
    else:
        changes[f"{name}_lots"] = order.remaining_lots
        changes[f"{name}_value_quantums"] = value_quantums
    return replace(sums, **{field: getattr(sums, field) + by for field, by in changes.items()})


def reduce_only_orders_are_backed_by_positions(view: View) -> None:
    """Hold that no more reduce-only lots rest than there are to close.

    What has expired is closed first, and its orders end within their own bound.
    """
    for key, sums in each(view, RESTING):
        assert isinstance(key, tuple)
        account, instrument_id = str(key[0]), str(key[1])
        if trading_state(view, instrument_id) == TRADING_EXPIRED:
            continue
        for side, lots in (
            (SIDE_BUY, sums.reduce_only_buy_lots),
            (SIDE_SELL, sums.reduce_only_sell_lots),
        ):
            room = reducible_lots(view, account, instrument_id, side)
            hold(lots <= room, f"{account} would close {lots} of {room} in {instrument_id}")


INVARIANTS = (
    no_book_is_crossed,
    tops_are_the_first_of_the_book,
    every_order_is_listed_once,
    sums_are_those_of_the_orders,
    reduce_only_orders_are_backed_by_positions,
)
