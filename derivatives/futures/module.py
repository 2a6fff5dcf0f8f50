"""The futures module's table of contents."""

from chain.kit import Module
from derivatives.futures.events import PositionSettled
from derivatives.futures.invariants import INVARIANTS
from derivatives.futures.sweep import sweep_expired

MODULE = Module(
    id=26,
    name="futures",
    end_block=(sweep_expired,),
    events={1: PositionSettled},
    invariants=INVARIANTS,
)
