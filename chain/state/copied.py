"""The rows of one moment, to be read at leisure while the tables go on.

Source: docs/specs/state.md, STATE-045.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from chain.kit.table import AnyTable, Key, Table
from chain.state.view import Row, Scanned

V = TypeVar("V")


class Copied(Scanned):
    """A view of rows that nobody changes: dictionaries of its own, the records shared.

    A record that is still bytes is decoded whenever it is read, so that reading everything once
    leaves nothing behind.
    """

    __slots__ = ("_orders", "_rows", "root")

    def __init__(self, rows: Mapping[AnyTable, Mapping[Key, Any]], root: bytes) -> None:
        """Take rows for its own, table by table: records, or their bytes."""
        self._rows = rows
        self.root = root
        """The root over these rows, as whoever copied them had it."""
        self._orders: dict[AnyTable, list[tuple[bytes, Key]]] = {}

    def get(self, table: Table[V], key: Key) -> V | None:
        """Return the record under this key, or None."""
        record = self._rows[table].get(key)
        return table.record_from(record) if type(record) is bytes else record

    def rows_between(self, table: AnyTable, low: bytes, high: bytes) -> Iterator[Row]:
        """Return the rows with low <= encoded key < high, in that order."""
        order = self._orders.get(table)
        if order is None:
            order = sorted([(table.encoded(key), key) for key in self._rows[table]])
            self._orders[table] = order
        start, end = bisect_left(order, (low,)), bisect_left(order, (high,))
        for encoded_key, key in order[start:end]:
            yield Row(encoded_key, key, self.get(table, key))

    def each(self, table: Table[V]) -> Iterator[tuple[Key, V]]:
        """Return the keys and records of a table in no order."""
        record_from = table.record_from
        for key, record in self._rows[table].items():
            yield key, record_from(record) if type(record) is bytes else record
