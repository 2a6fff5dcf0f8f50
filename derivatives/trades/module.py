"""The trades module's table of contents."""

from chain.kit import Module
from derivatives.trades.events import Traded
from derivatives.trades.invariants import INVARIANTS
from derivatives.trades.reasons import REASONS
from derivatives.trades.state import TRADE_COUNTS

MODULE = Module(
    id=30,
    name="trades",
    tables=(TRADE_COUNTS,),
    events={1: Traded},
    reasons=REASONS,
    invariants=INVARIANTS,
)
