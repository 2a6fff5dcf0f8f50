"""STATE-056: what a block comes to is the same by C and by Python, to the byte."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.codec.canonical import encode
from chain.crypto.digest import ZERO_HASH
from chain.state.commitment import BucketTree
from chain.state.journal import Change, PlainJournal
from chain.state.overlay import Overlay
from chain.state.sealing import Sealed, changes_root_of, seal, seal_plainly
from chain.state.tables import Tables
from tests.chain.state.rows import (
    ALL_TABLES,
    BALANCES,
    COUNTER,
    GROUND,
    ORDERS,
    Balance,
    Order,
    holder,
    tables_with,
)

native = pytest.importorskip("chain.kernel.native")

KEYS: tuple[Any, ...] = (
    *((BALANCES, (holder(number), "USD")) for number in range(6)),
    *((ORDERS, ("A", number)) for number in range(3)),
    (COUNTER, ()),
    (GROUND, 7),
)
puts = st.lists(
    st.tuples(st.sampled_from(KEYS), st.none() | st.integers(0, 3), st.booleans()), max_size=20
)


def _put(journal: Any, put: tuple[Any, ...]) -> None:
    (table, key), amount, _ = put
    if amount is None:
        journal.delete(table, key)
    else:
        journal.put(table, key, Order(amount, "n") if table is ORDERS else Balance(amount))


def _plain(block: list[tuple[Any, ...]], parent: Any) -> Any:
    journal = PlainJournal(parent)
    for put in block:
        _put(journal, put)
    return journal


def _overlay(block: list[tuple[Any, ...]], parent: Any) -> Overlay:
    overlay = Overlay(parent)
    for put in block:
        mark = overlay.mark()
        _put(overlay, put)
        if put[2]:  # undone, and done again
            overlay.rollback(mark)
            _put(overlay, put)
    return overlay


@given(st.lists(puts, min_size=1, max_size=4))
def test_blocks_over_blocks_come_to_the_same(blocks: list[list[tuple[Any, ...]]]) -> None:
    parent: Any = tables_with([(COUNTER, (), Balance(1))])
    for number, block in enumerate(blocks):
        overlay = _overlay(block, parent)
        tree, layers = parent.layers()
        by_twin = seal_plainly(_plain(block, parent), tree, layers)
        overlay.seal()

        assert by_twin.changes == overlay.encoded_changes
        assert by_twin.changes_root == overlay.changes_root == changes_root_of(by_twin.changes)
        assert by_twin.layer.root == overlay.root
        assert by_twin.layer.changes == overlay.layer.changes
        assert dict(by_twin.layer.nodes.items()) == dict(overlay.layer.nodes.items())
        if number == 1 and isinstance(parent, Overlay):
            tables = parent.parent
            assert isinstance(tables, Tables)
            tables.fold(parent)
        parent = overlay


def test_change_keeps_its_kind() -> None:
    overlay = Overlay(tables_with([(COUNTER, (), Balance(4))]))
    overlay.put(COUNTER, (), Balance(5))

    ((change,), _, _) = seal(overlay, *overlay.parent.layers())

    assert type(change) is Change
    assert (encode(Balance(4)), encode(Balance(5))) == (change.old, change.new)


def test_nothing_that_changed_has_the_root_of_no_leaves() -> None:
    """STATE-017."""
    overlay = Overlay(tables_with([(COUNTER, (), Balance(4))]))
    overlay.put(COUNTER, (), Balance(4))

    sealed = seal(overlay, *overlay.parent.layers())

    assert Sealed((), sealed.layer, ZERO_HASH) == sealed
    assert overlay.parent.root == sealed.layer.root


def test_tree_of_other_rows_is_not_asked_what_was_there() -> None:
    rows = native.FinalRows()
    rows._rows = {table: {} for table in ALL_TABLES}
    rows._rows[COUNTER][()] = encode(Balance(4))
    journal, plain = native.Journal(rows), PlainJournal(rows)
    for each in (journal, plain):
        each.put(COUNTER, (), Balance(5))

    by_twin = seal_plainly(plain, BucketTree(), ())

    assert by_twin.changes_root == seal(journal, BucketTree(), ()).changes_root


def test_key_or_record_out_of_its_form_is_refused_with_nothing_changed() -> None:
    overlay = Overlay(tables_with())
    mark = overlay.mark()
    overlay.put(GROUND, -1, Balance(1))

    with pytest.raises(ValueError, match="-1"):
        overlay.seal()

    overlay.rollback(mark)
    overlay.seal()
    assert () == overlay.encoded_changes


_TREE = BucketTree()


@pytest.mark.parametrize(
    "refused",
    [
        lambda journal: native.seal(journal, Change, _TREE.buckets, _TREE.nodes),
        lambda journal: native.seal(None, Change, _TREE.buckets, _TREE.nodes, ()),
        lambda journal: native.seal(journal, Balance, _TREE.buckets, _TREE.nodes, ()),
        lambda journal: native.seal(journal, None, _TREE.buckets, _TREE.nodes, ()),
        lambda journal: native.seal(journal, Change, [], _TREE.nodes, ()),
        lambda journal: native.seal(journal, Change, _TREE.buckets, bytearray(), ()),
        lambda journal: native.seal(journal, Change, _TREE.buckets, _TREE.nodes, ({},)),
        lambda journal: native.seal(journal, Change, _TREE.buckets, _TREE.nodes, ((b"", []),)),
    ],
)
def test_call_of_another_form_is_refused(refused: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        refused(native.Journal(tables_with()))
