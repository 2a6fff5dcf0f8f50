"""A small state for tests: two tables, an ordered one and an item, and ground keys."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from chain.codec.canonical import encode
from chain.codec.order import address_key, integer_key, text_key
from chain.codec.record import record
from chain.kit.table import AnyTable, Item, Key, Table
from chain.state.overlay import Overlay
from chain.state.tables import Tables


@record
class Balance:
    """What one holder has of one asset."""

    amount_quantums: int


@record
class Order:
    """One order, in a table that is scanned."""

    size_lots: int
    note: str


BALANCES = Table(1, "balances", key=(address_key("holder"), text_key("asset")), value=Balance)
ORDERS = Table(
    2,
    "orders",
    key=(text_key("market", max_bytes=8), integer_key("order", 32)),
    value=Order,
    ordered=True,
)
COUNTER = Item(3, "counter", value=Balance)
GROUND = Table(4, "ground", key=(integer_key("place", 64),), value=Balance)

ALL_TABLES: tuple[AnyTable, ...] = (BALANCES, ORDERS, COUNTER, GROUND)
for _table in ALL_TABLES:
    _table.bind(7)


def holder(number: int) -> bytes:
    """Return an address that is easy to tell from others."""
    return number.to_bytes(32, "big")


def tables_with(rows: Iterable[tuple[AnyTable, Key, object]] = ()) -> Tables:
    """Return tables loaded with these rows."""
    tables = Tables(ALL_TABLES)
    tables.load((table.encoded(key), encode(record)) for table, key, record in rows)
    return tables


def everything(view: Overlay | Tables) -> dict[bytes, bytes]:
    """Return every row that a view shows, encoded."""
    return {
        table.encoded(key): encode(record)
        for table in ALL_TABLES
        for key, record in view.scan(table)
    }


GROUND_BUCKET = 0xC1EA


@cache
def ground_keys() -> tuple[int, ...]:
    """Return 300 keys of the ground table, found by trial, that share one bucket."""
    goldens = Path(__file__).resolve().parents[2] / "goldens"
    return tuple(json.loads((goldens / "ground_keys.json").read_text()))
