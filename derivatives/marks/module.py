"""The marks module's table of contents."""

from chain.kit import Module
from derivatives.marks.hooks import value_instruments
from derivatives.marks.invariants import INVARIANTS
from derivatives.marks.state import MARKS

MODULE = Module(
    id=22,
    name="marks",
    tables=(MARKS,),
    begin_block=(value_instruments,),
    invariants=INVARIANTS,
)
