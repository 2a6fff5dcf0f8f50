"""The solvency module's table of contents."""

from chain.kit import Module
from derivatives.kernel import level
from derivatives.solvency.events import CompartmentFrozen
from derivatives.solvency.freezing import Compartments, hold_frozen
from derivatives.solvency.hooks import hold_equations
from derivatives.solvency.invariants import INVARIANTS
from derivatives.solvency.reasons import REASONS
from derivatives.solvency.state import FROZEN

MODULE = Module(
    id=43,
    name="solvency",
    tables=(FROZEN,),
    end_transaction=(hold_frozen,),
    quick=level.passing(hold_frozen),
    end_block=(hold_equations,),
    events={1: CompartmentFrozen},
    reasons=REASONS,
    invariants=INVARIANTS,
    quarantine=Compartments(),
)
