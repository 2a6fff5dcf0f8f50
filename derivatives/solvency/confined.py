"""State in which some compartments cannot be seen by whoever scans.

A hook finds its work by scanning: instruments, compartments, accounts, feeds.  Where a
table's key names one of these, the rows of a hidden compartment are passed over; what is
asked for by its key is answered.

Source: docs/specs/solvency.md, SOLV-020 to SOLV-024.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeAlias, TypeVar, cast

from chain.kit import AnyTable, Key, KeyValue, Table, View
from chain.state.overlay import Overlay
from chain.state.view import Step
from derivatives.accounts.custody import compartment_of
from derivatives.ids import ACCOUNT, COMPARTMENT, FEED, INSTRUMENT
from derivatives.instruments.state import INSTRUMENTS
from derivatives.oracle.state import FEEDS

V = TypeVar("V")

Home: TypeAlias = Callable[[View, str], str | None]


def _of_instrument(view: View, name: str) -> str | None:
    instrument = view.get(INSTRUMENTS, name)
    return None if instrument is None else instrument.compartment


def _of_feed(view: View, name: str) -> str | None:
    feed = view.get(FEEDS, name)
    return None if feed is None else feed.compartment


HOMES: tuple[tuple[str, Home], ...] = (
    (COMPARTMENT.name, lambda _, name: name),
    (INSTRUMENT.name, _of_instrument),
    (ACCOUNT.name, compartment_of),
    (FEED.name, _of_feed),
)


class Confined:
    """An overlay without the rows of some compartments."""

    def __init__(self, overlay: Overlay, hidden: Collection[str]) -> None:
        self._overlay = overlay
        self._hidden = hidden

    def get(self, table: Table[V], key: Key) -> V | None:
        """Return the record under this key, hidden or not."""
        return self._overlay.get(table, key)

    def scan(
        self, table: Table[V], prefix: tuple[KeyValue, ...] = (), after: Key | None = None
    ) -> Iterator[tuple[Key, V]]:
        """Return keys and records in order of encoded key, those of hidden compartments not."""
        found = _home_of(table)
        for key, row in self._overlay.scan(table, prefix, after):
            if found is not None:
                place, home = found
                name = str(key[place] if isinstance(key, tuple) else key)
                if home(self._overlay, name) in self._hidden:
                    continue
            yield key, row

    def put(self, table: Table[V], key: Key, record: V) -> None:
        """Put a record under a key."""
        self._overlay.put(table, key, record)

    def delete(self, table: AnyTable, key: Key) -> None:
        """Take away what is under this key."""
        self._overlay.delete(table, key)

    def mark(self) -> int:
        """Return a place to which `rollback` can return."""
        return self._overlay.mark()

    def rollback(self, mark: int) -> None:
        """Undo every change made after the mark."""
        self._overlay.rollback(mark)

    def changed(self, table: Table[V]) -> Iterator[tuple[Key, V | None, V | None]]:
        """Return each key of a table that was put or deleted, hidden or not."""
        return self._overlay.changed(table)

    @property
    def parent(self) -> View:
        """Return the state that the overlay was opened on."""
        return self._overlay.parent

    def trail(self) -> Sequence[Step]:
        """Return how the overlay came to be: what follows from it is of the whole state.

        Whoever keeps something by it leaves out hidden compartments when it is used.
        """
        return self._overlay.trail()


def _home_of(table: AnyTable) -> tuple[int, Home] | None:
    """Return which part of a table's key says whose a row is, and how."""
    for name, home in HOMES:
        for place, part in enumerate(table.key_parts):
            if part.name == name:
                return place, home
    return None


def without(state: View, hidden: Collection[str]) -> Confined:
    """Return the state of an open block with these compartments hidden from scans."""
    return Confined(cast("Overlay", state), hidden)
