"""What is always true of trades."""

from chain.kit import View, hold
from derivatives.instruments.state import INSTRUMENTS
from derivatives.trades.state import TRADE_COUNTS


def every_trade_is_of_an_instrument(view: View) -> None:
    """Hold that what has traded is listed, and has traded at least once."""
    for key, counted in view.scan(TRADE_COUNTS):
        hold(view.get(INSTRUMENTS, key) is not None, f"{key!r} traded and is not listed")
        hold(counted.trades_count > 0, f"{key!r} traded no time")


INVARIANTS = (every_trade_is_of_an_instrument,)
