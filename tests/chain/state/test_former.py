"""STATE-006: what a transaction began with can be read while it runs."""

from chain.kit import Module, Table, record, text_key
from chain.state.former import Former
from chain.state.overlay import Overlay
from chain.state.tables import Tables


@record
class Kept:
    """A number under a name."""

    amount_quantums: int


KEPT = Table(1, "kept", key=(text_key("name", 8), text_key("part", 8)), value=Kept, ordered=True)
MODULE = Module(id=98, name="former_test", tables=(KEPT,))


def _state() -> tuple[Overlay, int]:
    below = Overlay(Tables(MODULE.tables))
    below.put(KEPT, ("a", "1"), Kept(1))
    below.put(KEPT, ("a", "2"), Kept(2))
    below.put(KEPT, ("b", "1"), Kept(3))
    below.seal()
    state = Overlay(below)
    state.put(KEPT, ("a", "2"), Kept(20))
    mark = state.mark()
    state.put(KEPT, ("a", "2"), Kept(200))
    state.put(KEPT, ("a", "2"), Kept(201))
    state.delete(KEPT, ("a", "1"))
    state.put(KEPT, ("a", "3"), Kept(300))
    return state, mark


def test_reads_what_was_there_at_the_mark() -> None:
    former = Former(*_state())

    found = [former.get(KEPT, key) for key in (("a", "1"), ("a", "2"), ("a", "3"), ("b", "1"))]

    assert [Kept(1), Kept(20), None, Kept(3)] == found


def test_scans_what_was_there_at_the_mark_in_order() -> None:
    former = Former(*_state())

    assert [(("a", "1"), Kept(1)), (("a", "2"), Kept(20))] == list(former.scan(KEPT, ("a",)))
    assert [(("a", "2"), Kept(20))] == list(former.scan(KEPT, ("a",), after=("a", "1")))
