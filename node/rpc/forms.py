"""Show what the chain holds as JSON, and read such JSON again.

Fields are shown by their names and annotations (`chain.kit.plain`): nothing about any single
record is known here.  Reading is as strict as showing: what is not the one form is refused with
the place.

Source: docs/specs/rpc.md, RPC-060 to RPC-065.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from chain.block.receipt import HOOKS_KIND, Emitted, Receipt
from chain.block.transaction import LIST_KIND, SignedList, Transaction, list_of
from chain.codec.canonical import OutOfBounds, decode, encode_bounded
from chain.codec.order import MalformedKey
from chain.kit.fields import TEXT_UNITS, Field, field_of_part, fields_of, unit_of
from chain.kit.holder import address_of
from chain.kit.plain import MalformedPlain, check_names, plain_of, plain_record, value_from
from chain.kit.plain import record_from as record_from_plain
from chain.kit.table import AnyTable, Key
from node.rpc.errors import ParametersInvalid

if TYPE_CHECKING:
    from chain.machine.application import Application

FormDict = dict[str, Any]


def hex_form(data: bytes) -> str:
    """Return a hash, public key or signature: `0x` and lower-case digits."""
    return "0x" + data.hex()


def blob_form(data: bytes) -> str:
    """Return bytes that are no hash and no key: base64."""
    return base64.b64encode(data).decode()


def blob_from(text: str, place: str) -> bytes:
    """Return the bytes that base64 means. Refuses: ParametersInvalid."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError) as fault:
        raise ParametersInvalid(f"{place}: not base64", field=place) from fault


def blobs_from(texts: list[str], place: str) -> list[bytes]:
    """Return the bytes that each of these means. Refuses: as `blob_from` does."""
    try:
        # A fifth of the time; whatever it refuses is looked at one by one.
        return msgspec.convert(texts, list[bytes])
    except msgspec.ValidationError:
        return [blob_from(text, place) for text in texts]


def hex_from(text: str) -> bytes:
    """Return the bytes of a text whose pattern was checked when it was read."""
    return bytes.fromhex(text.removeprefix("0x"))


def fact_form(name: str, fact: int | str) -> int | str:
    """Return a fact in the form of its name: amounts and heights as strings."""
    if isinstance(fact, int) and not isinstance(fact, bool) and unit_of(name) in TEXT_UNITS:
        return str(fact)
    return fact


def fields_form(application: "Application", kind: int, payload: Any) -> dict[str, Any]:
    """Return a transaction's payload by field names; a list's actions each with its kind."""
    if kind != LIST_KIND:
        return plain_record(payload)
    actions = []
    for action in payload.actions:
        record_type = application.payload(action.kind)
        assert record_type is not None, "an admitted list holds known kinds"
        inner = decode(record_type, bytes(action.payload))
        actions.append(
            {
                "kind": application.kind_name(action.kind),
                "fields": fields_form(application, action.kind, inner),
            }
        )
    return {"actions": actions}


def payload_from(
    application: "Application", kind: int, fields: Mapping[str, Any], place: str = "fields"
) -> Any:
    """Return the payload that these fields mean.

    Refuses: ParametersInvalid, with the place of the first field that is unknown, missing, of
    another form, or out of its width.
    """
    record_type = application.payload(kind)
    assert record_type is not None, "the kind was looked up"
    if kind == LIST_KIND:
        return _list_from(application, fields, place)
    try:
        payload = record_from_plain(record_type, fields, place)
        encode_bounded(payload)
    except MalformedPlain as fault:
        raise ParametersInvalid(str(fault), field=fault.path, detail=fault.what) from fault
    except (OutOfBounds, AssertionError) as fault:
        raise ParametersInvalid(f"{place}: {fault}", field=place, detail=str(fault)) from fault
    return payload


def _list_from(application: "Application", fields: Mapping[str, Any], place: str) -> SignedList:
    actions = fields.get("actions")
    if set(fields) != {"actions"} or not isinstance(actions, list):
        raise ParametersInvalid(
            f"{place}: a signed list has one field, actions: [{{kind, fields}}, ...]",
            field=place,
        )
    payloads: list[tuple[int, object]] = []
    for index, action in enumerate(actions):
        inner = f"{place}.actions[{index}]"
        if (
            not isinstance(action, dict)
            or set(action) != {"kind", "fields"}
            or not isinstance(action["fields"], dict)
        ):
            raise ParametersInvalid(f"{inner}: an action is {{kind, fields}}", field=inner)
        kind = kind_from(application, action["kind"])
        if kind is None or kind == LIST_KIND:
            raise ParametersInvalid(f"{inner}.kind: not a kind that a list holds", field=inner)
        payloads.append((kind, payload_from(application, kind, action["fields"], inner)))
    return list_of(payloads)


def kind_from(application: "Application", asked: Any) -> int | None:
    """Return the kind that a name or a number means, None when there is none."""
    if isinstance(asked, int) and not isinstance(asked, bool):
        return asked if application.payload(asked) is not None else None
    return application.kind_from_name(asked) if isinstance(asked, str) else None


def transaction_form(application: "Application", transaction: Transaction) -> dict[str, Any]:
    """Return what a transaction says, without what came of it."""
    body = transaction.body
    return {
        "id": hex_form(transaction.id),
        "kind": application.kind_name(body.kind),
        "signer": plain_of(Field("signer", "address"), body.signer),
        "lane": body.lane,
        "sequence": str(body.sequence),
        "valid_until_height": str(body.valid_until_height),
        "fields": fields_form(application, body.kind, transaction.payload),
        "signatures": [
            {"public_key": hex_form(key), "signature": hex_form(signature)}
            for key, signature in transaction.signatures
        ],
    }


def event_form(application: "Application", module_id: int, number: int, data: bytes) -> FormDict:
    """Return an event by its name and fields, or as bytes if this version does not know it."""
    event_type = application.event(module_id, number)
    if event_type is None:
        return {"name": f"{module_id}.{number}", "payload": blob_form(data)}
    fields = plain_record(decode(event_type, data))
    # The event's own name comes first and is what a listener looks at.
    assert "name" not in fields, f"{event_type.__name__} has a field called name"
    return {"name": application.event_name(module_id, number), **fields}


def emitted_form(application: "Application", emitted: Emitted) -> dict[str, Any]:
    """Return an event of a receipt."""
    return event_form(application, emitted.module_number, emitted.number, bytes(emitted.payload))


def receipt_form(application: "Application", receipt: Receipt, height: int) -> dict[str, Any]:
    """Return a receipt in the shape that scripts rely on; `reason` is null when applied."""
    reason = application.reason(receipt.code) if receipt.code else None
    facts = dict(receipt.facts)
    is_hooks = receipt.kind == HOOKS_KIND
    return {
        "id": hex_form(receipt.id),
        "height": str(height),
        "index": receipt.index,
        "kind": "system.hooks" if is_hooks else application.kind_name(receipt.kind),
        "ok": receipt.ok,
        "code": receipt.code,
        "reason": reason.slug if reason is not None else None,
        "message": reason.message(facts) if reason is not None else None,
        "facts": {name: fact_form(name, fact) for name, fact in facts.items()},
        "events": [emitted_form(application, emitted) for emitted in receipt.events],
        "fee_quantums": str(receipt.fee_quantums),
    }


def key_form(table: AnyTable, key: Key) -> dict[str, Any]:
    """Return a key by the names of its parts."""
    values = key if isinstance(key, tuple) else (key,)
    return {
        part.name: plain_of(field_of_part(part), value)
        for part, value in zip(table.key_parts, values, strict=True)
    }


def key_from(table: AnyTable, plain: Any) -> Key:
    """Return the key that JSON means.

    An object by part names, an array in order, or, for a key of one part, the part itself;
    null for a table that holds one record.

    Refuses: ParametersInvalid.
    """
    values = parts_from(table, plain)
    if len(values) != len(table.key_parts):
        known = ", ".join(part.name for part in table.key_parts) or "nothing: null"
        raise ParametersInvalid(f"a key of {table.name} is {known}", field="key")
    return values[0] if len(values) == 1 else values


def parts_from(table: AnyTable, plain: Any, place: str = "key") -> tuple[Any, ...]:
    """Return the leading parts of a key that JSON means; see `key_from` for its forms.

    Refuses: ParametersInvalid, also for a part given without the one before it.
    """
    parts = table.key_parts
    if plain is None:
        given: list[Any] = []
    elif isinstance(plain, dict):
        try:
            check_names(plain, [part.name for part in parts], place)
        except MalformedPlain as fault:
            raise ParametersInvalid(str(fault), field=fault.path) from fault
        leading = parts[: len(plain)]
        if any(part.name not in plain for part in leading):
            raise ParametersInvalid(f"{place}: parts without the ones before them", field=place)
        given = [plain[part.name] for part in leading]
    else:
        given = plain if isinstance(plain, list) else [plain]
    if len(given) > len(parts):
        raise ParametersInvalid(f"{place}: {table.name} has {len(parts)} parts", field=place)
    try:
        values = tuple(
            value_from(field_of_part(part), value, f"{place}.{part.name}")
            for part, value in zip(parts, given, strict=False)
        )
        table.encoded_prefix(values)
    except MalformedPlain as fault:
        raise ParametersInvalid(str(fault), field=fault.path) from fault
    except MalformedKey as fault:
        raise ParametersInvalid(f"{place}: {fault}", field=place) from fault
    return values


def addresses_in(record: Any) -> set[bytes]:
    """Return every address that a record names, in whatever depth: whom an event concerns."""
    found: set[bytes] = set()
    for field in fields_of(type(record)):
        _collect(field, getattr(record, field.name), found)
    return found


def _collect(field: Field, value: Any, found: set[bytes]) -> None:
    if value is None:
        return
    if field.form == "address":
        found.add(value)
    elif field.form == "holder":
        owner = address_of(value)
        if owner is not None:
            found.add(owner)
    elif field.form == "record":
        found |= addresses_in(value)
    elif field.form == "list":
        for item in value:
            _collect(field.items[0], item, found)
    elif field.form == "tuple":
        for inner, item in zip(field.items, value, strict=True):
            _collect(inner, item, found)
