"""Overlays: reads fall through, rollbacks are exact, and the root depends on content alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.codec.canonical import OutOfBounds
from chain.codec.order import MalformedKey
from chain.crypto.digest import ZERO_HASH, sha256
from chain.crypto.merkle import merkle_root
from chain.kit.table import AnyTable, Key
from chain.state.commitment import key_hash_of
from chain.state.overlay import Overlay, StaleParent
from chain.state.tables import Tables
from tests.chain.state.rows import (
    BALANCES,
    COUNTER,
    ORDERS,
    Balance,
    Order,
    everything,
    holder,
    tables_with,
)

KEYS: tuple[tuple[AnyTable, Key], ...] = (
    *((BALANCES, (holder(number), "USD")) for number in range(6)),
    *((ORDERS, (market, number)) for market in ("A", "AB", "B") for number in (0, 1, 256)),
    (COUNTER, ()),
)


def write(overlay: Overlay, place: int, amount: int | None) -> None:
    table, key = KEYS[place]
    if amount is None:
        overlay.delete(table, key)
    elif table is ORDERS:
        overlay.put(ORDERS, key, Order(size_lots=amount, note=""))
    else:
        overlay.put(table, key, Balance(amount_quantums=amount))


writes = st.lists(
    st.tuples(st.integers(0, len(KEYS) - 1), st.one_of(st.none(), st.integers(-3, 3))), max_size=25
)


def rebuilt(rows: dict[bytes, bytes]) -> Tables:
    tables = tables_with()
    tables.load(rows.items())
    return tables


def test_a_read_falls_through_to_the_parent_until_the_key_is_changed() -> None:
    tables = tables_with([(COUNTER, (), Balance(amount_quantums=1))])
    parent = Overlay(tables)
    parent.put(BALANCES, (holder(1), "USD"), Balance(amount_quantums=5))
    parent.seal()
    child = Overlay(parent)

    child.delete(BALANCES, (holder(1), "USD"))

    assert Balance(amount_quantums=1) == child.get(COUNTER, ())
    assert child.get(BALANCES, (holder(1), "USD")) is None
    assert Balance(amount_quantums=5) == parent.get(BALANCES, (holder(1), "USD"))


def test_a_record_of_another_kind_is_never_put() -> None:
    overlay = Overlay(tables_with())

    with pytest.raises(TypeError, match="counter holds Balance"):
        overlay.put(COUNTER, (), Order(size_lots=1, note=""))  # type: ignore[arg-type]


@given(before=writes, kept=writes, undone=writes)
def test_rollback_leaves_exactly_what_was_there_at_the_mark(
    before: list[tuple[int, int | None]],
    kept: list[tuple[int, int | None]],
    undone: list[tuple[int, int | None]],
) -> None:
    """STATE-006."""
    parent = Overlay(tables_with())
    for place, amount in before:
        write(parent, place, amount)
    parent.seal()
    overlay, twin = Overlay(parent), Overlay(parent)
    for place, amount in kept:
        write(overlay, place, amount)
        write(twin, place, amount)

    mark = overlay.mark()
    for place, amount in undone:
        write(overlay, place, amount)
    overlay.rollback(mark)

    assert everything(twin) == everything(overlay)
    assert twin.changes == {table: rows for table, rows in overlay.changes.items() if rows}
    overlay.seal()
    twin.seal()
    assert twin.root == overlay.root
    assert twin.encoded_changes == overlay.encoded_changes


@given(first=writes, second=writes, third=writes)
def test_root_of_an_overlay_is_the_root_of_its_rows_loaded_afresh(
    first: list[tuple[int, int | None]],
    second: list[tuple[int, int | None]],
    third: list[tuple[int, int | None]],
) -> None:
    """STATE-011: by whatever writes, in whatever blocks, folded or not."""
    tables = tables_with()
    overlays: list[Overlay] = []
    for block in (first, second, third):
        overlay = Overlay(overlays[-1] if overlays else tables)
        for place, amount in block:
            write(overlay, place, amount)
        overlay.seal()
        overlays.append(overlay)
    rows = everything(overlays[-1])
    expected_root = rebuilt(rows).root

    tables.fold(overlays[0])

    assert expected_root == overlays[-1].root
    assert rows == everything(overlays[-1])
    later = Overlay(overlays[-1])
    later.seal()
    assert expected_root == later.root
    tables.fold(overlays[1])
    tables.fold(overlays[2])
    assert expected_root == tables.root
    assert rows == everything(tables)
    assert sorted(rows.items()) == sorted(tables.rows())
    tables.fold(later)
    assert expected_root == tables.root


@given(block=writes, data=st.data())
def test_order_of_writes_to_different_keys_never_shows_in_the_root(
    block: list[tuple[int, int | None]], data: st.DataObject
) -> None:
    """STATE-011."""
    last_of_key = list(dict(block).items())
    shuffled = data.draw(st.permutations(last_of_key))
    overlay, other = Overlay(tables_with()), Overlay(tables_with())
    for place, amount in last_of_key:
        write(overlay, place, amount)
    for place, amount in shuffled:
        write(other, place, amount)

    overlay.seal()
    other.seal()

    assert overlay.root == other.root
    assert overlay.encoded_changes == other.encoded_changes
    assert overlay.changes_root == other.changes_root


@given(below=writes, above=writes)
def test_a_scan_of_layers_is_the_scan_of_one_sorted_map(
    below: list[tuple[int, int | None]], above: list[tuple[int, int | None]]
) -> None:
    """STATE-005."""
    parent = Overlay(tables_with())
    for place, amount in below:
        write(parent, place, amount)
    parent.seal()
    overlay = Overlay(parent)
    for place, amount in above:
        write(overlay, place, amount)

    for scanned_table in (ORDERS, BALANCES, COUNTER):
        expected = [
            (scanned_table.encoded(key), key, record)
            for table, key in KEYS
            if table is scanned_table and (record := overlay.get(table, key)) is not None
        ]
        assert sorted(expected) == [
            (scanned_table.encoded(key), key, record) for key, record in overlay.scan(scanned_table)
        ]
    scanned = list(overlay.scan(ORDERS))
    assert [row for row in scanned if row[0][0] == "AB"] == list(overlay.scan(ORDERS, ("AB",)))
    assert [row for row in scanned if row[0] > ("AB", 1)] == list(
        overlay.scan(ORDERS, after=("AB", 1))
    )


def test_a_scan_meets_what_is_put_ahead_of_it_and_not_what_is_taken_away() -> None:
    overlay = Overlay(tables_with([(ORDERS, ("A", 5), Order(size_lots=5, note=""))]))
    overlay.put(ORDERS, ("A", 1), Order(size_lots=1, note=""))
    met: list[Key] = []

    for key, _ in overlay.scan(ORDERS, ("A",)):
        met.append(key)
        overlay.put(ORDERS, ("A", 3), Order(size_lots=3, note=""))
        overlay.delete(ORDERS, ("A", 5))

    assert [("A", 1), ("A", 3)] == met


@given(
    below=writes, above=writes, meanwhile=st.lists(writes, max_size=12), table=st.sampled_from("oc")
)
def test_a_scan_tells_of_each_key_what_is_there_when_it_is_reached(
    below: list[tuple[int, int | None]],
    above: list[tuple[int, int | None]],
    meanwhile: list[list[tuple[int, int | None]]],
    table: str,
) -> None:
    """STATE-005: what is put ahead is met in an ordered table alone."""
    scanned: AnyTable = ORDERS if table == "o" else BALANCES
    overlay = Overlay(tables_with())
    for place, amount in below:
        write(overlay, place, amount)
    overlay.seal()
    overlay = Overlay(overlay)
    for place, amount in above:
        write(overlay, place, amount)
    keys = sorted(scanned.encoded(key) for table, key in KEYS if table is scanned)
    key_of = {scanned.encoded(key): key for table, key in KEYS if table is scanned}
    known = {
        encoded
        for encoded in keys
        if overlay.get(scanned, key_of[encoded]) is not None
        or key_of[encoded] in overlay.changes.get(scanned, {})
    }

    met = []
    steps = iter(meanwhile)
    for key, record in overlay.scan(scanned):
        assert record == overlay.get(scanned, key)
        start = keys.index(met[-1]) + 1 if met else 0
        met.append(scanned.encoded(key))
        for passed in keys[start : keys.index(met[-1])]:
            if scanned.ordered or passed in known:
                assert overlay.get(scanned, key_of[passed]) is None
        for place, amount in next(steps, []):
            write(overlay, place, amount)

    for beyond in keys[keys.index(met[-1]) + 1 :] if met else keys:
        if scanned.ordered or beyond in known:
            assert overlay.get(scanned, key_of[beyond]) is None
    assert sorted(set(met)) == met
    if not scanned.ordered:
        assert set(met) <= known


def test_a_key_that_ends_as_it_began_is_no_change() -> None:
    """STATE-017."""
    tables = tables_with([(COUNTER, (), Balance(amount_quantums=1))])
    overlay = Overlay(tables)

    overlay.put(COUNTER, (), Balance(amount_quantums=1))
    overlay.delete(BALANCES, (holder(1), "USD"))
    overlay.seal()

    assert () == overlay.encoded_changes
    assert tables.root == overlay.root
    assert ZERO_HASH == overlay.changes_root


def test_root_of_changes_is_over_key_hash_and_value_hashes_in_order() -> None:
    """STATE-018."""
    overlay = Overlay(tables_with([(COUNTER, (), Balance(amount_quantums=1))]))
    overlay.put(BALANCES, (holder(1), "USD"), Balance(amount_quantums=5))
    overlay.delete(COUNTER, ())
    leaves = [
        key_hash_of(COUNTER.encoded(())) + sha256(b"\x91\x01") + ZERO_HASH,
        key_hash_of(BALANCES.encoded((holder(1), "USD"))) + ZERO_HASH + sha256(b"\x91\x05"),
    ]

    overlay.seal()

    assert merkle_root(sorted(leaves)) == overlay.changes_root


def test_numbers_and_keys_that_have_no_stored_form_are_refused_before_sealing() -> None:
    overlay = Overlay(tables_with())
    overlay.put(COUNTER, (), Balance(amount_quantums=1))
    mark = overlay.mark()

    overlay.put(COUNTER, (), Balance(amount_quantums=2**63))
    with pytest.raises(OutOfBounds):
        overlay.check_since(mark)
    overlay.rollback(mark)
    overlay.put(BALANCES, (holder(1), "N\0UL"), Balance(amount_quantums=1))
    with pytest.raises(MalformedKey, match="asset"):
        overlay.check_since(mark)
    overlay.rollback(mark)

    overlay.check_since(0)
    overlay.seal()
    assert Balance(amount_quantums=1) == overlay.get(COUNTER, ())


def test_a_fork_that_lost_can_be_neither_sealed_nor_folded() -> None:
    """STATE-009."""
    tables = tables_with()
    winner, loser, child_of_loser = Overlay(tables), Overlay(tables), None
    winner.put(COUNTER, (), Balance(amount_quantums=1))
    loser.put(COUNTER, (), Balance(amount_quantums=2))
    winner.seal()
    loser.seal()
    child_of_loser = Overlay(loser)
    open_beside = Overlay(tables)

    tables.fold(winner)

    with pytest.raises(StaleParent):
        tables.fold(loser)
    with pytest.raises(StaleParent):
        child_of_loser.seal()
    with pytest.raises(StaleParent):
        open_beside.seal()
    assert Balance(amount_quantums=1) == tables.get(COUNTER, ())


def test_folding_keeps_no_chain_of_parents() -> None:
    tables = tables_with()
    overlay = Overlay(tables)
    overlay.seal()
    for amount in range(5):
        child = Overlay(overlay)
        child.put(COUNTER, (), Balance(amount_quantums=amount))
        child.seal()
        tables.fold(overlay)
        overlay = child

    assert overlay.parent.is_folded  # type: ignore[attr-defined]
    assert overlay.parent.parent is tables  # type: ignore[attr-defined]
    assert {} == overlay.parent.changes  # type: ignore[attr-defined]
    assert Overlay(overlay.parent).parent is tables


def test_a_sealed_overlay_never_changes() -> None:
    overlay = Overlay(tables_with())
    overlay.seal()

    with pytest.raises(AssertionError, match="as fixed as its block"):
        overlay.put(COUNTER, (), Balance(amount_quantums=1))


def test_what_was_checked_once_is_encoded_anew_when_it_changes_again() -> None:
    overlay, twin = Overlay(tables_with()), Overlay(tables_with())
    overlay.put(COUNTER, (), Balance(amount_quantums=1))
    overlay.check_since(0)
    mark = overlay.mark()
    overlay.put(COUNTER, (), Balance(amount_quantums=2))
    overlay.check_since(mark)
    overlay.rollback(mark)
    overlay.put(COUNTER, (), Balance(amount_quantums=3))
    twin.put(COUNTER, (), Balance(amount_quantums=3))

    overlay.seal()
    twin.seal()

    assert twin.root == overlay.root
    assert twin.encoded_changes == overlay.encoded_changes


def test_a_child_is_never_folded_before_its_parent() -> None:
    """STATE-008."""
    tables = tables_with()
    parent = Overlay(tables)
    parent.put(COUNTER, (), Balance(amount_quantums=1))
    parent.seal()
    child = Overlay(parent)
    child.put(BALANCES, (holder(1), "USD"), Balance(amount_quantums=2))
    child.seal()
    before = tables.root

    with pytest.raises(StaleParent, match="directly"):
        tables.fold(child)

    assert before == tables.root
    assert tables.get(BALANCES, (holder(1), "USD")) is None
    tables.fold(parent)
    tables.fold(child)
    assert child.root == tables.root


def _child(parent: Overlay | Tables, amount: int) -> Overlay:
    overlay = Overlay(parent)
    overlay.put(COUNTER, (), Balance(amount_quantums=amount))
    overlay.seal()
    return overlay


def test_the_trail_of_a_state_names_every_root_it_came_by_folded_or_not() -> None:
    """STATE-043."""
    tables = tables_with()
    start = tables.root
    first = _child(tables, 1)
    second = _child(first, 2)
    third = _child(second, 3)
    expected = [second.root, first.root, start]

    assert expected == [step.root for step in third.trail()]
    tables.fold(first)
    assert expected == [step.root for step in third.trail()]
    tables.fold(second)
    tables.fold(third)
    assert expected == [step.root for step in third.trail()]
    assert expected == [step.root for step in Overlay(third).trail()][1:]
    assert [{(): Balance(amount_quantums=n)} for n in (3, 2, 1)] == [
        step.changes[COUNTER] for step in tables.trail()
    ]


def test_what_stands_on_a_fork_that_lost_has_no_trail() -> None:
    """STATE-044."""
    tables = tables_with()
    won, lost = (_child(tables, n) for n in (1, 2))
    late = _child(won, 3)
    tables.fold(won)

    assert [] == lost.trail()
    tables.fold(_child(won, 4))
    assert [] == late.trail()
