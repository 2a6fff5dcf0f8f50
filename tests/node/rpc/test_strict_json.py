"""JSON with one meaning. Criteria: RPC-020 of docs/specs/rpc.md."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.rpc.errors import ParseFailed
from node.rpc.strict_json import DEPTH_MAX, read, write

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert value == read(write(value))


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": 1, "a": 2}',
        b'{"x": {"b": 1, "b": 1}}',
        b'[{"\\u0061": 1, "a": 2}]',
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b"1.0",
        b"1e3",
        b"1e400",
        b"18446744073709551616",
        b"-9223372036854775809",
        b"9" * 5_000,
        b"[" * 100 + b"]" * 100,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'"\xff"',
        b'"\\ud800"',
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b"{'a': 1}",
        b"[1,]",
        b"01",
        b"",
        b"\x00",
    ],
)
def test_json_without_one_meaning_is_refused(text: bytes) -> None:
    with pytest.raises(ParseFailed):
        read(text)


def test_colons_and_quotes_inside_strings_are_no_members() -> None:
    value = {'a":"b': ':"\\":', "c": ["::", {"d": '"'}]}

    assert value == read(write(value))


def test_nesting_up_to_the_bound_is_read() -> None:
    text = b"[" * DEPTH_MAX + b"1" + b"]" * DEPTH_MAX

    assert read(text)
    assert read(text.replace(b"1", b'"a"'))
    with pytest.raises(ParseFailed):
        read(b"[" + text.replace(b"1", b'"a"') + b"]")
    with pytest.raises(ParseFailed):
        read(b"[" + text + b"]")
