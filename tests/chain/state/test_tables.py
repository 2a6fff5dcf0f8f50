"""Tables: what is loaded is what is read, in order, and each row has one home."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.codec.canonical import encode
from chain.codec.order import MalformedKey
from chain.codec.record import MalformedRecord
from chain.state import commitment
from chain.state import tables as module
from chain.state.commitment import key_hash_of
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


rows = st.tuples(
    st.sampled_from(
        (BALANCES.encoded((holder(1), "USD")), COUNTER.encoded(()), b"\x63\x01", b"\x07")
    )
    | st.integers(0, 300).map(lambda number: ORDERS.encoded(("A", number))),
    st.binary(max_size=3),
)


def _loaded(listed: list[tuple[bytes, bytes]], kernel: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "kernel", kernel)
        patch.setattr(module, "FILL_FROM_ROWS", 5)
        made = tables_with()
        try:
            made.load(listed)
        except MalformedKey as refused:
            return str(refused)
        return made._rows, made._order, made.root, made.tree.buckets


@given(st.lists(rows, max_size=12))
def test_rows_are_taken_in_or_refused_as_python_says(listed: list[tuple[bytes, bytes]]) -> None:
    """STATE-053."""
    by_twin = _loaded(listed, None)

    assert by_twin == _loaded(listed, commitment.kernel)


@pytest.mark.parametrize("row", [(bytes(32), COUNTER.encoded(())), 7])
def test_row_of_another_form_is_a_defect(row: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        tables_with().load_placed([row])


def test_row_stands_under_the_hash_it_came_with() -> None:
    made = tables_with()
    encoded_key = COUNTER.encoded(())

    made.load_placed([(key_hash_of(encoded_key), encoded_key, b"\x91\x01")])

    assert tables_with([(COUNTER, (), Balance(1))]).root == made.root
