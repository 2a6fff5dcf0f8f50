"""Call auctions: orders gather without meeting, then one price fills as much as can be filled.

    price    most volume; then least surplus; then, where the surplus of what remains is on
             the buy side, the highest, on the sell side the lowest; else nearest the mark;
             else the lower
    fills    best price first, then oldest, on both sides, all at that one price
    fails    an account that fails the margin test loses the order; the price stands

Source: docs/specs/orders.md, ORDR-060 to ORDR-069.
"""

from typing import Any, NamedTuple, cast

from chain.kit import BlockContext, Refusal, View, replace
from derivatives.ids import InstrumentId
from derivatives.instruments.state import INSTRUMENTS, TRADING, TRADING_AUCTION, Instrument
from derivatives.instruments.trading import change
from derivatives.marks.state import MARKS
from derivatives.orders.book import Rested, cancel, shrink, trim_reduce_only
from derivatives.orders.depth import best_ask, best_bid
from derivatives.orders.events import WHY_EXPIRED, WHY_SELF_TRADE, AuctionUncrossed, OrderFilled
from derivatives.orders.matching import Backing, Undoable, owner_of
from derivatives.orders.state import (
    SELF_TRADE_CANCELS_INCOMING,
    SIDE_BUY,
    SIDE_SELL,
    Order,
    book_rows,
    resting,
)
from derivatives.trades.limits import fit_refusal
from derivatives.trades.novate import novate

MEETINGS_MAX_COUNT = 2_000
"""In all auctions of a block together."""


class Level(NamedTuple):
    """What is wanted, or offered, at one price."""

    price_ticks: int
    size_lots: int


class Candidate(NamedTuple):
    """A price with what would be bought and sold at it."""

    price_ticks: int
    demand_lots: int
    supply_lots: int

    @property
    def volume_lots(self) -> int:
        """Return how much would trade."""
        return min(self.demand_lots, self.supply_lots)

    @property
    def surplus_lots(self) -> int:
        """Return how much would not, whichever side it is on."""
        return abs(self.demand_lots - self.supply_lots)


def auction_price(
    bids: list[Level], asks: list[Level], mark_price_ticks: int
) -> tuple[int, int] | None:
    """Return the price of an auction and its volume, None where nothing meets.

    `bids` fall and `asks` rise.
    """
    if not bids or not asks or bids[0].price_ticks < asks[0].price_ticks:
        return None
    found = candidates(bids, asks, mark_price_ticks)
    volume_lots = max(candidate.volume_lots for candidate in found)
    found = [c for c in found if c.volume_lots == volume_lots]
    surplus_lots = min(candidate.surplus_lots for candidate in found)
    found = [c for c in found if c.surplus_lots == surplus_lots]
    if all(c.demand_lots > c.supply_lots for c in found):
        return max(c.price_ticks for c in found), volume_lots
    if all(c.demand_lots < c.supply_lots for c in found):
        return min(c.price_ticks for c in found), volume_lots
    nearest = min(found, key=lambda c: (abs(c.price_ticks - mark_price_ticks), c.price_ticks))
    return nearest.price_ticks, volume_lots


def candidates(bids: list[Level], asks: list[Level], mark_price_ticks: int) -> list[Candidate]:
    """Return the prices between best ask and best bid that may win, ascending.

    Demand and supply stay the same over ranges of prices: the best of a range is one of its
    ends, or the mark where that lies inside.
    """
    low, high = asks[0].price_ticks, bids[0].price_ticks
    ends = {mark_price_ticks}
    ends.update(level.price_ticks for level in (*bids, *asks))
    ends.update(level.price_ticks + 1 for level in bids)
    ends.update(level.price_ticks - 1 for level in asks)
    prices = sorted(price_ticks for price_ticks in ends if low <= price_ticks <= high)
    demand_lots = sum(level.size_lots for level in bids)
    rising_bids = list(reversed(bids))
    supply_lots, bid_at, ask_at = 0, 0, 0
    found = []
    for price_ticks in prices:
        while bid_at < len(rising_bids) and rising_bids[bid_at].price_ticks < price_ticks:
            demand_lots -= rising_bids[bid_at].size_lots
            bid_at += 1
        while ask_at < len(asks) and asks[ask_at].price_ticks <= price_ticks:
            supply_lots += asks[ask_at].size_lots
            ask_at += 1
        found.append(Candidate(price_ticks, demand_lots, supply_lots))
    return found


def crossing_levels(view: View, instrument_id: InstrumentId) -> tuple[list[Level], list[Level]]:
    """Return the bids at or above the best ask, falling, and the asks up to the best bid."""
    bid_ticks, ask_ticks = best_bid(view, instrument_id), best_ask(view, instrument_id)
    if bid_ticks is None or ask_ticks is None:
        return [], []
    sides: list[list[Level]] = []
    for side in (SIDE_BUY, SIDE_SELL):
        found: list[Level] = []
        for price_ticks, remaining_lots, _, _ in resting(view, instrument_id, side):
            beyond = price_ticks < ask_ticks if side == SIDE_BUY else price_ticks > bid_ticks
            if beyond:
                break
            if found and found[-1].price_ticks == price_ticks:
                found[-1] = Level(price_ticks, found[-1].size_lots + remaining_lots)
            else:
                found.append(Level(price_ticks, remaining_lots))
        sides.append(found)
    return sides[0], sides[1]


def uncross_all(context: BlockContext, backing: Backing) -> None:
    """End every auction whose time has come, as far as the meetings of a block go.

    Those that have waited longest come first; ties to the lesser instrument.
    """
    due = [
        (trading.auction_until_ms, str(key))
        for key, trading in context.state.scan(TRADING)
        if trading.state == TRADING_AUCTION and 0 < trading.auction_until_ms <= context.time_ms
    ]
    left_count = MEETINGS_MAX_COUNT
    for _, instrument_id in sorted(due):
        left_count -= uncross(context, instrument_id, backing, left_count)


def uncross(
    context: BlockContext, instrument_id: InstrumentId, backing: Backing, most_count: int
) -> int:
    """Fill an auction at its price by so many meetings; return how many there were.

    Where orders still cross, it goes on for a block.
    """
    instrument = context.state.get(INSTRUMENTS, instrument_id)
    mark = context.state.get(MARKS, instrument_id)
    assert instrument is not None
    if mark is None:
        return 0
    met_count = 0
    if not is_crossed(context.state, instrument_id):
        context.emit(AuctionUncrossed(instrument_id, mark.mark_price_ticks, 0, 0))
    elif most_count:
        bids, asks = crossing_levels(context.state, instrument_id)
        priced = auction_price(bids, asks, mark.mark_price_ticks)
        assert priced is not None
        made = allocate(context, Market(instrument_id, instrument, priced[0]), backing, most_count)
        context.emit(AuctionUncrossed(instrument_id, priced[0], made.lots, made.fills_count))
        met_count = made.met_count
    if is_crossed(context.state, instrument_id):
        trading = context.state.get(TRADING, instrument_id)
        assert trading is not None
        longer = replace(trading, auction_until_ms=context.time_ms + 1)
        change(context, instrument_id, longer)
    return met_count


def is_crossed(view: View, instrument_id: InstrumentId) -> bool:
    """Return whether the best bid of a book reaches its best ask."""
    bid_ticks, ask_ticks = best_bid(view, instrument_id), best_ask(view, instrument_id)
    return bid_ticks is not None and ask_ticks is not None and bid_ticks >= ask_ticks


class Market(NamedTuple):
    """What is traded in an auction, on which terms, and its one price."""

    instrument_id: InstrumentId
    instrument: Instrument
    price_ticks: int


class Allocated(NamedTuple):
    """What an auction came to: lots, fills, and meetings, those without a fill among them."""

    lots: int
    fills_count: int
    met_count: int


def allocate(context: BlockContext, market: Market, backing: Backing, most_count: int) -> Allocated:
    """Fill orders at one price until a side has none, or so many have met."""
    instrument_id, instrument, price_ticks = market
    filled_lots = fills_count = met_count = 0
    while met_count < most_count:
        bid = first_in_book(context.state, instrument_id, SIDE_BUY)
        ask = first_in_book(context.state, instrument_id, SIDE_SELL)
        if bid is None or ask is None:
            break
        if bid.order.price_ticks < price_ticks or ask.order.price_ticks > price_ticks:
            break
        met_count += 1
        lost = lost_before(bid, ask, context.time_ms)
        if lost is not None:
            cancel(context, *lost)
            continue
        lots = _meet(context, Pair(instrument, bid, ask, price_ticks), backing)
        filled_lots += lots
        fills_count += lots > 0
    return Allocated(filled_lots, fills_count, met_count)


def first_in_book(view: View, instrument_id: InstrumentId, side: int) -> Rested | None:
    """Return the best and oldest order of a side."""
    for priority, order in book_rows(view, instrument_id, side):
        return Rested(instrument_id, side, priority, order)
    return None


def lost_before(bid: Rested, ask: Rested, time_ms: int) -> tuple[Rested, str] | None:
    """Return which of two orders goes before they trade, and why, or None.

    Of a signer's own two the older one rests; it goes, unless the younger says so of itself.
    """
    for rested in (bid, ask):
        if _is_over(rested.order, time_ms):
            return rested, WHY_EXPIRED
    if owner_of(bid.order.account_holder) != owner_of(ask.order.account_holder):
        return None
    older, younger = (bid, ask) if bid.priority < ask.priority else (ask, bid)
    if younger.order.self_trade == SELF_TRADE_CANCELS_INCOMING:
        return younger, WHY_SELF_TRADE
    return older, WHY_SELF_TRADE


def _is_over(order: Order, time_ms: int) -> bool:
    return 0 < order.good_till_ms < time_ms


class Pair(NamedTuple):
    """Two orders that trade at an auction's price."""

    instrument: Instrument
    bid: Rested
    ask: Rested
    price_ticks: int


def _meet(context: BlockContext, pair: Pair, backing: Backing) -> int:
    """Return how many lots two orders traded; 0 when one of them failed its test and is lost."""
    state, instrument_id = context.state, pair.bid.instrument_id
    size_lots = min(pair.bid.order.remaining_lots, pair.ask.order.remaining_lots)
    both = ((pair.bid, size_lots), (pair.ask, -size_lots))
    for rested, signed in both:
        account = rested.order.account_holder
        refusal = fit_refusal(state, account, instrument_id, pair.instrument, signed)
        if refusal is not None:
            cancel(context, rested, refusal.reason.slug)
            return 0
    undoable = cast("Undoable", state)
    mark, told_count = undoable.mark(), len(context.events)
    before: list[Any] = [backing.before(state, r.order.account_holder) for r, _ in both]
    # Where the trade as a whole is refused, the younger order is the one too many.
    failed = pair.bid if pair.bid.priority > pair.ask.priority else pair.ask
    refusal = None
    try:
        _trade(context, pair, size_lots)
    except Refusal as refused:
        refusal = refused
    if refusal is None:
        for (rested, _), stood in zip(both, before, strict=True):
            refusal = backing.refusal(state, rested.order.account_holder, stood)
            if refusal is not None:
                failed = rested
                break
    if refusal is None:
        return size_lots
    undoable.rollback(mark)
    del context.events[told_count:]
    cancel(context, failed, refusal.reason.slug)
    return 0


def _trade(context: BlockContext, pair: Pair, size_lots: int) -> None:
    """Trade at the auction's price; nobody came to the other, so nobody pays a fee."""
    bid, ask = pair.bid, pair.ask
    for rested in (bid, ask):
        shrink(context.state, rested, rested.order.remaining_lots - size_lots)
    novate(
        context,
        bid.instrument_id,
        pair.instrument,
        buyer=bid.order.account_holder,
        seller=ask.order.account_holder,
        size_lots=size_lots,
        price_ticks=pair.price_ticks,
        taker="",
    )
    for rested, other in ((bid, ask), (ask, bid)):
        context.emit(
            OrderFilled(
                rested.order.order_id,
                other.order.order_id,
                rested.instrument_id,
                rested.side,
                pair.price_ticks,
                size_lots,
                rested.order.remaining_lots - size_lots,
            )
        )
        trim_reduce_only(context, rested.order.account_holder, rested.instrument_id)
