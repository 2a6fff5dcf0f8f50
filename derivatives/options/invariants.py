"""What is always true of options.

Source: docs/specs/options.md, OPTI-001 to OPTI-004.
"""

from chain.kit import View, each, hold
from derivatives.instruments.state import EXPIRIES, INSTRUMENTS, STRIKES
from derivatives.instruments.terms import is_option
from derivatives.positions.state import POSITIONS
from derivatives.pricing.settling import WINDOW_MS


def every_option_has_its_strike_and_date(view: View) -> None:
    """Hold that options and strikes belong together, each with a date and the usual window."""
    options = {key for key, one in view.scan(INSTRUMENTS) if is_option(one)}
    hold({key for key, _ in view.scan(STRIKES)} == options, "options and strikes differ")
    for key, strike in view.scan(STRIKES):
        expiry = view.get(EXPIRIES, key)
        hold(strike.strike_ticks > 0, f"{key!r}: a strike of nothing")
        known = expiry is not None and expiry.window_ms == WINDOW_MS
        hold(known, f"{key!r}: no date, or no window of {WINDOW_MS} ms")


def options_are_paid_for(view: View) -> None:
    """Hold that nothing is entered for an option."""
    options = {str(key) for key, one in view.scan(INSTRUMENTS) if is_option(one)}
    for key, position in each(view, POSITIONS):
        assert isinstance(key, tuple)
        entered = position.entry_value_quantums if key[1] in options else 0
        hold(entered == 0, f"{key!r}: {entered} quantums entered")


INVARIANTS = (every_option_has_its_strike_and_date, options_are_paid_for)
