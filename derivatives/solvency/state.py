"""Which compartments stand still, and why."""

from chain.kit import Table, record
from derivatives.ids import COMPARTMENT


@record
class Frozen:
    """A compartment that stands still: since when, and which equation or hook failed."""

    since_ms: int
    since_height: int
    cause: str


FROZEN = Table(1, "frozen", key=(COMPARTMENT,), value=Frozen, ordered=True)
