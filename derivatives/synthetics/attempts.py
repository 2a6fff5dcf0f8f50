"""Do something whole, or nothing of it.

Source: docs/specs/synthetics.md, SYN-013 and SYN-014.
"""

from collections.abc import Callable
from typing import Protocol, cast

from chain.kit import BlockContext, Context, Refusal


class Undoable(Protocol):
    """State that can take back what was changed since a mark."""

    def mark(self) -> int:
        """Return a place to which `rollback` can return."""
        ...

    def rollback(self, mark: int) -> None:
        """Undo every change made after the mark."""
        ...


def attempted(context: Context | BlockContext, act: Callable[[], object]) -> Refusal | None:
    """Do something; return why it was refused and undo all of it, None where it was done."""
    undoable = cast("Undoable", context.state)
    mark, told_count = undoable.mark(), len(context.events)
    try:
        act()
    except Refusal as refusal:
        undoable.rollback(mark)
        del context.events[told_count:]
        return refusal
    return None


def tried(context: Context | BlockContext, act: Callable[[], object]) -> None:
    """Refuse what would be refused now, and do nothing of it."""
    undoable = cast("Undoable", context.state)
    mark, told_count = undoable.mark(), len(context.events)
    act()
    undoable.rollback(mark)
    del context.events[told_count:]
