"""How state is read and changed, whatever holds it.

Source: docs/specs/state.md, STATE-004 to STATE-006.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from chain.codec.order import KeyValue
from chain.kit.table import AnyTable, Key, Table
from chain.state.commitment import BucketTree, Layer

V = TypeVar("V")
R = TypeVar("R")

Changes: TypeAlias = Mapping[AnyTable, Mapping[Key, Any]]
"""The keys that were put or deleted, table by table, changed in the end or not."""


class View(Protocol):
    """State that can be read."""

    def get(self, table: Table[V], key: Key) -> V | None:
        """Return the record under this key, or None."""
        ...

    def scan(
        self, table: Table[V], prefix: tuple[KeyValue, ...] = (), after: Key | None = None
    ) -> Iterator[tuple[Key, V]]:
        """Return keys and records in order of encoded key.

        Only those whose leading parts are `prefix`, and only those beyond `after`.
        """
        ...


class State(View, Protocol):
    """State that can be read and changed."""

    def put(self, table: Table[V], key: Key, record: V) -> None:
        """Put a record under a key, in place of the one that was there."""
        ...

    def delete(self, table: AnyTable, key: Key) -> None:
        """Take away what is under this key, if anything is."""
        ...


class CommittedView(View, Protocol):
    """State with a root: what an overlay can stand on and a proof can be made from."""

    @property
    def root(self) -> bytes:
        """Return the root over everything that can be read here."""
        ...

    def encoded_of(self, table: AnyTable, key: Key) -> bytes | None:
        """Return the bytes of the record under this key, or None."""
        ...

    def rows_between(self, table: AnyTable, low: bytes, high: bytes) -> "Iterator[Row]":
        """Return the rows with low <= encoded key < high, in that order."""
        ...

    def layers(self) -> tuple[BucketTree, tuple[Layer, ...]]:
        """Return the tree at the bottom and what lies over it, oldest first."""
        ...

    def trail(self) -> "Sequence[Step]":
        """Return how the state came to be what it is, the newest step first.

        As far as anybody remembers; nothing where it stands on what has moved on.
        """
        ...


def remembered(view: View, key: Hashable, make: Callable[[], R]) -> R:
    """Return what follows from a state under this name, made once until the state changes.

    `make` is a pure function of the view, whose result nobody changes.  A view that cannot
    tell when it changes has it made every time.
    """
    memory: dict[Hashable, R] | None = getattr(view, "memory", None)
    if memory is None:
        return make()
    if key not in memory:
        memory[key] = make()
    return memory[key]


def each(view: View, table: Table[V]) -> Iterator[tuple[Key, V]]:
    """Return the keys and records of a whole table, unsorted where the view can do that.

    Only for invariants: what holds of every row alone, or of a sum.  Nothing that is stored,
    told or refused may follow from the order.
    """
    unsorted: Callable[[Table[V]], Iterator[tuple[Key, V]]] | None = getattr(view, "each", None)
    return view.scan(table) if unsorted is None else unsorted(table)


class Step(NamedTuple):
    """The root of an earlier state, and what was changed on it before the next."""

    root: bytes
    changes: Changes


class Row(NamedTuple):
    """One row on its way out of a scan."""

    encoded_key: bytes
    key: Key
    record: Any


_key_and_record = itemgetter(1, 2)


def end_of_prefix(prefix: bytes) -> bytes:
    r"""Return the least bytes that are greater than everything with this prefix.

    >>> end_of_prefix(bytes([3, 255]))
    b'\x04'
    """
    stripped = prefix.rstrip(b"\xff")
    assert stripped
    return stripped[:-1] + bytes((stripped[-1] + 1,))


def bounds_of(
    table: AnyTable, prefix: tuple[KeyValue, ...], after: Key | None
) -> tuple[bytes, bytes]:
    """Return the encoded bounds of a scan, the upper one exclusive."""
    low = table.encoded_prefix(prefix)
    high = end_of_prefix(low)
    # No key is a prefix of another, so the first bytes beyond a key are it and a zero.
    return (low if after is None else max(low, table.encoded(after) + b"\0")), high


class Scanned:
    """A view whose rows can be read between two encoded keys, and so by their parts."""

    __slots__ = ()

    def rows_between(self, table: AnyTable, low: bytes, high: bytes) -> Iterator[Row]:
        """Return the rows with low <= encoded key < high, in that order."""
        raise NotImplementedError

    def scan(
        self, table: Table[V], prefix: tuple[KeyValue, ...] = (), after: Key | None = None
    ) -> Iterator[tuple[Key, V]]:
        """Return keys and records in order of encoded key, as `View.scan` says."""
        return map(_key_and_record, self.rows_between(table, *bounds_of(table, prefix, after)))
