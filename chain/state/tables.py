"""Everything that is final, in memory: tables of records and the tree over them.

A row that came from disk stays bytes until it is first touched, then it is decoded once
and lives as a frozen record.  The tables change in `load` and `fold` alone; at all other
times everybody only reads.

Source: docs/specs/state.md, STATE-007 to STATE-009.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, TypeAlias, TypeVar

from sortedcontainers import SortedDict

from chain.codec.canonical import encode
from chain.codec.order import MalformedKey
from chain.kernel.level import kernel
from chain.kit.table import AnyTable, Key
from chain.state.commitment import (
    ENTRY_BYTES,
    HASH_BYTES,
    BucketTree,
    Layer,
    derive_layer,
    key_hash_of,
)
from chain.state.copied import Copied
from chain.state.journal import FinalRows
from chain.state.overlay import Overlay, StaleParent
from chain.state.view import Row, Scanned, Step

V = TypeVar("V")

FILL_FROM_ROWS = 8_192
"""From here on the whole tree is made from below; fewer rows change few of its branches."""

_Home: TypeAlias = tuple[Any, dict[Key, Any], dict[bytes, Key] | None]
"""What encodes the keys of a table, what holds its rows, and its encoded keys if it is ordered."""

STEPS_KEPT_COUNT = 8
"""How many folds are remembered, for whoever keeps something that follows from the tables."""


class Tables(Scanned, FinalRows):
    """The base of all state: what is final, and its root."""

    __slots__ = ("_by_prefix", "_order", "_steps", "generation", "tree")

    def __init__(self, application_tables: Iterable[AnyTable]) -> None:
        self._by_prefix: dict[bytes, AnyTable] = {}
        self._rows: dict[AnyTable, dict[Key, Any]] = {}
        self._order: dict[AnyTable, SortedDict[bytes, Key]] = {}
        for table in application_tables:
            assert table.prefix not in self._by_prefix, f"{table.name}: number taken"
            self._by_prefix[table.prefix] = table
            self._rows[table] = {}
            if table.ordered:
                self._order[table] = SortedDict()
        self.tree = BucketTree()
        self._steps: deque[Step] = deque(maxlen=STEPS_KEPT_COUNT)
        self.generation = 0
        """How often the tables have changed: a view made before knows that it is stale."""

    def rows_between(self, table: AnyTable, low: bytes, high: bytes) -> Iterator[Row]:
        """Return the rows with low <= encoded key < high, in that order."""
        order = self._order.get(table)
        if order is None:
            rows = sorted((table.encoded(key), key) for key in self._rows[table])
            for encoded_key, key in rows:
                if low <= encoded_key < high:
                    yield Row(encoded_key, key, self.get(table, key))
        elif order:  # most tables of what is rare hold nothing
            for encoded_key in order.irange(low, high, (True, False)):
                key = order[encoded_key]
                yield Row(encoded_key, key, self.get(table, key))

    def keys_of(self, table: AnyTable) -> list[Key]:
        """Return the keys of a table in no order: a copy, which may be sorted elsewhere."""
        return list(self._rows[table])

    def table_of(self, encoded_key: bytes) -> AnyTable:
        """Return the table that an encoded key belongs to.

        Refuses: MalformedKey, when there is none.
        """
        table = self._by_prefix.get(encoded_key[:2])
        if table is None:
            raise MalformedKey(f"no table has keys that begin with {encoded_key[:2].hex()}")
        return table

    @property
    def tables(self) -> tuple[AnyTable, ...]:
        """Return the tables, in the order they were given."""
        return tuple(self._rows)

    @property
    def root(self) -> bytes:
        """Return the root over all rows."""
        return self.tree.root

    @property
    def row_count(self) -> int:
        """Return how many rows all tables have."""
        return sum(len(rows) for rows in self._rows.values())

    def copied(self) -> Copied:
        """Return the rows of this moment, to be read while these tables go on.

        Costs some 40 ms for a million rows, and a dictionary of them while it is kept.
        """
        return Copied({table: rows.copy() for table, rows in self._rows.items()}, self.root)

    def layers(self) -> tuple[BucketTree, tuple[Layer, ...]]:
        """Return the tree, with nothing over it."""
        return self.tree, ()

    def trail(self) -> list[Step]:
        """Return the last folds, the newest first."""
        return list(reversed(self._steps))

    def rows(self) -> Iterator[tuple[bytes, bytes]]:
        """Return encoded key and record bytes of every row, table by table, in key order."""
        for table, rows in self._rows.items():
            for encoded_key, key in sorted((table.encoded(key), key) for key in rows):
                record = rows[key]
                yield encoded_key, record if type(record) is bytes else encode(record)

    def load(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Take in rows as they are stored; their records are decoded when first touched.

        Bytes that are no record are found by whoever touches them, so compare the root.
        Refuses: MalformedKey, for a key of no table or one that is already here; then
        the tables are of no use.
        """
        self.load_placed(
            (key_hash_of(encoded_key), encoded_key, data) for encoded_key, data in rows
        )

    def load_placed(self, rows: Iterable[tuple[bytes, bytes, bytes]]) -> None:
        """Take in rows as `load` does, each with the hash of its key before it.

        Refuses: as `load`.
        """
        is_first = not self.row_count
        ordered: dict[AnyTable, dict[bytes, Key]] = {table: {} for table in self._order}
        homes: dict[bytes, _Home] = {
            table.prefix: (table.encoded, held, ordered.get(table))
            for table, held in self._rows.items()
        }
        load = self._load_plainly if kernel is None else kernel.load_rows
        joined: bytes = load(rows, homes, self._refuse_row)
        for table, keys in ordered.items():
            self._order[table].update(keys)
        if is_first and len(joined) >= FILL_FROM_ROWS * ENTRY_BYTES:
            self.tree.fill(joined)
        else:
            starts = range(0, len(joined), ENTRY_BYTES)
            entries = [joined[start : start + ENTRY_BYTES] for start in starts]
            hashed = [(entry[:HASH_BYTES], entry[HASH_BYTES:]) for entry in entries]
            self.tree.fold(derive_layer(self.tree, (), hashed))
        self._steps.clear()
        self.generation += 1

    def _load_plainly(
        self,
        rows: Iterable[tuple[bytes, bytes, bytes]],
        homes: "dict[bytes, _Home]",
        refuse: Callable[[bytes], None],
    ) -> bytes:
        """Put rows where they belong, and return their entries, joined, by key hash."""
        entries: list[bytes] = []
        for key_hash, encoded_key, data in rows:
            home = homes.get(encoded_key[:2])
            if home is None:
                refuse(encoded_key)
                continue
            _, held, ordered = home
            key = self.table_of(encoded_key).key_from(encoded_key)
            if key in held:
                refuse(encoded_key)
            held[key] = data
            if ordered is not None:
                ordered[encoded_key] = key
            entries.append(key_hash + sha256(data).digest())
        entries.sort()
        return b"".join(entries)

    def _refuse_row(self, encoded_key: bytes) -> None:
        """Refuse a row: MalformedKey, because it is of no table or comes twice."""
        table = self.table_of(encoded_key)
        raise MalformedKey(f"{table.name}: {table.key_from(encoded_key)!r} comes twice")

    def fold(self, overlay: Overlay) -> None:
        """Take in the changes of a sealed overlay that stands on these tables.

        Refuses: StaleParent, when it stands on anything else; nothing is changed then.
        """
        tree, layers = overlay.layers()
        if tree is not self.tree or len(layers) != 1:
            raise StaleParent("only what stands directly on the tables can be folded into them")
        for table, changed in overlay.changes.items():
            _fold_rows(table, changed, self._rows[table], self._order.get(table))
        self._steps.append(Step(self.root, overlay.changes))
        self.tree.fold(overlay.layer)
        self.generation += 1
        overlay.folded_into(self)


def _fold_plainly(
    table: AnyTable,
    changed: Mapping[Key, Any],
    rows: dict[Key, Any],
    order: "SortedDict[bytes, Key] | None",
) -> None:
    """Take what changed into the rows of a table, and into the order of its encoded keys."""
    for key, record in changed.items():
        # What has a row is in order already, and what has none is in no order.
        if record is None:
            if rows.pop(key, None) is not None and order is not None:
                del order[table.encoded(key)]
            continue
        if order is not None and key not in rows:
            order[table.encoded(key)] = key
        rows[key] = record


_fold_rows = _fold_plainly if kernel is None else kernel.fold_rows
