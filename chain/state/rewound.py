"""The state as it was some blocks ago, from what those blocks replaced.

Source: docs/specs/state.md, STATE-040 to STATE-042.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

from chain.codec.order import MalformedKey
from chain.kit.table import AnyTable, Key, Table
from chain.state.commitment import BucketTree, HashedChange, Layer, derive_layer
from chain.state.tables import Tables
from chain.state.view import Row, Scanned, Step

V = TypeVar("V")

UndoEntry: TypeAlias = tuple[Any, ...]
"""(key hash, encoded key, old value or None, ...): what a `Change` begins with."""


class StaleView(RuntimeError):
    """The tables have moved on since a view of an earlier height was made: make it anew."""


class Rewound(Scanned):
    """A view of the tables as they were before the blocks whose changes it is given.

    It stands on the tables of the moment: read it before the next block is folded.
    """

    __slots__ = ("_generation", "_hashes", "_layer", "_old", "_tables")

    def __init__(self, tables: Tables, undo: Iterable[Iterable[UndoEntry]]) -> None:
        """Take back blocks, the newest first."""
        self._tables = tables
        self._generation = tables.generation
        self._old: dict[bytes, bytes | None] = {}
        self._hashes: dict[bytes, bytes] = {}
        self._layer: Layer | None = None
        for changes in undo:
            self.take_back(changes)

    @property
    def is_current(self) -> bool:
        """Whether the tables are still those that this view stands on."""
        return self._tables.generation == self._generation

    def take_back(self, changes: Iterable[UndoEntry]) -> None:
        """Take back one block more, the one below all those taken back so far."""
        self._layer = None
        for key_hash, encoded_key, old, *_ in changes:
            self._old[encoded_key] = old
            self._hashes[encoded_key] = key_hash

    def follow(self, changes: Iterable[UndoEntry]) -> None:
        """Take back a block that was folded since, too: the one above all those so far."""
        self._layer = None
        for key_hash, encoded_key, old, *_ in changes:
            self._old.setdefault(encoded_key, old)
            self._hashes[encoded_key] = key_hash

    def stand_on(self, generation: int) -> None:
        """Stand on the tables of a moment, once every block up to it is taken back."""
        self._generation = generation

    def _fresh_tables(self) -> Tables:
        if not self.is_current:
            raise StaleView("a block became final since this view was made: make it anew")
        return self._tables

    def get(self, table: Table[V], key: Key) -> V | None:
        """Return the record that was under this key, or None. Refuses: StaleView."""
        tables = self._fresh_tables()
        try:
            encoded_key = table.encoded(key)
        except MalformedKey:
            return None  # as on every other view: under what is no key of the table is nothing
        if encoded_key not in self._old:
            return tables.get(table, key)
        data = self._old[encoded_key]
        return None if data is None else table.record_from(data)

    def rows_between(self, table: AnyTable, low: bytes, high: bytes) -> Iterator[Row]:
        """Return the rows with low <= encoded key < high as they were, in that order."""
        restored = sorted(key for key in self._old if low <= key < high)
        below = self._fresh_tables().rows_between(table, low, high)
        pending = next(below, None)
        for encoded_key in restored:
            while pending is not None and pending.encoded_key < encoded_key:
                yield pending
                self._fresh_tables()
                pending = next(below, None)
            if pending is not None and pending.encoded_key == encoded_key:
                pending = next(below, None)
            data = self._old[encoded_key]
            if data is not None:
                yield Row(encoded_key, table.key_from(encoded_key), table.record_from(data))
                self._fresh_tables()
        while pending is not None:
            yield pending
            self._fresh_tables()
            pending = next(below, None)

    def keys_of(self, table: AnyTable) -> list[Key]:
        """Return the keys that a table had, in no order: a copy, which may be sorted elsewhere."""
        tables = self._fresh_tables()
        old = {
            table.key_from(encoded_key): data
            for encoded_key, data in self._old.items()
            if encoded_key.startswith(table.prefix)
        }
        kept = [key for key in tables.keys_of(table) if key not in old]
        return kept + [key for key, data in old.items() if data is not None]

    def encoded_of(self, table: AnyTable, key: Key) -> bytes | None:
        """Return the bytes of the record that was under this key, or None."""
        tables = self._fresh_tables()
        encoded_key = table.encoded(key)
        if encoded_key in self._old:
            return self._old[encoded_key]
        return tables.encoded_of(table, key)

    @property
    def root(self) -> bytes:
        """Return the state root of that height."""
        return self._derived().root

    def layers(self) -> tuple[BucketTree, tuple[Layer, ...]]:
        """Return today's tree and one layer that takes it back."""
        return self._fresh_tables().tree, (self._derived(),)

    def trail(self) -> tuple[Step, ...]:
        """Return nothing: nobody remembers how an old state came to be."""
        return ()

    def _derived(self) -> Layer:
        tables = self._fresh_tables()
        if self._layer is None:
            hashed: list[HashedChange] = [
                (self._hashes[key], None if old is None else sha256(old).digest())
                for key, old in self._old.items()
            ]
            hashed.sort(key=itemgetter(0))
            self._layer = derive_layer(tables.tree, (), hashed)
        return self._layer
