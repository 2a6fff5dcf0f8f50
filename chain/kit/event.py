"""Tell what happened: a past fact, as a record, numbered for ever in its module.

An event is any `@record`; its module lists it under its permanent number.  Events are
part of receipts, hence of consensus: the same on every node.

Source: docs/specs/machine.md, MACH-014.
"""

from typing import Protocol, TypeAlias

from chain.codec.record import Record
from chain.state.view import State

Event: TypeAlias = object
"""An instance of a record class that a module lists under `events`."""


class Emitter(Protocol):
    """State to change and whom to tell: the context of a transaction, or of a block."""

    state: State

    def emit(self, event: Event) -> None:
        """Add the event to the receipt that is being written."""
        ...

    def touch(self, holder: str) -> None:
        """Say that this holder changed."""
        ...


def is_event_type(candidate: object) -> bool:
    """Return whether instances of this class can be told."""
    return isinstance(candidate, type) and issubclass(candidate, Record)
