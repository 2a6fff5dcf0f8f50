"""The positions module's table of contents."""

from chain.kit import Module
from derivatives.positions.invariants import INVARIANTS
from derivatives.positions.queries import QUERIES
from derivatives.positions.state import (
    HOLDINGS,
    OPEN_INTEREST,
    POSITION_HOLDERS,
    POSITIONS,
    PREMIUMS,
)

MODULE = Module(
    id=23,
    name="positions",
    tables=(POSITIONS, HOLDINGS, OPEN_INTEREST, POSITION_HOLDERS, PREMIUMS),
    queries=QUERIES,
    invariants=INVARIANTS,
)
