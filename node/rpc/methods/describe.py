"""Say what a transaction, a table or an event holds, from its declaration.

Source: docs/specs/rpc.md, RPC-090.
"""

import inspect
from collections.abc import Iterable

from msgspec import Struct

from chain.block.transaction import LIST_KIND
from chain.kit.fields import Field, fields_of
from chain.machine.application import Application
from node.naming.choices import CHOICES
from node.naming.near import near_name
from node.rpc.forms import kind_from
from node.rpc.reasons import KIND_UNKNOWN
from node.rpc.refusals import refused


class Choice(Struct, frozen=True):
    """What a number stands for."""

    number: int
    word: str


class DescribedField(Struct, frozen=True):
    """One field: what it holds, how JSON writes it, and in which unit.

    `choices` are all the numbers that it may be, where they stand for words.
    """

    name: str
    form: str
    unit: str | None
    json: str
    optional: bool
    sentence: str
    choices: list[Choice]
    items: list["DescribedField"]


class Described(Struct, frozen=True):
    """One transaction kind."""

    kind: int
    name: str
    sentence: str
    explanation: str
    transaction_class: int | None
    fields: list[DescribedField]


def kind_named(application: Application, asked: str | int) -> int:
    """Return the kind that a name or a number means.

    Refuses: lookup.kind_unknown, with the nearest name.
    """
    kind = kind_from(application, asked)
    if kind is None:
        known = [application.kind_name(known) for known in application.kinds]
        raise refused(KIND_UNKNOWN, kind=str(asked)[:64], did_you_mean=near_name(str(asked), known))
    return kind


def described_kinds(application: Application) -> list[Described]:
    """Return every transaction kind of an application, by number."""
    return [_described(application, kind) for kind in application.kinds]


def _described(application: Application, kind: int) -> Described:
    payload_type = application.payload(kind)
    assert payload_type is not None
    sentence, _, explanation = (inspect.getdoc(payload_type) or "").partition("\n")
    # A property: the class depends on a field, or, for a list, on its actions.
    declared = getattr(payload_type, "transaction_class", None)
    fields = [_list_field()] if kind == LIST_KIND else described_fields(fields_of(payload_type))
    return Described(
        kind=kind,
        name=application.kind_name(kind),
        sentence=sentence,
        explanation=explanation.strip(),
        transaction_class=declared if isinstance(declared, int) else None,
        fields=fields,
    )


def described_fields(fields: Iterable[Field]) -> list[DescribedField]:
    """Return fields as they are described to people and programs."""
    return [_described_field(field) for field in fields]


def _described_field(field: Field) -> DescribedField:
    inner: Iterable[Field] = field.items
    if field.form == "record" and field.record is not None:
        inner = fields_of(field.record)
    return DescribedField(
        name=field.name,
        form=field.form,
        unit=field.unit or None,
        json=json_form(field),
        optional=field.optional,
        sentence=SENTENCES.get(field.form) or UNIT_SENTENCES.get(field.unit, ""),
        choices=[Choice(*choice) for choice in CHOICES.get(field.name, {}).items()],
        items=described_fields(inner),
    )


def _list_field() -> DescribedField:
    return DescribedField(
        name="actions",
        form="list",
        unit=None,
        json="array",
        optional=False,
        sentence="1 to 64 of {kind, fields}, applied in order, all or nothing",
        choices=[],
        items=[],
    )


def json_form(field: Field) -> str:
    """Return which kind of JSON value a field is written as."""
    if field.form == "integer":
        return "string" if field.is_text_in_json else "number"
    if field.form == "boolean":
        return "boolean"
    if field.form in {"list", "tuple"}:
        return "array"
    return "object" if field.form == "record" else "string"


SENTENCES: dict[str, str] = {
    "address": "an address: bech32m, nov1...",
    "holder": "an address (a wallet), ADDRESS/NUMBER (a margin account), or a name",
    "hash": "32 bytes: 0x and hexadecimal digits",
    "public_key": "an ed25519 key: 0x and hexadecimal digits",
    "signature": "64 bytes: 0x and hexadecimal digits",
    "blob": "bytes in base64",
    "raw": "an encoded value in base64",
}
UNIT_SENTENCES: dict[str, str] = {
    "quantums": "smallest units of the asset: its decimals say how many make a whole one",
    "lots": "smallest sizes of the instrument: each is its lot_size",
    "ticks": "steps of the instrument's price: each is its tick_size",
    "e8": "hundred-millionths",
    "ppm": "millionths",
}
