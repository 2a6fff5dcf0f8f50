"""Earlier heights: what is read and proven now is what was read and proven then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.state.overlay import Change, Overlay
from chain.state.proof import prove, verify_proof
from chain.state.rewound import Rewound, StaleView
from chain.state.tables import Tables
from tests.chain.state.rows import BALANCES, COUNTER, ORDERS, Balance, Order, holder, tables_with

blocks = st.lists(
    st.dictionaries(st.integers(0, 7), st.one_of(st.none(), st.integers(0, 3)), max_size=6),
    min_size=1,
    max_size=5,
)


def apply_block(tables: Tables, writes: dict[int, int | None]) -> tuple[Change, ...]:
    overlay = Overlay(tables)
    for number, amount in writes.items():
        if amount is None:
            overlay.delete(BALANCES, (holder(number), "USD"))
            overlay.delete(ORDERS, ("A", number))
        else:
            overlay.put(BALANCES, (holder(number), "USD"), Balance(amount_quantums=amount))
            overlay.put(ORDERS, ("A", number), Order(size_lots=amount, note="x"))
    overlay.seal()
    tables.fold(overlay)
    return overlay.encoded_changes


@given(blocks)
def test_every_earlier_height_reads_and_proves_as_it_did(
    history: list[dict[int, int | None]],
) -> None:
    """STATE-040."""
    tables = tables_with()
    undo: list[tuple[Change, ...]] = []
    seen = []
    for writes in history:
        key = BALANCES.encoded((holder(3), "USD"))
        seen.append(
            (
                tables.root,
                list(tables.scan(ORDERS)),
                list(tables.scan(BALANCES)),
                tables.encoded_of(BALANCES, (holder(3), "USD")),
                prove(tables, key),
            )
        )
        undo.append(apply_block(tables, writes))

    for height, (root, orders, balances, value, proof) in enumerate(seen):
        view = Rewound(tables, reversed(undo[height:]))

        assert root == view.root
        assert orders == list(view.scan(ORDERS))
        assert balances == list(view.scan(BALANCES))
        assert sorted(key for key, _ in balances) == sorted(view.keys_of(BALANCES))
        assert value == view.encoded_of(BALANCES, (holder(3), "USD"))
        assert proof == prove(view, key)
        assert verify_proof(root, key, value, proof)
        for stored, record in balances:
            assert record == view.get(BALANCES, stored)
        assert [row for row in orders if row[0] > ("A", 3)] == list(
            view.scan(ORDERS, ("A",), after=("A", 3))
        )


def test_a_view_of_an_earlier_height_is_stale_once_a_block_is_folded() -> None:
    """STATE-041."""
    tables = tables_with()
    undo = apply_block(tables, {1: 1})
    view = Rewound(tables, [undo])
    assert view.get(BALANCES, (holder(1), "USD")) is None

    apply_block(tables, {2: 2})

    with pytest.raises(StaleView):
        view.get(BALANCES, (holder(1), "USD"))
    with pytest.raises(StaleView):
        list(view.scan(ORDERS))
    with pytest.raises(StaleView):
        prove(view, COUNTER.encoded(()))


@pytest.mark.parametrize("market", ["a market of more bytes", "A\0", "\ud800"])
def test_under_what_is_no_key_is_nothing_at_any_height(market: str) -> None:
    """STATE-040."""
    tables = tables_with()
    view = Rewound(tables, [apply_block(tables, {1: 1})])

    assert tables.get(ORDERS, (market, 1)) is None
    assert view.get(ORDERS, (market, 1)) is None


@given(blocks, blocks)
def test_a_view_goes_on_down_and_follows_what_is_folded(
    history: list[dict[int, int | None]], later: list[dict[int, int | None]]
) -> None:
    """STATE-041: a block that is followed is taken back below all others."""
    tables = tables_with()
    roots, undo = [], []
    for writes in history:
        roots.append(tables.root)
        undo.append(apply_block(tables, writes))
    view = Rewound(tables, ())

    for writes in later:
        view.follow(apply_block(tables, writes))
    assert not view.is_current
    view.stand_on(tables.generation)

    assert view.is_current
    for root, changes in zip(reversed(roots), reversed(undo), strict=True):
        view.take_back(changes)
        assert root == view.root
