"""How an instrument's trading state moves with time and with its feed.

    feed stale                       open -> reduce only
    feed in auction, or invalid      open, reduce only -> auction, waiting
    feed to be trusted again         reduce only, auction waiting -> auction of `auction_ms`
    auction's time reached           it uncrosses at the end of that block; the next is open

While a value is held as a jump nothing uncrosses.  What is halted, frozen or expired stays
so.

Source: docs/specs/instruments.md, INST-020 to INST-028.
"""

from chain.kit import BlockContext, Context, Refusal, View, replace, require
from derivatives.ids import InstrumentId
from derivatives.instruments import reasons
from derivatives.instruments.events import TradingChanged
from derivatives.instruments.state import (
    INSTRUMENTS,
    TRADING,
    TRADING_AUCTION,
    TRADING_EXPIRED,
    TRADING_FROZEN,
    TRADING_HALTED,
    TRADING_OPEN,
    TRADING_REDUCE_ONLY,
    Instrument,
    Trading,
)
from derivatives.marks.state import MARKS
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import SURFACE_STANDINGS, SURFACES

TRUSTED = (FeedState.NORMAL, FeedState.DEGRADED)
SILENT = (FeedState.AUCTION, FeedState.INVALID)


def with_feed(
    trading: Trading, feed: FeedState, auction_ms: int, time_ms: int, parent_time_ms: int
) -> Trading:
    """Return the trading state that a feed's state and the time make of one."""
    state, until_ms = trading.state, trading.auction_until_ms
    if state in {TRADING_HALTED, TRADING_FROZEN, TRADING_EXPIRED}:
        return trading
    if state == TRADING_AUCTION:
        if feed not in TRUSTED:
            return replace(trading, auction_until_ms=0)
        if until_ms == 0:
            return replace(trading, auction_until_ms=time_ms + auction_ms)
        if until_ms <= parent_time_ms:
            return Trading(TRADING_OPEN, time_ms, 0)
        return trading
    if feed in SILENT:
        return Trading(TRADING_AUCTION, time_ms, 0)
    if feed is FeedState.STALE:
        return (
            trading
            if state == TRADING_REDUCE_ONLY
            else replace(trading, state=TRADING_REDUCE_ONLY, since_ms=time_ms)
        )
    if state == TRADING_REDUCE_ONLY and feed in TRUSTED:
        return Trading(TRADING_AUCTION, time_ms, time_ms + auction_ms)
    return trading


def change(context: Context | BlockContext, instrument_id: InstrumentId, trading: Trading) -> None:
    """Put a trading state in place of the one there is, and tell it."""
    before = context.state.get(TRADING, instrument_id)
    context.state.put(TRADING, instrument_id, trading)
    context.emit(
        TradingChanged(
            instrument_id,
            0 if before is None else before.state,
            trading.state,
            trading.auction_until_ms,
        )
    )


def start_auction(context: Context | BlockContext, instrument_id: InstrumentId) -> None:
    """Open a call auction in an instrument that trades; in any other, nothing.

    A fill outside the band asks for this.
    """
    trading = context.state.get(TRADING, instrument_id)
    instrument = context.state.get(INSTRUMENTS, instrument_id)
    if trading is None or instrument is None or trading.state != TRADING_OPEN:
        return
    until_ms = context.time_ms + instrument.auction_ms
    change(context, instrument_id, Trading(TRADING_AUCTION, context.time_ms, until_ms))


def freeze(context: Context | BlockContext, instrument_id: InstrumentId) -> None:
    """Stop everything in an instrument: something about it cannot be true."""
    change(context, instrument_id, Trading(TRADING_FROZEN, context.time_ms, 0))


def expire(context: BlockContext, instrument_id: InstrumentId) -> None:
    """End trading in an instrument for good: its settlement price is fixed."""
    change(context, instrument_id, Trading(TRADING_EXPIRED, context.time_ms, 0))


def require_fresh_surface(
    view: View, instrument_id: InstrumentId, instrument: Instrument, time_ms: int
) -> None:
    """Refuse to open an option whose volatility nobody tells, or that moved too far.

    Refuses: instruments.surface_unknown, .surface_held, .surface_stale.
    """
    surface = view.get(SURFACES, instrument.underlying)
    standing = view.get(SURFACE_STANDINGS, instrument.underlying)
    known = view.get(MARKS, instrument_id) is not None
    require(known and surface is not None, reasons.SURFACE_UNKNOWN, instrument=instrument_id)
    if surface is None or standing is None or standing.state == FeedState.NORMAL:
        return
    require(
        standing.state != FeedState.JUMP,
        reasons.SURFACE_HELD,
        instrument=instrument_id,
        held_count=standing.held_count,
    )
    raise Refusal(
        reasons.SURFACE_STALE,
        instrument=instrument_id,
        chosen_ms=surface.chosen_ms,
        age_ms=max(0, time_ms - surface.chosen_ms),
    )
