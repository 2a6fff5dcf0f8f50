"""Let a part of the state stand still while the chain goes on.

A module that divides its state into compartments declares a quarantine: which there are,
which stand still, how the others look alone, and how one is stopped.

Source: docs/specs/machine.md, MACH-070 to MACH-076.
"""

from collections.abc import Collection
from typing import Protocol

from chain.kit.context import BlockContext
from chain.state.view import State, View


class Quarantine(Protocol):
    """What `machine/run.py` asks of the module that keeps compartments apart."""

    def compartments(self, view: View) -> tuple[str, ...]:
        """Return every compartment there is, ascending."""
        ...

    def frozen(self, view: View) -> tuple[str, ...]:
        """Return the compartments that stand still, ascending."""
        ...

    def without(self, state: State, hidden: Collection[str]) -> State:
        """Return the state with the rows of these compartments hidden from scans."""
        ...

    def freeze(self, context: BlockContext, compartment: str, cause: str) -> None:
        """Stop a compartment as it is, and tell it."""
        ...
