"""What is always true of a compartment that stands still.

Source: docs/specs/solvency.md, SOLV-011.
"""

from chain.kit import View, hold
from derivatives.accounts.state import COMPARTMENTS
from derivatives.instruments.state import INSTRUMENTS, TRADING_FROZEN
from derivatives.instruments.terms import trading_state
from derivatives.solvency.state import FROZEN


def nothing_trades_in_what_is_frozen(view: View) -> None:
    """Hold that a frozen compartment is one, and that every instrument in it is frozen."""
    for key, frozen in view.scan(FROZEN):
        hold(view.get(COMPARTMENTS, key) is not None, f"{key!r} is no compartment")
        hold(frozen.cause, f"{key!r} is frozen for nothing")
    for name, instrument in view.scan(INSTRUMENTS):
        if view.get(FROZEN, instrument.compartment) is not None:
            still = trading_state(view, str(name)) == TRADING_FROZEN
            hold(still, f"{name!r} trades in {instrument.compartment}, which is frozen")


INVARIANTS = (nothing_trades_in_what_is_frozen,)
