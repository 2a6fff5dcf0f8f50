"""Describe a record's fields from its declaration: what each holds, and in which unit.

The command line, JSON-RPC, genesis and the generated reference read this, so that a
transaction or a table says its fields once.

Source: docs/specs/machine.md, MACH-030.
"""

import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any

from chain.codec.order import KeyPart
from chain.codec.record import PLAIN_WIDTHS, UNIT_WIDTHS, Raw, Record, Wide

UNITS = frozenset(UNIT_WIDTHS) | frozenset(PLAIN_WIDTHS)
TEXT_UNITS = frozenset(
    {"quantums", "lots", "ticks", "e8", "e9", "e18", "q62", "q56"}
    | {"height", "epoch", "view", "sequence", "round"}
)
"""Units that JSON writes as strings: they may exceed what a double holds exactly."""


@dataclass(frozen=True)
class Field:
    """One field of a record or one part of a key.

    `form` is address, hash, public_key, signature, blob, text, holder, integer, boolean,
    record, raw, list (of `items[0]`) or tuple (of `items` in order).  `unit` is the last
    word of an integer's name, empty where it has none.
    """

    name: str
    form: str
    unit: str = ""
    optional: bool = False
    items: tuple["Field", ...] = ()
    record: type[Any] | None = None
    minimum: int | None = None
    maximum: int | None = None

    @property
    def is_text_in_json(self) -> bool:
        """Return whether JSON writes this integer as a string."""
        return self.unit in TEXT_UNITS


def unit_of(name: str) -> str:
    """Return the unit that an integer's name ends in, or nothing.

    >>> unit_of("amount_quantums"), unit_of("lane"), unit_of("got")
    ('quantums', 'lane', '')
    """
    last = name.rpartition("_")[2]
    return last if last in UNITS else ""


def _is_holder(name: str) -> bool:
    return name.rpartition("_")[2] == "holder"


def _plain(name: str, kind: Any, form: str, low: int | None, high: int | None) -> Field:
    """Return the field for a type that is no container."""
    if kind is bool:
        return Field(name, "boolean")
    if kind is int or kind is Wide:
        return Field(name, "integer", unit_of(name), minimum=low, maximum=high)
    if kind is str:
        return Field(name, "holder" if _is_holder(name) else "text")
    if kind is bytes:
        return Field(name, form or "blob")
    if kind is Raw:
        return Field(name, "raw")
    assert isinstance(kind, type), f"{name}: {kind}"
    assert issubclass(kind, Record), f"{name}: {kind}"
    return Field(name, "record", record=kind)


def _field(name: str, annotation: Any) -> Field:
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        kind, *metas = typing.get_args(annotation)
        if typing.get_origin(kind) is not None:
            return _field(name, kind)
        form, low, high = "", None, None
        for meta in metas:
            form = (getattr(meta, "extra", None) or {}).get("form", form)
            low = low if getattr(meta, "ge", None) is None else meta.ge
            high = high if getattr(meta, "le", None) is None else meta.le
        return _plain(name, kind, form, low, high)
    if origin in {types.UnionType, typing.Union}:
        parts = [part for part in typing.get_args(annotation) if part is not types.NoneType]
        if len(parts) == 1:
            inner = _field(name, parts[0])
            return Field(**{**inner.__dict__, "optional": True})
        return Field(name, "choice", items=tuple(_field(name, part) for part in parts))
    if origin is tuple:
        parts = list(typing.get_args(annotation))
        if parts[-1] is Ellipsis:
            return Field(name, "list", items=(_field(_singular(name), parts[0]),))
        return Field(name, "tuple", items=tuple(_field(name, part) for part in parts))
    return _plain(name, annotation, "", None, None)


def _singular(name: str) -> str:
    return name.removesuffix("s")


_KNOWN: dict[type[Any], tuple[Field, ...]] = {}


def fields_of(record: type[Any]) -> tuple[Field, ...]:
    """Return the fields of a record class, in the order in which they are written."""
    known = _KNOWN.get(record)
    if known is None:
        annotations = record.__annotations__
        names: tuple[str, ...] = record.__struct_fields__
        known = _KNOWN[record] = tuple(_field(name, annotations[name]) for name in names)
    return known


def field_of_part(part: KeyPart) -> Field:
    """Return a key's component as a field."""
    if part.form == "integer":
        bits = 8 * part.size_bytes
        return Field(part.name, "integer", unit_of(part.name), minimum=0, maximum=2**bits - 1)
    if part.form == "text" and _is_holder(part.name):
        return Field(part.name, "holder")
    return Field(part.name, part.form)
