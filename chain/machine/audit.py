"""Look whether what must always hold does.

Source: docs/specs/machine.md, MACH-061.
"""

from dataclasses import dataclass

from chain.kit import View
from chain.machine.application import Application


@dataclass(frozen=True, slots=True)
class Breach:
    """An invariant that does not hold: whose, which, and the numbers."""

    module: str
    invariant: str
    what: str


def run_invariants(application: Application, view: View) -> list[Breach]:
    """Return every breach of every module's invariants, in registry order; none is good.

    What an invariant takes for granted of another module's rows may not hold either, in a
    genesis that somebody wrote: that is a breach too.
    """
    breaches = []
    for module in application.modules:
        for invariant in module.invariants:
            try:
                invariant(view)
            except (ArithmeticError, AssertionError, LookupError, ValueError) as broken:
                breaches.append(Breach(module.name, invariant.__name__, str(broken)))
    return breaches
