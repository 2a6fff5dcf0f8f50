"""STATE-053: whatever is done to a journal, C and Python answer alike, refusals included."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.codec.canonical import encode
from chain.state.journal import FinalRows, Journal, PlainJournal, PlainRows
from chain.state.overlay import Overlay
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
)

native = pytest.importorskip("chain.kernel.native")

KEYS: tuple[Any, ...] = (
    *((BALANCES, (holder(number), asset)) for number in range(2) for asset in ("USD", "É")),
    *((ORDERS, ("A", number)) for number in (0, 256)),
    (COUNTER, ()),
    (GROUND, 2**64 - 1),
    # No keys of theirs: found by whoever encodes them, or by the dict.
    (GROUND, -1),
    (GROUND, 2**64),
    (GROUND, True),
    (GROUND, (1,)),
    (BALANCES, (bytes(31), "USD")),
    (BALANCES, (holder(0), "U\0")),
    (BALANCES, (holder(0), "\ud800")),
    (BALANCES, (holder(0), "x" * 65)),
    (BALANCES, [holder(0), "USD"]),
    (COUNTER, (1,)),
)
RECORDS: tuple[Any, ...] = (
    Balance(1),
    Balance(2),
    Balance(2**63),
    Order(1, "n"),
    Order(2, "\ud800"),
    7,
)

places = st.integers(0, len(KEYS) - 1)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), places, st.sampled_from(RECORDS)),
        st.tuples(st.just("delete"), places),
        st.tuples(st.just("get"), places),
        st.tuples(st.sampled_from(("rollback", "check_since", "former_since")), st.integers(0, 9)),
        st.tuples(st.sampled_from(("mark", "changed_count", "settle"))),
        st.tuples(st.just("child")),
    ),
    max_size=40,
)


def _final(kind: type[Any]) -> Any:
    rows = kind()
    rows._rows = {table: {} for table in ALL_TABLES}
    rows._rows[BALANCES][holder(1), "USD"] = encode(Balance(9))
    rows._rows[COUNTER][()] = Balance(4)
    return rows


def _said(act: Callable[[], Any]) -> Any:
    """Return the answer, or what was refused and in which words."""
    try:
        return act()
    except (AssertionError, LookupError, TypeError, ValueError) as refused:
        return type(refused), str(refused)


def _step(journal: Any, step: tuple[Any, ...]) -> Any:
    name, *words = step
    if name in {"put", "delete", "get"}:
        return _said(lambda: getattr(journal, name)(*KEYS[words[0]], *words[1:]))
    if name in {"rollback", "check_since", "former_since"}:
        mark = min(words[0], journal.mark())
        return _said(lambda: getattr(journal, name)(mark))
    return getattr(journal, name)()


def _run(rows: type[Any], kind: type[Any], program: list[tuple[Any, ...]]) -> list[Any]:
    """Return all that a program made it say, its changes and what is stored of each key last."""
    final = _final(rows)
    journal, said = kind(final), []
    for step in program:
        if step == ("child",):
            journal = kind(journal)
        else:
            journal.memory["kept"] = 1
            said.append((_step(journal, step), dict(journal.memory)))
    said += [journal.changes, _said(lambda: journal.check_since(journal.mark())), final._rows]
    return [*said, [_said(lambda at=at: journal.encoded_of(*KEYS[at])) for at in range(len(KEYS))]]


@given(steps)
def test_journals_say_the_same(program: list[tuple[Any, ...]]) -> None:
    by_twin = _run(PlainRows, PlainJournal, program)

    assert by_twin == _run(native.FinalRows, native.Journal, program)
    assert by_twin == _run(PlainRows, native.Journal, program)


def test_sealed_journal_refuses_changes_in_the_same_words() -> None:
    said = []
    for kind in (PlainJournal, native.Journal):
        journal = kind(_final(PlainRows))
        journal.is_fixed = True
        said.append(_said(lambda at=journal: at.put(COUNTER, (), Balance(1))))

    assert said[0] == said[1] == (AssertionError, "a sealed overlay is as fixed as its block")


@pytest.mark.parametrize("kind", [PlainJournal, native.Journal])
def test_nothing_goes_back_to_before_what_was_settled(kind: type[Any]) -> None:
    journal = kind(_final(PlainRows))
    journal.put(COUNTER, (), Balance(1))
    journal.settle()
    mark = journal.mark()
    journal.put(COUNTER, (), Balance(2))

    for act in (journal.rollback, journal.check_since, journal.former_since):
        with pytest.raises(ValueError, match="for good"):
            act(0)
    journal.rollback(mark)
    assert (1, Balance(1)) == (mark, journal.get(COUNTER, ()))


@pytest.mark.parametrize(
    "refused",
    [
        lambda journal: journal.rollback(-1),
        lambda journal: journal.check_since(-1),
        lambda journal: journal.former_since("0"),
        lambda journal: journal.get(COUNTER),
        lambda journal: journal.put(COUNTER, ()),
        lambda journal: journal.delete(COUNTER),
        lambda journal: journal.put(object(), (), Balance(1)),
    ],
)
def test_call_of_another_form_is_refused(refused: Callable[[Any], object]) -> None:
    with pytest.raises((AttributeError, TypeError, ValueError)):
        refused(native.Journal(_final(native.FinalRows)))


def test_attribute_of_another_kind_is_refused_and_harms_nothing() -> None:
    journal = native.Journal(_final(native.FinalRows))
    journal.changes = []

    for act in (
        lambda: journal.get(COUNTER, ()),
        lambda: journal.put(COUNTER, (), Balance(1)),
    ):
        with pytest.raises(TypeError):
            act()


def test_state_is_made_of_what_is_built_here() -> None:
    assert issubclass(Overlay, Journal)
    assert issubclass(Tables, FinalRows)
    assert (native.Journal, native.FinalRows) == (Journal, FinalRows)
