"""Turn records into what JSON can say, and such plain values into records again.

Hashes, public keys and signatures are `0x` and lower-case hexadecimal digits, addresses
and wallets bech32m, blobs base64; amounts, heights and sequences are strings, times,
counts and fractions numbers (docs/units.md).  Nothing is guessed: a number where a string
belongs is refused with the path of the place.

Source: docs/specs/machine.md, MACH-031 to MACH-033.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from chain.crypto.addresses import MalformedAddress, address_from, text_of
from chain.kit.fields import Field, fields_of
from chain.kit.holder import MalformedHolder, holder_from, text_of_holder

Plain: TypeAlias = Any
R = TypeVar("R")

_DECIMAL = re.compile(r"0|-?[1-9][0-9]{0,38}")
_HEX = re.compile(r"0x([0-9a-f]{2})*")
_SIZES = {"hash": 32, "public_key": 32, "signature": 64}


class MalformedPlain(ValueError):
    """A plain value is not what its field holds; `path` says where, `what` says why."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path = path
        self.what = what


def plain_of(field: Field, value: Any) -> Plain:
    """Return one value as JSON says it."""
    if value is None:
        return None
    if field.form == "integer":
        return str(int(value)) if field.is_text_in_json else int(value)
    if field.form in _SIZES:
        return "0x" + value.hex()
    if field.form == "address":
        return text_of(value)
    if field.form == "holder":
        return text_of_holder(value)
    if field.form in {"blob", "raw"}:
        return base64.b64encode(bytes(value)).decode()
    if field.form == "record":
        return plain_record(value)
    if field.form == "list":
        return [plain_of(field.items[0], item) for item in value]
    if field.form == "tuple":
        return [plain_of(item, part) for item, part in zip(field.items, value, strict=True)]
    return value


def plain_record(record: Any) -> dict[str, Plain]:
    """Return a record as a JSON object, its fields in the order of its declaration."""
    return {
        field.name: plain_of(field, getattr(record, field.name))
        for field in fields_of(type(record))
    }


def value_from(field: Field, plain: Plain, path: str) -> Any:
    """Return the value that a field's plain form means.

    Refuses: MalformedPlain, for any other form than the one `plain_of` writes.
    """
    if plain is None and field.optional:
        return None
    if field.form == "boolean":
        _expect(isinstance(plain, bool), path, "true or false", plain)
        return plain
    if field.form == "integer":
        return _integer(field, plain, path)
    if field.form == "record":
        assert field.record is not None
        return record_from(field.record, plain, path)
    if field.form in {"list", "tuple"}:
        _expect(isinstance(plain, Sequence) and not isinstance(plain, str), path, "a list", plain)
        return _sequence(field, plain, path)
    _expect(isinstance(plain, str), path, "text", plain)
    return _from_text(field, plain, path)


def record_from(record: type[R], plain: Plain, path: str) -> R:
    """Return the record that a JSON object means.

    Refuses: MalformedPlain, for an unknown or missing field, or a value of another form.
    """
    _expect(isinstance(plain, Mapping), path, "an object", plain)
    fields = fields_of(record)
    check_names(plain, [field.name for field in fields], path)
    values = {
        field.name: value_from(field, plain.get(field.name), f"{path}.{field.name}")
        for field in fields
        if field.name in plain or _required(field, path)
    }
    return record(**values)


def check_names(plain: Mapping[str, Plain], known: Sequence[str], path: str) -> None:
    """Refuse a name that is not known: MalformedPlain, with the names that are."""
    for name in plain:
        if name not in known:
            raise MalformedPlain(f"{path}.{name}", f"unknown field; known are {', '.join(known)}")


def _required(field: Field, path: str) -> bool:
    if not field.optional:
        raise MalformedPlain(f"{path}.{field.name}", "missing")
    return True


def _expect(condition: object, path: str, wanted: str, plain: Plain) -> None:
    if not condition:
        raise MalformedPlain(path, f"expected {wanted}, got {_shown(plain)}")


def _shown(plain: Plain) -> str:
    text = repr(plain)
    return text if len(text) <= 60 else text[:57] + "..."


def _integer(field: Field, plain: Plain, path: str) -> int:
    if field.is_text_in_json:
        wanted = "a whole number in quotation marks"
        _expect(isinstance(plain, str) and _DECIMAL.fullmatch(plain), path, wanted, plain)
        value = int(plain)
    else:
        is_whole = isinstance(plain, int) and not isinstance(plain, bool)
        _expect(is_whole, path, "a whole number", plain)
        value = plain
    if field.minimum is not None and value < field.minimum:
        raise MalformedPlain(path, f"{value} is below {field.minimum}")
    if field.maximum is not None and value > field.maximum:
        raise MalformedPlain(path, f"{value} is above {field.maximum}")
    return value


def _sequence(field: Field, plain: Sequence[Plain], path: str) -> tuple[Any, ...]:
    if field.form == "list":
        inner = field.items[0]
        return tuple(value_from(inner, item, f"{path}[{i}]") for i, item in enumerate(plain))
    _expect(len(plain) == len(field.items), path, f"{len(field.items)} values", plain)
    return tuple(
        value_from(inner, item, f"{path}[{i}]")
        for i, (inner, item) in enumerate(zip(field.items, plain, strict=True))
    )


def _from_text(field: Field, plain: str, path: str) -> bytes | str:
    try:
        if field.form == "address":
            return address_from(plain)
        if field.form == "holder":
            return holder_from(plain)
        if field.form in {"blob", "raw"}:
            return base64.b64decode(plain, validate=True)
    except (MalformedAddress, MalformedHolder, binascii.Error) as fault:
        raise MalformedPlain(path, str(fault)) from fault
    size_bytes = _SIZES.get(field.form)
    if size_bytes is None:
        return plain
    wanted = f"0x and {2 * size_bytes} lower-case hexadecimal digits"
    _expect(_HEX.fullmatch(plain) and len(plain) == 2 + 2 * size_bytes, path, wanted, plain)
    return bytes.fromhex(plain[2:])
