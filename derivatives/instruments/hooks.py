"""Step 2 of a block: time and feeds move what may be traded.

Bounded by the number of instruments, which listing bounds.

Source: docs/specs/instruments.md, INST-020 to INST-028.
"""

from chain.kit import BlockContext
from derivatives.instruments.state import INSTRUMENTS, TRADING, TRADING_AUCTION, Trading
from derivatives.instruments.terms import feed_of, is_option
from derivatives.instruments.trading import change, with_feed
from derivatives.oracle.ladder import worse_of
from derivatives.oracle.prices import state_of
from derivatives.oracle.surfaces import surface_state_of


def follow_feeds(context: BlockContext) -> None:
    """Move every instrument's trading state."""
    state = context.state
    for key, instrument in tuple(state.scan(INSTRUMENTS)):
        instrument_id = str(key)
        trading = state.get(TRADING, instrument_id) or Trading(TRADING_AUCTION, 0, 0)
        feed = state_of(state, feed_of(state, instrument_id, instrument))
        if is_option(instrument):
            feed = worse_of(feed, surface_state_of(state, instrument.underlying))
        if trading.state == TRADING_AUCTION:
            # It opens by both, so it waits for both: else it would lose whoever opens.
            feed = worse_of(feed, state_of(state, instrument.underlying))
        moved = with_feed(
            trading, feed, instrument.auction_ms, context.time_ms, context.parent_time_ms
        )
        if moved != trading:
            change(context, instrument_id, moved)
