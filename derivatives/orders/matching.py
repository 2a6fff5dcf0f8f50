"""Let an incoming order meet what rests on the other side: best price first, oldest first.

    the price is the resting order's
    a signer never trades with itself: the resting order goes, or the incoming one if it says so
    a resting order whose account fails the margin test is lost, and matching goes on
    an incoming order whose account fails it is refused, with all that it did
    a price further than the band from the mark trades nothing: an auction opens
    after 200 orders that were filled or lost, the rest is cancelled

Source: docs/specs/orders.md, ORDR-020 to ORDR-033.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, cast

from chain.kit import BlockContext, Context, Refusal, View, address_of
from derivatives.ids import AccountId, InstrumentId
from derivatives.instruments.state import Instrument
from derivatives.instruments.terms import is_within, reach_ticks
from derivatives.instruments.trading import start_auction
from derivatives.margin.account import health_later
from derivatives.margin.gate import fill_refusal
from derivatives.margin.risk import Health
from derivatives.marks.state import MARKS
from derivatives.orders.book import (
    Rested,
    cancel,
    reducible_lots,
    shrink,
    trim_reduce_only,
)
from derivatives.orders.events import (
    WHY_BAND,
    WHY_EXPIRED,
    WHY_FILLS,
    WHY_PASSED_OVER,
    WHY_REDUCED,
    WHY_SELF_TRADE,
    OrderFilled,
)
from derivatives.orders.state import (
    SELF_TRADE_CANCELS_INCOMING,
    SIDE_BUY,
    Order,
    book_rows,
    other_side,
)
from derivatives.trades import reasons as trades_reasons
from derivatives.trades.limits import fit_refusal
from derivatives.trades.novate import novate

FILLS_MAX_COUNT = 200


class Backing(Protocol):
    """The margin test that ends every fill, for either side."""

    def before(self, view: View, account: AccountId) -> Any:
        """Return how an account stands before a fill."""
        ...

    def refusal(self, view: View, account: AccountId, before: Any) -> Refusal | None:
        """Return why an account may not stand as it does after a fill, or None."""
        ...


class SectionFour:
    """The test of the clearing rules: initial margin, or reducing, or helping."""

    def before(self, view: View, account: AccountId) -> Callable[[], Health]:
        """Return what tells how an account stands before a fill."""
        return health_later(view, account)

    def refusal(
        self, view: View, account: AccountId, before: Callable[[], Health]
    ) -> Refusal | None:
        """Return why an account may not stand as it does after a fill, or None."""
        return fill_refusal(view, account, before)


SECTION_FOUR: Backing = SectionFour()


class Undoable(Protocol):
    """State that can take back what was changed since a mark."""

    def mark(self) -> int:
        """Return a place to which `rollback` can return."""
        ...

    def rollback(self, mark: int) -> None:
        """Undo every change made after the mark."""
        ...


@dataclass(slots=True)
class Incoming:
    """An order that is looking for others; `remaining_lots` falls as it finds them.

    What the house closes sets no last price.
    """

    order_id: int
    account: AccountId
    instrument_id: InstrumentId
    instrument: Instrument
    side: int
    limit_ticks: int
    remaining_lots: int
    reduce_only: bool
    self_trade: int
    sets_last: bool = True

    def reaches(self, price_ticks: int) -> bool:
        """Return whether a resting order's price is within this order's limit."""
        if self.side == SIDE_BUY:
            return price_ticks <= self.limit_ticks
        return price_ticks >= self.limit_ticks


class Fill(NamedTuple):
    """Who would trade how much at which price."""

    maker: Rested
    size_lots: int


def owner_of(account: AccountId) -> bytes | str:
    """Return whose account it is: a signer, or itself where no signer owns it."""
    return address_of(account) or account


def take(context: Context | BlockContext, incoming: Incoming, backing: Backing | None) -> str:
    """Fill an order as far as it goes, and return why the rest must not rest, or nothing.

    Without `backing` no margin is asked for: whoever sends such orders judges them itself.
    Refuses: what refuses the incoming order's account.
    """
    state, instrument = context.state, incoming.instrument
    before: Any = None
    side = other_side(incoming.side)
    met_count, passed_over = 0, False
    for priority, order in book_rows(state, incoming.instrument_id, side):
        if not incoming.remaining_lots or not incoming.reaches(order.price_ticks):
            break
        maker = Rested(incoming.instrument_id, side, priority, order)
        if met_count == FILLS_MAX_COUNT:
            return WHY_FILLS
        met_count += 1
        why = why_lost(incoming, order, context.time_ms)
        if why == WHY_SELF_TRADE and incoming.self_trade == SELF_TRADE_CANCELS_INCOMING:
            return why
        if why:
            cancel(context, maker, why)
            continue
        if not is_in_band(state, incoming.instrument_id, instrument, order.price_ticks):
            start_auction(context, incoming.instrument_id)
            return WHY_BAND
        size_lots = min(incoming.remaining_lots, order.remaining_lots)
        if incoming.reduce_only:
            size_lots = min(
                size_lots,
                reducible_lots(state, incoming.account, incoming.instrument_id, incoming.side),
            )
            if not size_lots:
                return WHY_REDUCED
        if backing is not None and before is None:
            before = backing.before(state, incoming.account)
        lost = _meet(context, incoming, Fill(maker, size_lots), backing, before)
        if lost is None:
            if not incoming.remaining_lots:
                break  # before another order is looked for
            continue
        if lost.reason is trades_reasons.OPENING_FORBIDDEN:
            passed_over = True
            continue
        cancel(context, maker, lost.reason.slug)
    return WHY_PASSED_OVER if passed_over and incoming.remaining_lots else ""


def why_lost(incoming: Incoming, order: Order, time_ms: int) -> str:
    """Return why a resting order that is met goes without a trade, or nothing."""
    if order.good_till_ms and order.good_till_ms < time_ms:
        return WHY_EXPIRED
    if owner_of(order.account_holder) == owner_of(incoming.account):
        return WHY_SELF_TRADE
    return ""


def is_in_band(
    view: View, instrument_id: InstrumentId, instrument: Instrument, price_ticks: int
) -> bool:
    """Return whether a price is near enough to the mark to trade continuously."""
    mark = view.get(MARKS, instrument_id)
    assert mark is not None, f"{instrument_id} trades without a mark"
    centre_ticks = mark.mark_price_ticks
    reach = reach_ticks(view, instrument_id, instrument, centre_ticks)
    return is_within(price_ticks, centre_ticks, instrument.band_ppm, reach)


def _meet(
    context: Context | BlockContext,
    incoming: Incoming,
    fill: Fill,
    backing: Backing | None,
    before: Any,
) -> Refusal | None:
    """Fill an incoming order from a resting one, or return why the resting one may not.

    Refuses: what refuses the incoming order's account.
    """
    state, maker = context.state, fill.maker
    account, signed = maker.order.account_holder, fill.size_lots
    if maker.side != SIDE_BUY:
        signed = -signed
    instrument_id, instrument = incoming.instrument_id, incoming.instrument
    refusal = fit_refusal(state, account, instrument_id, instrument, signed)
    if refusal is not None:
        return refusal
    refusal = fit_refusal(state, incoming.account, instrument_id, instrument, -signed)
    if refusal is not None:
        raise refusal
    undoable = cast("Undoable", state)
    mark, told_count = undoable.mark(), len(context.events)
    maker_before = None if backing is None else backing.before(state, account)
    _trade(context, incoming, fill)
    if backing is None:
        return None
    refusal = backing.refusal(state, account, maker_before)
    if refusal is not None:
        undoable.rollback(mark)
        del context.events[told_count:]
        incoming.remaining_lots += fill.size_lots
        return refusal
    refusal = backing.refusal(state, incoming.account, before)
    if refusal is not None:
        raise refusal
    return None


def _trade(context: Context | BlockContext, incoming: Incoming, fill: Fill) -> None:
    """Move lots from a resting order to the incoming one."""
    maker, order = fill.maker, fill.maker.order
    is_buying = incoming.side == SIDE_BUY
    left = shrink(context.state, maker, order.remaining_lots - fill.size_lots)
    incoming.remaining_lots -= fill.size_lots
    novate(
        context,
        incoming.instrument_id,
        incoming.instrument,
        buyer=incoming.account if is_buying else order.account_holder,
        seller=order.account_holder if is_buying else incoming.account,
        size_lots=fill.size_lots,
        price_ticks=order.price_ticks,
        taker="buyer" if is_buying else "seller",
        in_book=incoming.sets_last,
    )
    context.emit(
        OrderFilled(
            order.order_id,
            incoming.order_id,
            incoming.instrument_id,
            maker.side,
            order.price_ticks,
            fill.size_lots,
            left.order.remaining_lots,
        )
    )
    for account in (order.account_holder, incoming.account):
        trim_reduce_only(context, account, incoming.instrument_id)
