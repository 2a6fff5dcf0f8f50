"""Tables: one declaration gives a key its bytes, and bytes their key."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.codec.order import MalformedKey, address_key, integer_key, text_key
from chain.codec.record import U8, record
from chain.kit.table import Item, Table


@record
class Anything:
    """One small number."""

    value: U8


def single() -> Table[Anything]:
    return Table(3, "single", key=(integer_key("place", 16),), value=Anything)


def several() -> Table[Anything]:
    return Table(
        4, "several", key=(text_key("name"), integer_key("place", 8)), value=Anything, ordered=True
    )


def test_a_key_is_encoded_under_module_and_table_number() -> None:
    """STATE-001."""
    table, pair, item = single(), several(), Item(5, "item", value=Anything)
    three = Table(
        6,
        "three",
        key=(integer_key("a", 8), integer_key("b", 8), address_key("c")),
        value=Anything,
    )
    for each in (table, pair, item, three):
        each.bind(20)

    assert b"\x14\x03\x01\x02" == table.encoded(258)
    assert b"\x14\x04ab\x00\x07" == pair.encoded(("ab", 7))
    assert b"\x14\x05" == item.encoded(())
    assert b"\x14\x06\x01\x02" + bytes(32) == three.encoded((1, 2, bytes(32)))
    assert b"\x14\x04ab\x00" == pair.encoded_prefix(("ab",))
    assert 258 == table.key_from(b"\x14\x03\x01\x02")
    assert ("ab", 7) == pair.key_from(b"\x14\x04ab\x00\x07")
    assert () == item.key_from(b"\x14\x05")


@pytest.mark.parametrize("key", [(1,), (), "1", b"\x00\x01", 65_536, -1])
def test_a_key_of_another_form_is_refused(key: object) -> None:
    """STATE-002."""
    table = single()
    table.bind(20)

    with pytest.raises(MalformedKey):
        table.encoded(key)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["ab", ("ab",), ("ab", 7, 7), ("ab", 256), (7, "ab")])
def test_a_key_of_several_parts_is_a_tuple_of_them(key: object) -> None:
    """STATE-002."""
    table = several()
    table.bind(20)

    with pytest.raises(MalformedKey):
        table.encoded(key)  # type: ignore[arg-type]


def test_a_key_of_another_table_is_refused() -> None:
    table = single()
    table.bind(20)

    with pytest.raises(MalformedKey, match="does not begin a key of single"):
        table.key_from(b"\x14\x04\x01\x02")


def test_a_table_belongs_to_one_module_for_ever() -> None:
    """STATE-003."""
    table = single()
    with pytest.raises(AssertionError, match="in no module"):
        table.encoded(1)

    table.bind(20)
    table.bind(20)

    assert 20 == table.module_id
    with pytest.raises(AssertionError, match="belongs to 20"):
        table.bind(21)


def test_two_tables_declared_alike_are_still_two() -> None:
    assert single() != single()
    assert "Table(single)" == repr(single())


def test_bytes_of_a_record_are_read_as_the_tables_record() -> None:
    assert Anything(value=7) == single().record_from(b"\x91\x07")


PARTS = (text_key("name", 5), integer_key("small", 16), address_key("holder"), text_key("last", 3))
texts = st.text(st.characters(), max_size=6) | st.sampled_from(("ab", "a\0", "é", "\ud800"))
keys = st.tuples(
    texts,
    st.integers(-1, 2**16) | st.booleans(),
    st.binary(min_size=31, max_size=33) | st.just(bytes(32)),
    texts,
)


def _bound(*parts: Any) -> Table[Anything]:
    table = Table(7, "bound", key=parts, value=Anything)
    table.bind(20)
    return table


def _said(act: Any, given_to_it: Any) -> Any:
    try:
        return act(given_to_it)
    except MalformedKey as refused:
        return str(refused)


@given(keys | st.lists(texts, max_size=4).map(tuple) | texts | st.none())
def test_keys_are_written_or_refused_as_python_says(key: Any) -> None:
    """STATE-053."""
    for table in (_bound(*PARTS), _bound(PARTS[0]), _bound()):
        assert _said(table._encoded, key) == _said(table.encoded, key)


@given(keys, st.integers(-3, 3), st.binary(max_size=3))
def test_bytes_are_read_or_refused_as_python_says(key: Any, cut: int, more: bytes) -> None:
    """STATE-053."""
    table = _bound(*PARTS)
    data = _said(table.encoded, key)
    if isinstance(data, str):
        data = b"\x14\x07" + more
    changed = (data[:cut] if cut else data) + more

    for each in (table, _bound(PARTS[0]), _bound(PARTS[1]), _bound(PARTS[2]), _bound()):
        for given_to_it in (data, changed):
            assert _said(each._key_from, given_to_it) == _said(each.key_from, given_to_it)
