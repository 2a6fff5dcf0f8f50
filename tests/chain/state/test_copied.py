"""STATE-045: a copy reads as the tables did when it was made, whatever is folded later."""

from hypothesis import given
from hypothesis import strategies as st

from chain.codec.canonical import encode
from chain.state.overlay import Overlay
from tests.chain.state.rows import BALANCES, COUNTER, ORDERS, Balance, Order, holder, tables_with

amounts = st.dictionaries(st.integers(0, 9), st.one_of(st.none(), st.integers(0, 3)), max_size=8)


@given(amounts, amounts)
def test_a_copy_reads_as_the_tables_did_when_it_was_made(
    first: dict[int, int | None], then: dict[int, int | None]
) -> None:
    tables = tables_with(
        (ORDERS, ("A", number), Order(size_lots=amount or 7, note="x"))
        for number, amount in first.items()
    )
    rows = list(tables.scan(ORDERS))
    ahead = list(tables.scan(ORDERS, ("A",), after=("A", 4)))
    found = {number: tables.get(ORDERS, ("A", number)) for number in range(10)}
    root = tables.root
    copy = tables.copied()

    overlay = Overlay(tables)
    for number, amount in then.items():
        if amount is None:
            overlay.delete(ORDERS, ("A", number))
        else:
            overlay.put(ORDERS, ("A", number), Order(size_lots=amount, note="y"))
    overlay.seal()
    tables.fold(overlay)

    assert root == copy.root
    assert rows == list(copy.scan(ORDERS))
    assert ahead == list(copy.scan(ORDERS, ("A",), after=("A", 4)))
    assert found == {number: copy.get(ORDERS, ("A", number)) for number in range(10)}
    assert dict(rows) == dict(copy.each(ORDERS))


def test_every_row_of_an_unordered_table_comes_once_in_either_order() -> None:
    rows = {(holder(number), "USD"): Balance(amount_quantums=number) for number in (5, 3, 9)}
    tables = tables_with((BALANCES, key, record) for key, record in rows.items())
    tables.get(BALANCES, (holder(3), "USD"))  # this one is a record already
    copy = tables.copied()

    assert list(tables.scan(BALANCES)) == list(copy.scan(BALANCES))
    assert rows == dict(copy.each(BALANCES))
    assert len(rows) == len(list(copy.each(BALANCES)))
    assert None is copy.get(COUNTER, ())


def test_reading_a_copy_leaves_the_tables_undecoded() -> None:
    key = (holder(1), "USD")
    tables = tables_with([(BALANCES, key, Balance(amount_quantums=4))])
    copy = tables.copied()

    read = [Balance(amount_quantums=4), copy.get(BALANCES, key)]

    assert read[0] == read[1]
    assert encode(read[0]) == tables._rows[BALANCES][key]
