"""Take an order in: what must be true of it, then what it meets, then what of it rests.

    market   a limit at the band's edge, immediate or cancel: nobody pays beyond it
    rests    what is left of an order that is good till cancelled, or till a time
    auction  everything rests, and nothing meets until the auction's end

Source: docs/specs/orders.md, ORDR-010 to ORDR-019, ORDR-034 to ORDR-039.
"""

from chain.kit import (
    PPM,
    BlockContext,
    Context,
    Held,
    Refusal,
    View,
    divide_down,
    divide_up,
    require,
)
from derivatives.accounts.state import COMPARTMENTS
from derivatives.ids import AccountId, InstrumentId
from derivatives.instruments.state import (
    KIND_SYNTHETIC,
    SETTLEMENTS,
    TRADING_AUCTION,
    TRADING_EXPIRED,
    TRADING_FROZEN,
    TRADING_HALTED,
    TRADING_REDUCE_ONLY,
    Instrument,
)
from derivatives.instruments.terms import (
    is_option,
    may_gather,
    may_open,
    may_reduce,
    reach_ticks,
    strike_of,
    trading_state,
)
from derivatives.instruments.trading import require_fresh_surface
from derivatives.insurance.reasons import SHORTFALL_OPEN
from derivatives.insurance.state import SHORTFALLS
from derivatives.marks.state import MARKS
from derivatives.orders import reasons
from derivatives.orders.book import (
    Rested,
    open_count,
    reduce_only_lots,
    reducible_lots,
    rest,
    resting_of,
)
from derivatives.orders.depth import best_price
from derivatives.orders.events import WHY_IMMEDIATE, WHY_REDUCED, OrderCancelled, OrderRested
from derivatives.orders.matching import Backing, Incoming, take
from derivatives.orders.state import (
    CLIENT_IDS,
    FILL_OR_KILL,
    GOOD_TILL_CANCELLED,
    SIDE_BUY,
    Order,
    other_side,
)
from derivatives.positions.state import POSITIONS
from derivatives.synthetics.reasons import NOT_TRADED

SIDE_VALUE_QUANTUMS_MAX = 2**56
"""Beyond this the products of a margin calculation leave 64 bits."""


class Request(Held, frozen=True, gc=False):
    """An order that wants in; `price_ticks` zero means market.

    `filled_lots` were filled before a change of it; `priority` is its place in time.
    """

    order_id: int
    priority: int
    account: AccountId
    instrument_id: InstrumentId
    instrument: Instrument
    side: int
    price_ticks: int
    size_lots: int
    filled_lots: int
    time_in_force: int
    post_only: bool
    reduce_only: bool
    self_trade: int
    client_id: str
    good_till_ms: int
    placed_ms: int
    placed_height: int


def require_tradable(view: View, request: Request, time_ms: int) -> None:
    """Refuse an order that the market does not take now, whoever sends it.

    Refuses: synthetics.not_traded, orders.settled, .halted, .price_stale, .reduce_only_now,
    insurance.shortfall_open, orders.auction_rests, .expired, .price_too_far, .too_large,
    .nothing_to_reduce, and what `require_fresh_surface` does.
    """
    name = request.instrument_id
    require(request.instrument.kind != KIND_SYNTHETIC, NOT_TRADED, instrument=name)
    state = trading_state(view, name)
    ended = view.get(SETTLEMENTS, name) if state == TRADING_EXPIRED else None
    if ended is not None:
        raise Refusal(reasons.SETTLED, instrument=name, price_ticks=ended.price_ticks)
    halted = state in {0, TRADING_HALTED, TRADING_FROZEN}
    require(not halted, reasons.HALTED, instrument=name)
    if request.reduce_only:
        require(may_reduce(view, name), reasons.PRICE_STALE, instrument=name)
    else:
        if is_option(request.instrument):
            require_fresh_surface(view, name, request.instrument, time_ms)
        require(state != TRADING_REDUCE_ONLY, reasons.REDUCE_ONLY_NOW, instrument=name)
        _require_no_shortfall(view, request.instrument.compartment)
        may_enter = may_open(view, name) or may_gather(view, name)
        require(may_enter, reasons.PRICE_STALE, instrument=name)
    if state == TRADING_AUCTION:
        may_rest = request.time_in_force == GOOD_TILL_CANCELLED and request.price_ticks > 0
        require(may_rest, reasons.AUCTION_RESTS, instrument=name)
    require(
        request.good_till_ms == 0 or time_ms < request.good_till_ms,
        reasons.EXPIRED,
        good_till_ms=request.good_till_ms,
        time_ms=time_ms,
    )
    require_price_near(view, request)
    require_size_fits(view, request)
    if request.reduce_only:
        require_reducible(view, request)


def _require_no_shortfall(view: View, compartment: str) -> None:
    shortfall = view.get(SHORTFALLS, compartment)
    if shortfall is not None:
        raise Refusal(
            SHORTFALL_OPEN, compartment=compartment, debt_quantums=shortfall.debt_quantums
        )


def require_room(view: View, account: AccountId, compartment: str, client_id: str) -> None:
    """Refuse one order more. Refuses: orders.client_id_taken, .orders_too_many."""
    taken = view.get(CLIENT_IDS, (account, client_id)) if client_id else None
    if taken is not None:
        raise Refusal(reasons.CLIENT_ID_TAKEN, client_id=client_id, order_id=taken.order_id)
    terms = view.get(COMPARTMENTS, compartment)
    assert terms is not None
    limit_count = terms.account_orders_max_count
    room = open_count(view, account) < limit_count
    require(room, reasons.ORDERS_TOO_MANY, limit_count=limit_count)


def require_price_near(view: View, request: Request) -> None:
    """Refuse a limit too far from the index. Refuses: orders.price_stale, .price_too_far."""
    mark = view.get(MARKS, request.instrument_id)
    require(mark is not None, reasons.PRICE_STALE, instrument=request.instrument_id)
    assert mark is not None
    if request.price_ticks == 0:
        return
    instrument = request.instrument
    index_e8 = mark.index_price_e8
    tick_e8 = instrument.tick_size_e8
    distance_ppm = instrument.limit_distance_ppm
    reach_e8 = index_e8
    if is_option(instrument):
        reach_e8 = strike_of(view, request.instrument_id) * tick_e8
    off_e8 = abs(request.price_ticks * tick_e8 - index_e8)
    if off_e8 * PPM > distance_ppm * reach_e8:
        far = distance_ppm * reach_e8
        raise Refusal(
            reasons.PRICE_TOO_FAR,
            price_ticks=request.price_ticks,
            lowest_ticks=max(1, divide_up(index_e8 * PPM - far, PPM * tick_e8)),
            highest_ticks=divide_down(index_e8 * PPM + far, PPM * tick_e8),
        )


def require_size_fits(view: View, request: Request) -> None:
    """Refuse a size that arithmetic has no room for. Refuses: orders.too_large."""
    mark = view.get(MARKS, request.instrument_id)
    assert mark is not None
    limit_value = request.price_ticks * request.instrument.tick_value_quantums
    lot_quantums = max(1, limit_value, mark.index_value_quantums, mark.mark_value_quantums)
    sums = resting_of(view, request.account, request.instrument_id)
    bought = request.side == SIDE_BUY
    resting_lots = sums.buy_lots if bought else sums.sell_lots
    resting_quantums = sums.buy_value_quantums if bought else sums.sell_value_quantums
    value_quantums = request.size_lots * lot_quantums
    fits = (
        resting_lots * lot_quantums + value_quantums <= SIDE_VALUE_QUANTUMS_MAX
        and resting_quantums + value_quantums <= SIDE_VALUE_QUANTUMS_MAX
    )
    if not fits:
        raise Refusal(
            reasons.TOO_LARGE,
            size_lots=resting_lots + request.size_lots,
            limit_lots=divide_down(SIDE_VALUE_QUANTUMS_MAX, lot_quantums),
        )


def require_reducible(view: View, request: Request) -> None:
    """Refuse a reduce-only order that has nothing to reduce. Refuses: .nothing_to_reduce."""
    account, name, side = request.account, request.instrument_id, request.side
    held = view.get(POSITIONS, (account, name))
    resting_lots = reduce_only_lots(view, account, name, side)
    require(
        reducible_lots(view, account, name, side) > resting_lots,
        reasons.NOTHING_TO_REDUCE,
        held_lots=0 if held is None else held.size_lots,
        resting_lots=resting_lots,
    )


def protection_ticks(view: View, request: Request) -> int:
    """Return the worst price at which a market order trades: the edge of the band.

    Rounds: towards the mark.
    """
    mark = view.get(MARKS, request.instrument_id)
    assert mark is not None
    centre_ticks, instrument = mark.mark_price_ticks, request.instrument
    reach = reach_ticks(view, request.instrument_id, instrument, centre_ticks)
    if request.side == SIDE_BUY:
        return divide_down(centre_ticks * PPM + instrument.band_ppm * reach, PPM)
    return max(1, divide_up(centre_ticks * PPM - instrument.band_ppm * reach, PPM))


def incoming_of(view: View, request: Request) -> Incoming:
    """Return an order as it looks for others; a market order goes to the band's edge."""
    return Incoming(
        request.order_id,
        request.account,
        request.instrument_id,
        request.instrument,
        request.side,
        request.price_ticks or protection_ticks(view, request),
        request.size_lots,
        request.reduce_only,
        request.self_trade,
    )


def submit(context: Context | BlockContext, request: Request, backing: Backing | None) -> None:
    """Let an order meet the book, and rest or cancel what is left of it.

    Refuses: orders.post_only_crosses, .not_fillable, and what refuses its account a fill.
    """
    state = context.state
    incoming = incoming_of(state, request)
    context.touch(request.account)
    why = ""
    if trading_state(state, request.instrument_id) != TRADING_AUCTION:
        if request.post_only:
            require_no_crossing(state, incoming)
        else:
            why = take(context, incoming, backing)
    left_lots = incoming.remaining_lots
    if not left_lots:
        return
    if request.time_in_force == FILL_OR_KILL:
        raise Refusal(
            reasons.NOT_FILLABLE,
            size_lots=request.size_lots,
            fillable_lots=request.size_lots - left_lots,
        )
    if request.time_in_force != GOOD_TILL_CANCELLED or not request.price_ticks:
        why = why or WHY_IMMEDIATE
    if request.reduce_only and not why:
        account, name, side = request.account, request.instrument_id, request.side
        room_lots = reducible_lots(state, account, name, side)
        room_lots -= reduce_only_lots(state, account, name, side)
        left_lots = min(left_lots, room_lots)
        why = "" if left_lots > 0 else WHY_REDUCED
    if why:
        tell_cancelled(context, request, incoming.remaining_lots, why)
    else:
        put_to_rest(context, request, left_lots, incoming)


def require_no_crossing(view: View, incoming: Incoming) -> None:
    """Refuse an order that would trade at once. Refuses: orders.post_only_crosses."""
    best_ticks = best_price(view, incoming.instrument_id, other_side(incoming.side))
    if best_ticks is not None and incoming.reaches(best_ticks):
        raise Refusal(
            reasons.POST_ONLY_CROSSES,
            price_ticks=incoming.limit_ticks,
            best_price_ticks=best_ticks,
        )


def put_to_rest(
    context: Context | BlockContext, request: Request, left_lots: int, incoming: Incoming
) -> None:
    """Put what is left of an order into the book."""
    filled_lots = request.filled_lots + request.size_lots - incoming.remaining_lots
    order = Order(
        order_id=request.order_id,
        account_holder=request.account,
        price_ticks=request.price_ticks,
        size_lots=filled_lots + left_lots,
        remaining_lots=left_lots,
        reduce_only=request.reduce_only,
        post_only=request.post_only,
        self_trade=request.self_trade,
        client_id=request.client_id,
        good_till_ms=request.good_till_ms,
        placed_ms=request.placed_ms,
        placed_height=request.placed_height,
        changed_ms=context.time_ms,
        changed_height=context.height,
    )
    rest(context.state, Rested(request.instrument_id, request.side, request.priority, order))
    context.emit(
        OrderRested(
            request.order_id,
            request.account,
            request.instrument_id,
            request.side,
            request.price_ticks,
            left_lots,
        )
    )


def tell_cancelled(
    context: Context | BlockContext, request: Request, remaining_lots: int, why: str
) -> None:
    """Tell that what was left of an order never rests."""
    context.emit(
        OrderCancelled(
            request.order_id,
            request.account,
            request.instrument_id,
            request.side,
            request.price_ticks,
            remaining_lots,
            why,
        )
    )


def ticks_of_exact_price(instrument: Instrument, price_e8: int) -> int:
    """Return a price in ticks. Refuses: orders.off_tick, with the nearest there are."""
    tick_e8 = instrument.tick_size_e8
    ticks = divide_down(price_e8, tick_e8)
    below_e8 = ticks * tick_e8
    require(
        price_e8 == below_e8,
        reasons.OFF_TICK,
        price_e8=price_e8,
        below_e8=below_e8,
        above_e8=below_e8 + tick_e8,
    )
    return ticks


def lots_of_exact_size(instrument: Instrument, size_e8: int) -> int:
    """Return a size in lots. Refuses: orders.off_lot, with the nearest there are."""
    lot_e8 = instrument.lot_size_e8
    lots = divide_down(size_e8, lot_e8)
    below_e8 = lots * lot_e8
    require(
        size_e8 == below_e8,
        reasons.OFF_LOT,
        size_e8=size_e8,
        below_e8=below_e8,
        above_e8=below_e8 + lot_e8,
    )
    return lots
