"""STATE-054: other extensions of this project read and change state through the capsule."""

from typing import Any

import pytest

from chain.state.overlay import Overlay
from tests.chain.state.rows import BALANCES, COUNTER, Balance, holder, tables_with
from tests.kernel.journal_capsule import calls_of

native = pytest.importorskip("chain.kernel.native")


@pytest.fixture
def calls() -> Any:
    return calls_of(native)


def test_state_is_read_changed_and_undone(calls: Any) -> None:
    overlay = Overlay(tables_with([(COUNTER, (), Balance(1))]))
    key = (holder(1), "USD")

    mark = calls.mark(overlay)
    calls.put(overlay, BALANCES, key, Balance(7))
    there = calls.get(overlay, BALANCES, key)
    calls.rollback(overlay, mark)

    assert (2, Balance(7)) == (calls.revision, there)
    assert calls.get(overlay, BALANCES, key) is None
    assert Balance(1) == calls.get(overlay, COUNTER, ())


def test_refusal_is_the_one_of_python(calls: Any) -> None:
    overlay = Overlay(tables_with())

    with pytest.raises(TypeError, match="counter holds Balance, not 7"):
        calls.put(overlay, COUNTER, (), 7)


def test_only_an_overlay_is_one(calls: Any) -> None:
    assert 1 == calls.is_journal(Overlay(tables_with()))
    assert 0 == calls.is_journal(tables_with()) == calls.is_journal(None)
