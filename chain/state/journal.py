"""Rows and their changes: what is looked up, put and undone for every transaction.

This is what `chain.kernel` does in C where it is built, and what says what is right: `Journal`
and `FinalRows` are the C types there, and the plain ones here elsewhere.

Source: docs/specs/state.md, STATE-004 to STATE-007, STATE-053.
"""

from collections.abc import Hashable, Mapping
from hashlib import sha256
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from chain.codec.canonical import encode, encode_bounded
from chain.crypto.digest import TAG_KEY
from chain.kernel.level import kernel
from chain.kit.table import AnyTable, Key, Table
from chain.state.commitment import HashedChange

V = TypeVar("V")

_ABSENT: Any = object()
_NOTHING: Mapping[Any, Any] = MappingProxyType({})


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

    __slots__ = ("_checked", "_data", "_entries", "_parent", "changes", "is_fixed", "memory")

    def __init__(self, parent: Any) -> None:
        self._parent = parent
        self.changes: dict[AnyTable, dict[Key, Any]] = {}
        self.memory: dict[Hashable, Any] = {}
        """What `remembered` keeps; every change empties it."""
        self.is_fixed = False
        self._entries: list[tuple[AnyTable, Key, Any]] = []
        self._checked: dict[AnyTable, dict[Key, tuple[Any, bytes, bytes | None]]] = {}
        self._data: dict[AnyTable, dict[Key, bytes | None]] = {}

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
        return len(self._entries)

    def rollback(self, mark: int) -> None:
        """Undo every change made after the mark, exactly."""
        entries = self._entries
        self.memory.clear()
        while len(entries) > mark:
            table, key, former = entries.pop()
            if former is _ABSENT:
                del self.changes[table][key]
            else:
                self.changes[table][key] = former

    def former_since(self, mark: int) -> dict[tuple[AnyTable, Key], Any]:
        """Return, for every key changed after the mark, the record that was there, or None."""
        former: dict[tuple[AnyTable, Key], Any] = {}
        for table, key, record in self._entries[mark:]:
            if (table, key) not in former:
                known = record is not _ABSENT
                former[table, key] = record if known else self._parent.get(table, key)
        return former

    def check_since(self, mark: int) -> None:
        """Hold every key and record changed after the mark against its stored form.

        Whoever applies a transaction asks this before keeping its changes, since sealing
        must never fail.  What is encoded here is not encoded again.
        Refuses: OutOfBounds or MalformedKey, naming the field.
        """
        changes, checked = self.changes, self._checked
        for table, key, _ in self._entries[mark:]:
            rows = checked.get(table)
            if rows is None:
                rows = checked[table] = {}
            rows[key] = _checked(rows.get(key), table, key, changes[table][key])

    def changed_count(self) -> int:
        """Return how many keys have been put or deleted, changed in the end or not."""
        return sum(len(rows) for rows in self.changes.values())

    def encoded_of(self, table: AnyTable, key: Key) -> bytes | None:
        """Return the bytes of the record under this key, or None, once sealed."""
        view = self
        while True:
            data_of = view._data.get(table)
            if data_of is not None and key in data_of:
                return data_of[key]
            parent = view._parent
            if not isinstance(parent, PlainJournal):
                return parent.encoded_of(table, key)  # type: ignore[no-any-return]
            view = parent

    def seal_changes(self, kind: type[Change]) -> tuple[tuple[Change, ...], list[HashedChange]]:
        """Return the keys whose bytes differ from the parent's, and (key hash, value hash) of each.

        Both ascend by key hash.  The bytes are kept for `encoded_of`, and how they came is
        forgotten: nothing can be undone any more.
        Refuses: OutOfBounds or MalformedKey, with nothing changed.
        """
        found: list[Change] = []
        data: dict[AnyTable, dict[Key, bytes | None]] = {}
        parent = self._parent
        for table, rows in self.changes.items():
            data_of = data[table] = {}
            known = self._checked.get(table, _NOTHING)
            for key, record in rows.items():
                _, encoded_key, new = _checked(known.get(key), table, key, record)
                data_of[key] = new
                old = parent.encoded_of(table, key)
                if old != new:
                    key_hash = sha256(TAG_KEY + encoded_key).digest()
                    found.append(kind(key_hash, encoded_key, old, new))
        found.sort(key=itemgetter(0))
        hashed: list[HashedChange] = [
            (change.key_hash, None if change.new is None else sha256(change.new).digest())
            for change in found
        ]
        self._data = data
        self._checked.clear()
        self._entries.clear()
        return tuple(found), hashed


def _checked(
    known: tuple[Any, bytes, bytes | None] | None, table: AnyTable, key: Key, record: Any
) -> tuple[Any, bytes, bytes | None]:
    """Return record, encoded key and bytes, the known ones where they are of this very record."""
    if known is not None and known[0] is record:
        return known
    encoded_key = table.encoded(key) if known is None else known[1]
    return record, encoded_key, None if record is None else encode_bounded(record)


Journal = PlainJournal
FinalRows = PlainRows

if kernel is not None:
    Journal = kernel.Journal  # type: ignore[misc]
    FinalRows = kernel.FinalRows  # type: ignore[misc]

__all__ = ["Change", "FinalRows", "Journal", "PlainJournal", "PlainRows"]
