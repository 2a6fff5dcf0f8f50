"""Keys: their bytes sort as their values do, and each has one form."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.codec.order import (
    KeyPart,
    MalformedKey,
    address_key,
    decode_key,
    encode_key,
    hash_key,
    integer_key,
    key_reader_of,
    public_key_key,
    text_key,
)
from tests.chain.codec.samples import KEY_SAMPLES

GOLDENS = json.loads((Path(__file__).resolve().parents[2] / "goldens" / "codec.json").read_text())[
    "keys"
]

PARTS = (text_key("market", max_bytes=8), integer_key("order", 16), address_key("holder"))

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=2)
keys = st.tuples(texts, st.integers(0, 2**16 - 1), st.binary(min_size=32, max_size=32))


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden["name"])
def test_a_key_has_the_bytes_of_its_golden(golden: dict[str, str]) -> None:
    parts, values = KEY_SAMPLES[golden["name"]]

    assert bytes.fromhex(golden["bytes"]) == encode_key(parts, values)
    assert values == decode_key(parts, bytes.fromhex(golden["bytes"]))


@given(keys, keys)
def test_encoded_keys_compare_as_their_values(
    one: tuple[str, int, bytes], other: tuple[str, int, bytes]
) -> None:
    """CODEC-033."""
    encoded, encoded_other = encode_key(PARTS, one), encode_key(PARTS, other)

    assert (one < other) == (encoded < encoded_other)
    assert (one == other) == (encoded == encoded_other)
    assert one == other or not encoded.startswith(encoded_other)


@given(st.binary(max_size=48))
def test_any_bytes_are_a_key_that_encodes_to_them_or_malformed(data: bytes) -> None:
    """CODEC-034."""
    for parts in (PARTS, PARTS[:1], PARTS[:2], PARTS[1:2], ()):
        try:
            values = decode_key(parts, data)
        except MalformedKey:
            continue
        assert data == encode_key(parts, values)


def read_or_refused(read: Callable[[bytes], object], data: bytes) -> object:
    try:
        return read(data)
    except MalformedKey as fault:
        return str(fault)


READ_PARTS = (
    PARTS,
    PARTS[:1],
    PARTS[1:],
    (),
    (address_key("holder"), text_key("asset", max_bytes=8)),
    (integer_key("id", 64), hash_key("order"), integer_key("lane", 8)),
)


@given(st.sampled_from(READ_PARTS), st.binary(max_size=48), keys)
def test_a_reader_gives_what_decoding_gives_or_refuses_as_it_does(
    parts: tuple[KeyPart, ...], data: bytes, key: tuple[str, int, bytes]
) -> None:
    """CODEC-034."""
    by_form = {"text": key[0], "integer": key[1] % 256, "address": key[2], "hash": key[2]}
    encoded = encode_key(parts, tuple(by_form[part.form] for part in parts))
    for given_bytes in (encoded, encoded + b"\0", encoded[:-1], encoded + data, data):
        expected = read_or_refused(lambda one: decode_key(parts, one), given_bytes)

        assert expected == read_or_refused(key_reader_of(parts), given_bytes)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (address_key("holder"), bytes(31)),
        (address_key("holder"), "x" * 32),
        (hash_key("id"), bytearray(32)),
        (public_key_key("key"), bytes(33)),
        (text_key("name"), "a\0b"),
        (text_key("name"), "\ud800"),
        (text_key("name"), "x" * 65),
        (text_key("name"), "é" * 33),
        (text_key("name"), b"x"),
        (integer_key("place", 8), 256),
        (integer_key("place", 64), 2**64),
        (integer_key("place", 64), -1),
        (integer_key("place", 8), True),
        (integer_key("place", 8), "1"),
    ],
)
def test_a_value_without_a_place_in_the_order_is_refused(part: KeyPart, value: bytes) -> None:
    """CODEC-030 to CODEC-032."""
    with pytest.raises(MalformedKey, match=part.name):
        encode_key((part,), (value,))


def test_text_that_is_too_long_or_never_ends_is_no_key() -> None:
    """CODEC-032, CODEC-034."""
    part = text_key("market", max_bytes=8)
    assert ("x" * 8,) == decode_key((part,), b"x" * 8 + b"\0")

    for data in (b"x" * 9 + b"\0", b"x" * 8, b"", b"\xff\0", b"x\0y"):
        with pytest.raises(MalformedKey):
            decode_key((part,), data)


def test_leading_parts_make_a_prefix_and_too_many_values_are_refused() -> None:
    whole = encode_key(PARTS, ("A", 1, bytes(32)))

    assert whole.startswith(encode_key(PARTS, ("A", 1)))
    assert b"" == encode_key(PARTS, ())
    with pytest.raises(MalformedKey, match="4 values for a key of 3 parts"):
        encode_key(PARTS, ("A", 1, bytes(32), 1))
