"""MACH-030."""

from chain.codec.order import integer_key, text_key
from chain.codec.record import U8, Address, Blob, Hash, record
from chain.kit.fields import field_of_part, fields_of, unit_of
from chain.kit.holder import holder_key


@record
class Inner:
    """A record in a record."""

    price_ticks: int


@record
class Everything:
    """One field of every form."""

    signer: Address
    block_id: Hash
    blob: Blob
    asset: str
    credit_holder: str
    is_final: bool
    amount_quantums: int
    place_number: U8
    index_e18: int
    inner: Inner
    maybe: Inner | None
    inners: tuple[Inner, ...]
    pair: tuple[U8, str]


FIELDS = {field.name: field for field in fields_of(Everything)}


def test_every_form_is_found() -> None:
    forms = {name: field.form for name, field in FIELDS.items()}

    assert {
        "signer": "address",
        "block_id": "hash",
        "blob": "blob",
        "asset": "text",
        "credit_holder": "holder",
        "is_final": "boolean",
        "amount_quantums": "integer",
        "place_number": "integer",
        "index_e18": "integer",
        "inner": "record",
        "maybe": "record",
        "inners": "list",
        "pair": "tuple",
    } == forms


def test_integers_carry_unit_and_bounds() -> None:
    amount = FIELDS["amount_quantums"]

    assert ("quantums", -(2**63), 2**63 - 1) == (amount.unit, amount.minimum, amount.maximum)
    assert amount.is_text_in_json
    assert not FIELDS["place_number"].is_text_in_json


def test_optional_and_inner_fields_are_described() -> None:
    assert FIELDS["maybe"].optional
    assert not FIELDS["inner"].optional
    assert Inner is FIELDS["inners"].items[0].record
    assert ["integer", "text"] == [item.form for item in FIELDS["pair"].items]


def test_parts_of_keys_are_fields_too() -> None:
    assert "holder" == field_of_part(holder_key("holder")).form
    assert "text" == field_of_part(text_key("asset")).form
    epoch = field_of_part(integer_key("epoch", 64))
    assert ("integer", "epoch", 2**64 - 1) == (epoch.form, epoch.unit, epoch.maximum)


def test_unit_is_the_last_word() -> None:
    assert "height" == unit_of("valid_until_height")
    assert "" == unit_of("expected")
