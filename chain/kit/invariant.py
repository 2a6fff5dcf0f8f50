"""Say what is always true of a state, so that a node can look for itself.

Source: docs/specs/machine.md, MACH-061.
"""

from collections.abc import Callable
from typing import TypeAlias

from chain.state.view import View


class Broken(AssertionError):
    """What must always hold does not; says where, with the numbers."""


Invariant: TypeAlias = Callable[[View], None]
"""A function named for a fact, that raises `Broken` where the fact fails."""


def hold(condition: object, what: str) -> None:
    """Raise `Broken` unless the condition holds: an `assert` that no flag removes."""
    if not condition:
        raise Broken(what)
