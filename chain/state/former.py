"""State as it was at an earlier place in the journal: what a transaction began with.

Source: docs/specs/state.md, STATE-006.
"""

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

from chain.codec.order import KeyValue
from chain.kit.table import AnyTable, Key, Table
from chain.state.view import View, bounds_of

V = TypeVar("V")


class Journalled(View, Protocol):
    """State that remembers what it held before each change."""

    def mark(self) -> int:
        """Return the place in the journal that is now."""
        ...

    def former_since(self, mark: int) -> dict[tuple[AnyTable, Key], Any]:
        """Return, for every key changed after the mark, the record that was there."""
        ...


class Former:
    """A view of state at a mark; read it before anything else changes, and let it go."""

    __slots__ = ("_former", "_state")

    def __init__(self, state: Journalled, mark: int) -> None:
        self._state = state
        self._former = state.former_since(mark)

    def get(self, table: Table[V], key: Key) -> V | None:
        """Return the record that was under this key, or None."""
        if (table, key) in self._former:
            return self._former[table, key]  # type: ignore[no-any-return]
        return self._state.get(table, key)

    def scan(
        self, table: Table[V], prefix: tuple[KeyValue, ...] = (), after: Key | None = None
    ) -> Iterator[tuple[Key, V]]:
        """Return keys and records as they were, in order of encoded key."""
        low, high = bounds_of(table, prefix, after)
        rows = {
            table.encoded(key): (key, row) for key, row in self._state.scan(table, prefix, after)
        }
        for (changed, key), record in self._former.items():
            if changed is table and low <= (encoded := table.encoded(key)) < high:
                if record is None:
                    rows.pop(encoded, None)
                else:
                    rows[encoded] = (key, record)
        for encoded in sorted(rows):
            yield rows[encoded]
