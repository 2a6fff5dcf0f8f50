"""STATE-050: rows and their order are changed in C as the twin changes them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sortedcontainers import SortedDict

from chain.state.tables import _fold_plainly
from tests.chain.state.rows import BALANCES, ORDERS, Order, holder

native = pytest.importorskip("chain.kernel.native")

Writes = st.dictionaries(
    st.tuples(st.sampled_from(["A", "AB", "B"]), st.integers(0, 60)),
    st.none() | st.integers(1, 9),
    max_size=60,
)


def order_of(load: int) -> Any:
    """Return an order without keys whose parts have at most twice as many keys as this."""
    order: Any = SortedDict()
    order._list._reset(load)
    return order


@given(st.lists(Writes, max_size=8), st.sampled_from([4, 5, 8, 1_000]))
def test_any_changes_leave_the_same_rows_in_the_same_order(
    blocks: list[dict[tuple[str, int], int | None]], load: int
) -> None:
    rows: tuple[dict[Any, Any], dict[Any, Any]] = ({}, {})
    orders = order_of(load), order_of(load)
    for writes in blocks:
        changed = {
            key: None if value is None else Order(size_lots=value, note="")
            for key, value in writes.items()
        }

        native.fold_rows(ORDERS, changed, rows[0], orders[0])
        _fold_plainly(ORDERS, changed, rows[1], orders[1])

        assert rows[1] == rows[0]
        assert list(orders[1].items()) == list(orders[0].items())
        orders[0]._check()


def test_order_that_is_indexed_by_place_is_so_anew() -> None:
    order, rows = order_of(4), dict[Any, Any]()
    record = Order(size_lots=1, note="")
    native.fold_rows(ORDERS, {("A", number): record for number in range(20)}, rows, order)
    before = order.peekitem(7)[1]

    native.fold_rows(ORDERS, {("A", 3): None, ("A", 30): record}, rows, order)

    assert ("A", 7) == before
    assert [("A", 8), ("A", 30)] == [order.peekitem(place)[1] for place in (7, 19)]


def test_table_that_nobody_scans_has_no_order() -> None:
    key, rows = (holder(1), "USD"), dict[Any, Any]()

    native.fold_rows(BALANCES, {key: "record", (holder(2), "USD"): None}, rows, None)

    assert {key: "record"} == rows


def test_row_that_is_in_no_order_is_no_row_of_an_ordered_table() -> None:
    with pytest.raises(KeyError):
        native.fold_rows(ORDERS, {("A", 1): None}, {("A", 1): "record"}, order_of(4))


@pytest.mark.parametrize(
    "given_these", [(), (ORDERS, [], {}, None), (ORDERS, {}, [], None), (ORDERS, {}, {}, [])]
)
def test_what_is_no_table_of_rows_is_refused(given_these: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        native.fold_rows(*given_these)
