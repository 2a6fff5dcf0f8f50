"""Rows and their changes: what is looked up, put and undone for every transaction.

This is what `chain.kernel` does in C where it is built, and what says what is right: `Journal`
and `FinalRows` are the C types there, and the plain ones here elsewhere.

Source: docs/specs/state.md, STATE-004 to STATE-007, STATE-053.
"""

from collections.abc import Hashable
from typing import Any, NamedTuple, TypeVar

from chain.codec.canonical import encode, encode_bounded
from chain.kernel.level import kernel
from chain.kit.table import AnyTable, Key, Table

V = TypeVar("V")

_ABSENT: Any = object()


class Change(NamedTuple):
    """One key whose bytes differ from the parent's; None where the key is absent."""

    key_hash: bytes
    encoded_key: bytes
    old: bytes | None
    new: bytes | None


class PlainRows:
    """Final rows, table by table: records, or their bytes until they are touched."""

    __slots__ = ("_rows",)

    _rows: dict[AnyTable, dict[Key, Any]]

    def get(self, table: Table[V], key: Key) -> V | None:
        """Return the record under this key, or None."""
        rows = self._rows[table]
        record = rows.get(key)
        if type(record) is bytes:
            rows[key] = record = table.record_from(record)
        return record

    def encoded_of(self, table: AnyTable, key: Key) -> bytes | None:
        """Return the bytes of the record under this key, or None."""
        record = self._rows[table].get(key)
        return record if record is None or type(record) is bytes else encode(record)


class PlainJournal:
    """Changes over the state below, each of which can be undone."""

    __slots__ = ("_entries", "_met", "_parent", "_settled", "changes", "is_fixed", "memory")

    def __init__(self, parent: Any) -> None:
        self._parent = parent
        self.changes: dict[AnyTable, dict[Key, Any]] = {}
        self.memory: dict[Hashable, Any] = {}
        """What `remembered` keeps; every change empties it."""
        self.is_fixed = False
        self._entries: list[tuple[AnyTable, Key, Any]] = []
        self._settled = 0
        """How many entries were forgotten: marks go on counting."""
        self._met: dict[AnyTable, dict[Key, bytes]] = {}
        """Encoded keys of ordered tables, kept by whoever scans."""

    def get(self, table: Table[V], key: Key) -> V | None:
        """Return the record under this key, or None."""
        view = self
        while True:
            rows = view.changes.get(table)
            if rows is not None and key in rows:
                return rows[key]  # type: ignore[no-any-return]
            parent = view._parent
            if not isinstance(parent, PlainJournal):
                return parent.get(table, key)  # type: ignore[no-any-return]
            view = parent

    def put(self, table: Table[V], key: Key, record: V) -> None:
        """Put a record under a key, in place of the one that was there."""
        if type(record) is not table.value:
            raise TypeError(f"{table.name} holds {table.value.__name__}, not {record!r}")
        self._change(table, key, record)

    def delete(self, table: AnyTable, key: Key) -> None:
        """Take away what is under this key, if anything is."""
        self._change(table, key, None)

    def _change(self, table: AnyTable, key: Key, record: Any) -> None:
        assert not self.is_fixed, "a sealed overlay is as fixed as its block"
        rows = self.changes.get(table)
        if rows is None:
            rows = self.changes[table] = {}
        if table.ordered and key not in rows:
            # First, so that a key of the wrong form changes nothing.
            self.order_key(table, key)
        self._entries.append((table, key, rows.get(key, _ABSENT)))
        rows[key] = record
        if self.memory:
            self.memory.clear()

    def order_key(self, table: AnyTable, key: Key) -> None:
        """Hear of a key of an ordered table that is new here; whoever scans keeps it."""

    def mark(self) -> int:
        """Return a place in the journal to which `rollback` can return."""
        return self._settled + len(self._entries)

    def settle(self) -> None:
        """Let every change so far stay: nothing goes back to a mark before this one."""
        self._settled += len(self._entries)
        self._entries.clear()

    def rollback(self, mark: int) -> None:
        """Undo every change made after the mark, exactly."""
        entries, kept_count = self._entries, self._since(mark)
        self.memory.clear()
        while len(entries) > kept_count:
            table, key, former = entries.pop()
            if former is _ABSENT:
                del self.changes[table][key]
            else:
                self.changes[table][key] = former

    def former_since(self, mark: int) -> dict[tuple[AnyTable, Key], Any]:
        """Return, for every key changed after the mark, the record that was there, or None."""
        former: dict[tuple[AnyTable, Key], Any] = {}
        for table, key, record in self._entries[self._since(mark) :]:
            if (table, key) not in former:
                known = record is not _ABSENT
                former[table, key] = record if known else self._parent.get(table, key)
        return former

    def check_since(self, mark: int) -> None:
        """Hold what changed after the mark against its stored form: keys that came, and records.

        Whoever applies a transaction asks this before keeping its changes, since sealing
        must never fail.
        Refuses: OutOfBounds or MalformedKey, naming the field.
        """
        for table, key, former in self._entries[self._since(mark) :]:
            if former is _ABSENT:
                table.encoded(key)
            record = self.changes[table][key]
            if record is not None:
                encode_bounded(record)

    def _since(self, mark: int) -> int:
        """Return how many entries a mark is after, of those that are kept."""
        if mark < self._settled:
            raise ValueError("what was settled before a mark is for good")
        return mark - self._settled

    def changed_count(self) -> int:
        """Return how many keys have been put or deleted, changed in the end or not."""
        return sum(len(rows) for rows in self.changes.values())

    def encoded_of(self, table: AnyTable, key: Key) -> bytes | None:
        """Return the bytes of the record under this key, or None."""
        view = self
        while True:
            rows = view.changes.get(table)
            if rows is not None and key in rows:
                record = rows[key]
                return None if record is None else encode(record)
            parent = view._parent
            if not isinstance(parent, PlainJournal):
                return parent.encoded_of(table, key)  # type: ignore[no-any-return]
            view = parent


Journal = PlainJournal
FinalRows = PlainRows

if kernel is not None:
    Journal = kernel.Journal  # type: ignore[misc]
    FinalRows = kernel.FinalRows  # type: ignore[misc]
