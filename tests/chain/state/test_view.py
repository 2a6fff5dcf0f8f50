"""Bounds of scans: a prefix and a starting point become a range of encoded keys."""

import pytest

from chain.state.view import bounds_of, end_of_prefix
from tests.chain.state.rows import COUNTER, ORDERS


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
