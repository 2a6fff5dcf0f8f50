"""MACH-031 to MACH-033."""

import json

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from chain.codec.record import U8, Address, Blob, Hash, record
from chain.crypto.addresses import text_of
from chain.kit.plain import MalformedPlain, plain_record, record_from


@record
class Part:
    """Something inside."""

    weight: int
    time_ms: int


@record
class Whole:
    """One field of each form that JSON must tell apart."""

    signer: Address
    block_id: Hash
    blob: Blob
    holder: str
    is_final: bool
    amount_quantums: int
    note: str | None
    parts: tuple[Part, ...]
    pair: tuple[U8, str]


WHOLE = Whole(
    signer=bytes(32),
    block_id=bytes(range(32)),
    blob=b"\x00\xff",
    holder=bytes(32).hex() + "/1",
    is_final=True,
    amount_quantums=-(2**60),
    note=None,
    parts=(Part(weight=1, time_ms=2),),
    pair=(3, "x"),
)
PLAIN = {
    "signer": text_of(bytes(32)),
    "block_id": "0x" + bytes(range(32)).hex(),
    "blob": "AP8=",
    "holder": text_of(bytes(32)) + "/1",
    "is_final": True,
    "amount_quantums": str(-(2**60)),
    "note": None,
    "parts": [{"weight": 1, "time_ms": 2}],
    "pair": [3, "x"],
}


def test_record_is_said_as_json_says_it() -> None:
    assert PLAIN == plain_record(WHOLE)


def test_what_was_said_is_the_record_again() -> None:
    assert WHOLE == record_from(Whole, json.loads(json.dumps(PLAIN)), "$")


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("amount_quantums", 5, "$.amount_quantums"),
        ("amount_quantums", "05", "$.amount_quantums"),
        ("amount_quantums", "1.5", "$.amount_quantums"),
        ("amount_quantums", str(2**63), "$.amount_quantums"),
        ("amount_quantums", None, "$.amount_quantums"),
        ("block_id", "0x00", "$.block_id"),
        ("block_id", "0x" + "AB" * 32, "$.block_id"),
        ("block_id", "00" * 32, "$.block_id"),
        ("signer", "nov1qqqq", "$.signer"),
        ("holder", "a b", "$.holder"),
        ("blob", "A", "$.blob"),
        ("is_final", 1, "$.is_final"),
        ("note", 7, "$.note"),
        ("parts", {}, "$.parts"),
        ("parts", [{"weight": 1}], "$.parts[0].time_ms"),
        ("parts", [{"weight": 1, "time_ms": "2"}], "$.parts[0].time_ms"),
        ("parts", [{"weight": 1, "time_ms": True}], "$.parts[0].time_ms"),
        ("parts", [{"weight": 1, "time_ms": 2, "more": 3}], "$.parts[0].more"),
        ("pair", [3], "$.pair"),
        ("pair", [256, "x"], "$.pair[0]"),
    ],
)
def test_any_other_form_is_refused_with_its_place(field: str, value: object, path: str) -> None:
    with pytest.raises(MalformedPlain) as caught:
        record_from(Whole, {**PLAIN, field: value}, "$")

    assert path == caught.value.path


def test_missing_field_is_named() -> None:
    plain = {name: value for name, value in PLAIN.items() if name != "blob"}

    with pytest.raises(MalformedPlain) as caught:
        record_from(Whole, plain, "$")
    assert ("$.blob", "missing") == (caught.value.path, caught.value.what)


@examples(st.integers(-(2**63), 2**63 - 1), st.binary(max_size=40), st.text(max_size=9))
def test_every_record_survives_json(amount: int, blob: bytes, text: str) -> None:
    whole = Whole(
        signer=bytes(32),
        block_id=bytes(32),
        blob=blob,
        holder="fees",
        is_final=False,
        amount_quantums=amount,
        note=text,
        parts=(),
        pair=(0, text),
    )

    assert whole == record_from(Whole, json.loads(json.dumps(plain_record(whole))), "$")
