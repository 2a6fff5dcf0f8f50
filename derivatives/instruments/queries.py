"""What can be asked of instruments that is not simply stored."""

from chain.kit import Query, View, record
from derivatives.ids import INSTRUMENT
from derivatives.instruments.terms import may_open, may_reduce, trading_state

STATE_NAMES = ("unlisted", "auction", "open", "reduce_only", "halted", "frozen", "expired")


@record
class InstrumentStanding:
    """Whether an instrument trades, and what its feed lets somebody do in it."""

    instrument: str
    state: str
    may_open: bool
    may_reduce: bool


def instrument_standing(view: View, instrument: str) -> InstrumentStanding:
    """Return an instrument's trading state by name, and whether it may be opened or reduced."""
    return InstrumentStanding(
        instrument,
        STATE_NAMES[trading_state(view, instrument)],
        may_open(view, instrument),
        may_reduce(view, instrument),
    )


QUERIES = (Query("standing", instrument_standing, {"instrument": INSTRUMENT}),)
