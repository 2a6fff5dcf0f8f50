"""Bounds of scans: a prefix and a starting point become a range of encoded keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.state.overlay import Overlay
from chain.state.view import bounds_of, end_of_prefix, remembered
from tests.chain.state.rows import COUNTER, ORDERS, Balance, tables_with


@pytest.mark.parametrize(
    ("prefix", "end"),
    [(b"\x01", b"\x02"), (b"\x01\x02", b"\x01\x03"), (b"\x01\xff\xff", b"\x02")],
)
def test_the_end_of_a_prefix_is_the_least_beyond_everything_with_it(
    prefix: bytes, end: bytes
) -> None:
    assert end == end_of_prefix(prefix)
    assert prefix + b"\xff" * 9 < end


def test_a_scan_begins_with_its_prefix_or_right_beyond_a_key() -> None:
    """STATE-005."""
    assert (b"\x07\x02", b"\x07\x03") == bounds_of(ORDERS, (), None)
    assert (b"\x07\x02A\x00", b"\x07\x02A\x01") == bounds_of(ORDERS, ("A",), None)
    assert (b"\x07\x02A\x00\x00\x00\x00\x05\x00", b"\x07\x02A\x01") == bounds_of(
        ORDERS, ("A",), ("A", 5)
    )
    assert (b"\x07\x02B\x00", b"\x07\x02B\x01") == bounds_of(ORDERS, ("B",), ("A", 5))
    assert (b"\x07\x03", b"\x07\x04") == bounds_of(COUNTER, (), None)


@given(st.lists(st.sampled_from(["put", "delete", "undo", "mark", "ask"]), max_size=30))
def test_what_is_remembered_of_a_state_is_what_would_be_made_anew(steps: list[str]) -> None:
    """STATE-019."""
    overlay = Overlay(tables_with())
    marks = [overlay.mark()]
    for number, step in enumerate(steps):
        if step == "put":
            overlay.put(COUNTER, (), Balance(amount_quantums=number))
        elif step == "delete":
            overlay.delete(COUNTER, ())
        elif step == "undo":
            overlay.rollback(marks[-1])
        elif step == "mark":
            marks.append(overlay.mark())

        told = remembered(overlay, "counter", lambda: overlay.get(COUNTER, ()))

        assert overlay.get(COUNTER, ()) == told


def test_what_is_remembered_is_made_once_until_the_state_changes() -> None:
    """STATE-019."""
    overlay = Overlay(tables_with())
    made: list[int] = []

    def make() -> int:
        made.append(0)
        return len(made)

    assert [1, 1] == [remembered(overlay, "a", make), remembered(overlay, "a", make)]
    overlay.put(COUNTER, (), Balance(amount_quantums=1))
    assert 2 == remembered(overlay, "a", make)
    assert [3, 4] == [remembered(tables_with(), "a", make), remembered(tables_with(), "a", make)]
