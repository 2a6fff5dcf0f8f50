"""STATE-055: whoever remembers rows is told by counts when they are changed by others."""

import ctypes
from typing import Any

import pytest

from chain.state.overlay import Overlay
from tests.chain.state.rows import BALANCES, COUNTER, Balance, holder, tables_with
from tests.kernel.journal_capsule import calls_of

native = pytest.importorskip("chain.kernel.native")

KEY = (holder(1), "USD")


@pytest.fixture
def calls() -> Any:
    return calls_of(native)


def counts_of(calls: Any, overlay: Overlay, number: int) -> tuple[int, int]:
    """Return how many changes a journal counts: all, and those of a table."""
    moves = calls.moves(overlay)
    return moves[0], moves[number]


def test_table_has_one_number_for_good(calls: Any) -> None:
    first, second = calls.watch(BALANCES), calls.watch(COUNTER)

    assert first != second
    assert (first, second) == (calls.watch(BALANCES), calls.watch(COUNTER))
    assert 1 <= min(first, second)


def test_what_others_change_and_undo_is_counted(calls: Any) -> None:
    overlay = Overlay(tables_with([(COUNTER, (), Balance(1))]))
    number = calls.watch(BALANCES)
    before = counts_of(calls, overlay, number)

    overlay.put(BALANCES, KEY, Balance(7))
    put = counts_of(calls, overlay, number)
    overlay.put(COUNTER, (), Balance(2))
    elsewhere = counts_of(calls, overlay, number)
    overlay.rollback(0)

    assert before < put
    assert put[1] == elsewhere[1]
    assert put[0] < elsewhere[0]
    assert elsewhere[1] < counts_of(calls, overlay, number)[1]


def test_what_the_one_who_remembers_puts_is_counted_among_all_alone(calls: Any) -> None:
    overlay = Overlay(tables_with())
    number = calls.watch(BALANCES)
    before = counts_of(calls, overlay, number)
    mark = overlay.mark()

    calls.put_met(overlay, BALANCES, KEY, hash(KEY), Balance(7))
    after = counts_of(calls, overlay, number)

    assert before[1] == after[1]
    assert before[0] < after[0]
    assert Balance(7) == overlay.get(BALANCES, KEY)
    assert {(BALANCES, KEY): None} == overlay.former_since(mark)

    overlay.rollback(mark)

    assert overlay.get(BALANCES, KEY) is None
    assert after[1] < counts_of(calls, overlay, number)[1]


def test_no_sealed_state_is_changed(calls: Any) -> None:
    overlay = Overlay(tables_with())
    overlay.seal()

    with pytest.raises(AssertionError, match="as fixed as its block"):
        calls.put_met(overlay, BALANCES, KEY, hash(KEY), Balance(7))


def test_what_is_kept_aside_goes_with_the_seal(calls: Any) -> None:
    overlay = Overlay(tables_with())
    kept = Balance(7)
    place = calls.aside(overlay)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))
    place[0] = id(kept)

    overlay.seal()

    assert not place[0]
