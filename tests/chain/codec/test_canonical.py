"""Canonical form: one encoding each, read alike by two libraries, and no other accepted."""

import contextlib
import json
import struct
from pathlib import Path
from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chain.codec.canonical import OutOfBounds, decode, encode, encode_bounded
from chain.codec.record import MalformedRecord, Record, Wide
from tests.chain.codec.samples import SAMPLES, Carrier, Nested, Plain, Sixteen, Wides

GOLDENS = json.loads((Path(__file__).resolve().parents[2] / "goldens" / "codec.json").read_text())[
    "records"
]


def as_plain(value: Any) -> Any:
    """The record as lists and plain values, the way a reader without our types sees it."""
    if isinstance(value, Record):
        return [as_plain(getattr(value, name)) for name in value.__struct_fields__]
    if isinstance(value, tuple):
        return [as_plain(part) for part in value]
    if isinstance(value, Wide):
        return int(value).to_bytes(16, "big", signed=True)
    if isinstance(value, msgspec.Raw):
        return msgpack.unpackb(bytes(value))
    return value


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden["name"])
def test_a_golden_is_written_and_read_alike_by_both_libraries(golden: dict[str, str]) -> None:
    """CODEC-017."""
    data, sample = bytes.fromhex(golden["bytes"]), SAMPLES[golden["name"]]

    assert data == encode(sample)
    assert data == encode_bounded(sample)
    assert sample == decode(type(sample), data)
    assert as_plain(sample) == msgpack.unpackb(data)
    assert data == msgpack.packb(msgpack.unpackb(data))


def test_every_sample_has_a_golden() -> None:
    assert list(SAMPLES) == [golden["name"] for golden in GOLDENS]


plain_records = st.builds(
    Plain,
    lots_quantums=st.integers(-(2**63), 2**63 - 1),
    started_ms=st.integers(0, 2**63 - 1),
    is_open=st.booleans(),
    note=st.text(max_size=300),
    blob=st.binary(max_size=300),
)
nested_records = st.builds(
    Nested,
    first=plain_records,
    second=st.none() | plain_records,
    many=st.lists(plain_records, max_size=18).map(tuple),
    hashes=st.lists(st.binary(min_size=32, max_size=32), max_size=3).map(tuple),
)


@given(nested_records)
def test_any_record_is_read_back_from_its_bytes_by_both_libraries(nested: Nested) -> None:
    """CODEC-010, CODEC-017."""
    data = encode_bounded(nested)

    assert nested == decode(Nested, data)
    assert as_plain(nested) == msgpack.unpackb(data)
    assert data == msgpack.packb(as_plain(nested))


def with_field(place: int, encoded: bytes) -> bytes:
    fields = [b"\x05", b"\x00", b"\xc2", b"\xa1x", b"\xc4\x01y"]
    fields[place] = encoded
    return b"\x95" + b"".join(fields)


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("5 as uint 8", with_field(0, b"\xcc\x05")),
        ("5 as uint 16", with_field(0, b"\xcd\x00\x05")),
        ("5 as uint 32", with_field(0, b"\xce\x00\x00\x00\x05")),
        ("5 as uint 64", with_field(0, b"\xcf" + (5).to_bytes(8, "big"))),
        ("5 as int 8", with_field(0, b"\xd0\x05")),
        ("5 as int 64", with_field(0, b"\xd3" + (5).to_bytes(8, "big"))),
        ("-1 as int 8", with_field(0, b"\xd0\xff")),
        ("-1 as int 64", with_field(0, b"\xd3" + b"\xff" * 8)),
        ("200 as int 16", with_field(0, b"\xd1\x00\xc8")),
        ("2^63 as uint 64", with_field(0, b"\xcf" + (2**63).to_bytes(8, "big"))),
        ("-1 where none is negative", with_field(1, b"\xff")),
        ("5.0 as float 64", with_field(0, b"\xcb" + struct.pack(">d", 5.0))),
        ("5.0 as float 32", with_field(0, b"\xca" + struct.pack(">f", 5.0))),
        ("true for an integer", with_field(0, b"\xc3")),
        ("1 for a bool", with_field(2, b"\x01")),
        ("none for an integer", with_field(0, b"\xc0")),
        ("text for an integer", with_field(0, b"\xa15")),
        ("str 8 for one character", with_field(3, b"\xd9\x01x")),
        ("str 16 for one character", with_field(3, b"\xda\x00\x01x")),
        ("str 32 for one character", with_field(3, b"\xdb\x00\x00\x00\x01x")),
        ("bytes for text", with_field(3, b"\xc4\x01x")),
        ("text that is no UTF-8", with_field(3, b"\xa1\xff")),
        ("text with a surrogate", with_field(3, b"\xa3\xed\xa0\x80")),
        ("overlong UTF-8", with_field(3, b"\xa2\xc0\x80")),
        ("bin 16 for one byte", with_field(4, b"\xc5\x00\x01y")),
        ("bin 32 for one byte", with_field(4, b"\xc6\x00\x00\x00\x01y")),
        ("text for bytes", with_field(4, b"\xa1y")),
        ("an extension for bytes", with_field(4, b"\xd4\x01y")),
        ("a timestamp for bytes", with_field(4, b"\xd6\xff\x00\x00\x00\x00")),
        ("a map for bytes", with_field(4, b"\x81\xa1y\xa1y")),
        ("an array for bytes", with_field(4, b"\x91\x01")),
        ("the header never used", with_field(0, b"\xc1")),
        ("array 16 for five", b"\xdc\x00\x05" + with_field(0, b"\x05")[1:]),
        ("array 32 for five", b"\xdd\x00\x00\x00\x05" + with_field(0, b"\x05")[1:]),
        ("one field more", b"\x96" + with_field(0, b"\x05")[1:] + b"\x00"),
        ("one field less", b"\x94" + with_field(0, b"\x05")[1:-3]),
        ("a byte after it", with_field(0, b"\x05") + b"\x00"),
        ("a map of the fields", b"\x85" + b"\xa1a\x00" * 5),
        ("a huge array header", b"\xdd\xff\xff\xff\xff"),
        ("a huge bin header", with_field(4, b"\xc6\xff\xff\xff\xff")),
        ("nothing", b""),
        ("nesting of 100,000", b"\x91" * 100_000),
        ("nesting of 100,000 in a field", b"\x95\x05\x00\xc2\xa1x" + b"\x91" * 100_000),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_another_form_of_the_same_or_another_value_is_refused(what: str, data: bytes) -> None:
    """CODEC-010 to CODEC-014."""
    assert Plain(lots_quantums=5, started_ms=0, is_open=False, note="x", blob=b"y") == decode(
        Plain, with_field(0, b"\x05")
    )

    with pytest.raises(MalformedRecord):
        decode(Plain, data)


@pytest.mark.parametrize(
    "encoded",
    [b"\x01", b"\xc4\x0f" + bytes(15), b"\xc4\x11" + bytes(17), b"\xc5\x00\x10" + bytes(16)],
)
def test_a_number_of_128_bits_is_sixteen_bytes_in_the_shortest_header(encoded: bytes) -> None:
    """CODEC-004."""
    assert 1 == decode(Sixteen, b"\x93\x01\xc4\x10" + bytes(16) + b"\x02").before_count

    with pytest.raises(MalformedRecord):
        decode(Sixteen, b"\x93\x01" + encoded + b"\x02")


def test_a_carried_value_is_kept_and_written_as_it_came() -> None:
    carried = decode(Carrier, b"\x92\xcc\xc9\x92\xcc\x05\x06")

    assert b"\x92\xcc\x05\x06" == bytes(carried.payload)
    assert b"\x92\xcc\xc9\x92\xcc\x05\x06" == encode(carried)
    with pytest.raises(MalformedRecord):
        decode(Carrier, b"\x92\xcc\xc9\x92\x05")


def test_a_carried_value_may_be_nested_without_end_and_ends_nothing() -> None:
    """CODEC-016."""
    with pytest.raises(MalformedRecord):
        decode(Carrier, b"\x92\x01" + b"\x91" * 100_000)
    with contextlib.suppress(MalformedRecord):
        decode(Carrier, b"\x92\x01" + b"\x91" * 100_000 + b"\x01")


def test_bytes_beyond_the_readers_limit_are_not_looked_at() -> None:
    """CODEC-014."""
    data = with_field(0, b"\x05")

    assert decode(Plain, data, limit_bytes=len(data)) == decode(Plain, data)
    with pytest.raises(MalformedRecord, match="where 8 are allowed"):
        decode(Plain, data, limit_bytes=8)


@given(st.binary(max_size=200))
@example(b"\xdf\xff\xff\xff\xff")
@example(b"\x95\xd7\xff" + bytes(8))
def test_any_bytes_decode_or_are_malformed(data: bytes) -> None:
    """CODEC-016."""
    for kind in (Plain, Nested, Sixteen, Carrier, Wides):
        try:
            value: object = decode(kind, data)
        except MalformedRecord:
            continue
        assert data == encode(value)


@given(nested_records, st.data())
def test_a_changed_byte_is_another_record_or_malformed(nested: Nested, data: st.DataObject) -> None:
    """CODEC-016."""
    encoded = bytearray(encode(nested))
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] ^= data.draw(st.integers(1, 255))

    try:
        changed = decode(Nested, bytes(encoded))
    except MalformedRecord:
        return

    assert nested != changed
    assert bytes(encoded) == encode(changed)


def test_a_record_with_one_number_too_large_is_refused_with_its_place() -> None:
    """CODEC-015."""
    record = Plain(lots_quantums=2**63, started_ms=0, is_open=True, note="", blob=b"")
    larger = Plain(lots_quantums=2**64, started_ms=0, is_open=True, note="", blob=b"")
    text = Plain(lots_quantums=0, started_ms=0, is_open=True, note="\ud800", blob=b"")

    with pytest.raises(OutOfBounds, match=r"\$\[0\]"):
        encode_bounded(record)
    with pytest.raises(OutOfBounds):
        encode_bounded(larger)
    with pytest.raises(OutOfBounds):
        encode_bounded(text)
