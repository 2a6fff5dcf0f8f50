"""What is always true of what is dated.

Source: docs/specs/futures.md, FUTU-001 to FUTU-003.
"""

from chain.kit import PPM, View, hold
from derivatives.instruments.state import (
    EXPIRIES,
    INSTRUMENTS,
    SETTLEMENTS,
    TRADING_EXPIRED,
    UNDATED_KINDS,
)
from derivatives.instruments.terms import trading_state
from derivatives.oracle.state import FEEDS


def everything_dated_has_its_date(view: View) -> None:
    """Hold that a date is of all but perpetuals and synthetics, and that its terms can be met."""
    dated = {key for key, one in view.scan(INSTRUMENTS) if one.kind not in UNDATED_KINDS}
    hold({key for key, _ in view.scan(EXPIRIES)} == dated, "dates and what has one differ")
    for key, expiry in view.scan(EXPIRIES):
        instrument = view.get(INSTRUMENTS, key)
        feed = view.get(FEEDS, expiry.forward)
        assert instrument is not None
        hold(feed is not None, f"{key!r}: no feed {expiry.forward}")
        assert feed is not None
        hold(feed.compartment == instrument.compartment, f"{key!r}: feed of {feed.compartment}")
        hold(0 < expiry.window_ms < expiry.expiry_ms, f"{key!r}: no window")
        hold(0 < expiry.coverage_ppm <= PPM, f"{key!r}: coverage beyond all of it")
        sound = expiry.extension_ms > 0 or expiry.extensions_max_count == 0
        hold(sound, f"{key!r}: extended by nothing")


def what_is_settled_trades_no_more(view: View) -> None:
    """Hold that a settlement price and the end of trading come together."""
    settled = {key for key, one in view.scan(SETTLEMENTS) if one.price_ticks}
    for key, instrument in view.scan(INSTRUMENTS):
        expired = trading_state(view, str(key)) == TRADING_EXPIRED
        hold(not expired or key in settled, f"{key!r} expired without a settlement price")
        dated = instrument.kind not in UNDATED_KINDS
        hold(dated or key not in settled, f"{key!r} has no date and a settlement price")


INVARIANTS = (everything_dated_has_its_date, what_is_settled_trades_no_more)
