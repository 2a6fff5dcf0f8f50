"""Tables: what is loaded is what is read, in order, and each row has one home."""

import pytest

from chain.codec.canonical import encode
from chain.codec.order import MalformedKey
from chain.codec.record import MalformedRecord
from tests.chain.state.rows import (
    ALL_TABLES,
    BALANCES,
    COUNTER,
    ORDERS,
    Balance,
    Order,
    holder,
    tables_with,
)


def test_a_row_is_decoded_once_and_then_is_the_same_object() -> None:
    tables = tables_with([(COUNTER, (), Balance(amount_quantums=1))])

    first = tables.get(COUNTER, ())

    assert Balance(amount_quantums=1) == first
    assert first is tables.get(COUNTER, ())
    assert b"\x91\x01" == tables.encoded_of(COUNTER, ())


def test_an_ordered_scan_yields_rows_by_encoded_key_within_prefix_and_beyond_a_key() -> None:
    """STATE-005."""
    keys = [("B", 1), ("AB", 7), ("A", 300), ("A", 2)]
    tables = tables_with([(ORDERS, key, Order(size_lots=key[1], note="")) for key in keys])

    assert [("A", 2), ("A", 300), ("AB", 7), ("B", 1)] == [key for key, _ in tables.scan(ORDERS)]
    assert [("A", 2), ("A", 300)] == [key for key, _ in tables.scan(ORDERS, ("A",))]
    assert [("A", 300)] == [key for key, _ in tables.scan(ORDERS, ("A",), after=("A", 2))]
    assert [] == list(tables.scan(ORDERS, ("C",)))


def test_rows_come_back_as_the_bytes_they_were_loaded_from() -> None:
    tables = tables_with(
        [
            (BALANCES, (holder(2), "USD"), Balance(amount_quantums=2)),
            (BALANCES, (holder(1), "USD"), Balance(amount_quantums=1)),
            (COUNTER, (), Balance(amount_quantums=3)),
        ]
    )
    tables.get(BALANCES, (holder(2), "USD"))

    assert [
        (BALANCES.encoded((holder(1), "USD")), encode(Balance(amount_quantums=1))),
        (BALANCES.encoded((holder(2), "USD")), encode(Balance(amount_quantums=2))),
        (COUNTER.encoded(()), encode(Balance(amount_quantums=3))),
    ] == list(tables.rows())
    assert 3 == tables.row_count
    assert ALL_TABLES == tables.tables


def test_a_row_of_no_table_or_twice_is_refused() -> None:
    tables = tables_with()

    with pytest.raises(MalformedKey, match="no table"):
        tables.load([(b"\x63\x01", b"\x90")])
    with pytest.raises(MalformedKey, match="twice"):
        tables.load([(COUNTER.encoded(()), b"\x91\x01"), (COUNTER.encoded(()), b"\x91\x02")])


def test_bytes_that_are_no_record_change_the_root_and_are_found_when_touched() -> None:
    good = tables_with([(COUNTER, (), Balance(amount_quantums=1))])
    bad = tables_with()

    bad.load([(COUNTER.encoded(()), b"\x91\xc3")])

    assert good.root != bad.root
    with pytest.raises(MalformedRecord):
        bad.get(COUNTER, ())
