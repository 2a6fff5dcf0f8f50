"""What an instrument is, and whether somebody may open or reduce in it now.

    open     the instrument trades or is in its auction, and its feed permits opening
    reduce   likewise, or it is reduce only, and its feed permits reducing

Source: docs/specs/instruments.md, INST-010 to INST-015.
"""

from chain.kit import PPM, View, divide_down, divide_half_even
from chain.modules.ledger.state import ASSETS
from derivatives.ids import FeedId, InstrumentId
from derivatives.instruments.state import (
    EXPIRIES,
    INSTRUMENTS,
    KIND_CALL,
    KIND_SYNTHETIC,
    OPTION_KINDS,
    STRIKES,
    TRADING,
    TRADING_AUCTION,
    TRADING_OPEN,
    TRADING_REDUCE_ONLY,
    UNDATED_KINDS,
    Instrument,
)
from derivatives.insurance.state import is_short
from derivatives.oracle.ladder import Action
from derivatives.oracle.permission import Allowed, allowed
from derivatives.oracle.prices import state_of
from derivatives.oracle.surfaces import surface_state_of

E8_SQUARED = 10**16


def trading_state(view: View, instrument_id: InstrumentId) -> int:
    """Return an instrument's trading state; 0 for one that is not listed."""
    trading = view.get(TRADING, instrument_id)
    return 0 if trading is None else trading.state


def feed_of(view: View, instrument_id: InstrumentId, instrument: Instrument) -> FeedId:
    """Return the feed that values an instrument: its forward's for what is dated."""
    if instrument.kind in UNDATED_KINDS:
        return instrument.underlying
    expiry = view.get(EXPIRIES, instrument_id)
    assert expiry is not None, f"{instrument_id} is dated and has no date"
    return expiry.forward


def feeds_of(view: View, instrument_id: InstrumentId, instrument: Instrument) -> tuple[FeedId, ...]:
    """Return the feeds that an instrument needs: what values it, then what it settles on."""
    feed = feed_of(view, instrument_id, instrument)
    return (feed,) if feed == instrument.underlying else (feed, instrument.underlying)


def _feeds_permit(
    view: View,
    instrument_id: InstrumentId,
    instrument: Instrument,
    action: Action,
    *answers: Allowed,
) -> bool:
    """Return whether what values an instrument permits this, or answers so; also its surface.

    A surface stands in the way of opening alone: what is old of it rolls down, and still values.
    """
    feeds = feeds_of(view, instrument_id, instrument)
    if action is Action.OPEN and is_option(instrument):
        surface = surface_state_of(view, instrument.underlying)
        if allowed(view, surface, action) is not Allowed.YES:
            return False
    fitting = (Allowed.YES, *answers)
    return all(allowed(view, state_of(view, feed), action) in fitting for feed in feeds)


def may_open(view: View, instrument_id: InstrumentId) -> bool:
    """Return whether positions may grow, by an order that rests, trades or waits for an auction.

    Never while the compartment owes what nobody could pay.
    """
    instrument = view.get(INSTRUMENTS, instrument_id)
    if instrument is None or is_short(view, instrument.compartment):
        return False
    return may_take_over(view, instrument_id)


def may_take_over(view: View, instrument_id: InstrumentId) -> bool:
    """Return whether a position may pass to somebody who asks for it, so that it may end.

    Where it may be opened, and while the compartment owes too: nothing grows by it.
    """
    instrument = view.get(INSTRUMENTS, instrument_id)
    if instrument is None:
        return False
    trades = trading_state(view, instrument_id) in {TRADING_AUCTION, TRADING_OPEN}
    return trades and _feeds_permit(view, instrument_id, instrument, Action.OPEN)


def may_gather(view: View, instrument_id: InstrumentId) -> bool:
    """Return whether an order that could open may wait for an auction that waits for its feed.

    No more than `may_open` of a surface, and never while the compartment owes.
    """
    instrument = view.get(INSTRUMENTS, instrument_id)
    if instrument is None or is_short(view, instrument.compartment):
        return False
    waits = trading_state(view, instrument_id) == TRADING_AUCTION
    return waits and _feeds_permit(view, instrument_id, instrument, Action.OPEN, Allowed.GATHER)


def may_reduce(view: View, instrument_id: InstrumentId) -> bool:
    """Return whether positions may shrink."""
    instrument = view.get(INSTRUMENTS, instrument_id)
    if instrument is None:
        return False
    state = trading_state(view, instrument_id)
    trades = state in {TRADING_AUCTION, TRADING_OPEN, TRADING_REDUCE_ONLY}
    return trades and _feeds_permit(view, instrument_id, instrument, Action.REDUCE)


def matches_continuously(view: View, instrument_id: InstrumentId) -> bool:
    """Return whether orders meet as they come, rather than in an auction or not at all."""
    return trading_state(view, instrument_id) in {TRADING_OPEN, TRADING_REDUCE_ONLY}


def is_option(instrument: Instrument) -> bool:
    """Return whether an instrument is a call or a put: paid for at the trade."""
    return instrument.kind in OPTION_KINDS


def is_synthetic(view: View, instrument_id: InstrumentId) -> bool:
    """Return whether an instrument is a synthetic: minted and redeemed, without a book."""
    instrument = view.get(INSTRUMENTS, instrument_id)
    return instrument is not None and instrument.kind == KIND_SYNTHETIC


def strike_of(view: View, instrument_id: InstrumentId) -> int:
    """Return an option's strike in its ticks."""
    strike = view.get(STRIKES, instrument_id)
    assert strike is not None, f"{instrument_id} is an option without a strike"
    return strike.strike_ticks


def payoff_ticks(
    view: View, instrument_id: InstrumentId, instrument: Instrument, price_ticks: int
) -> int:
    """Return what an instrument pays at a settlement price: all of it, or what an option is in."""
    if not is_option(instrument):
        return price_ticks
    strike_ticks = strike_of(view, instrument_id)
    ahead = price_ticks - strike_ticks
    return max(0, ahead if instrument.kind == KIND_CALL else -ahead)


def reach_ticks(
    view: View, instrument_id: InstrumentId, instrument: Instrument, centre_ticks: int
) -> int:
    """Return what distances from a price are measured by: the price, or an option's strike.

    A premium may be near nothing, and a share of nothing leaves no room.
    """
    return strike_of(view, instrument_id) if is_option(instrument) else centre_ticks


def index_value_quantums(price_e8: int, instrument: Instrument, quote_decimals: int) -> int:
    """Return what one lot is worth at an index price. Rounds: down, for longs and shorts alike.

    One integer for both sides, so that variation nets to zero.
    """
    return divide_down(price_e8 * instrument.lot_size_e8 * 10**quote_decimals, E8_SQUARED)


def price_of_ticks_e8(price_ticks: int, instrument: Instrument) -> int:
    """Return a price in ticks as a price of the underlying, exactly."""
    return price_ticks * instrument.tick_size_e8


def ticks_of_price(price_e8: int, instrument: Instrument) -> int:
    """Return the tick nearest to a price, at least 1. Rounds: ties to the even tick."""
    return max(1, divide_half_even(price_e8, instrument.tick_size_e8))


def quote_decimals_of(view: View, instrument: Instrument) -> int:
    """Return the decimals of the asset that an instrument is quoted and settled in."""
    asset = view.get(ASSETS, instrument.quote)
    assert asset is not None, f"{instrument.quote} is no asset"
    return asset.decimals


def is_within(price: int, centre: int, distance_ppm: int, reach: int = 0) -> bool:
    """Return whether a price is at most a fraction away from another of the same unit.

    The fraction is of `reach`, or of the other price itself.  Ratios are compared by
    cross-multiplying, so nothing is rounded.
    """
    return abs(price - centre) * PPM <= distance_ppm * (reach or centre)
