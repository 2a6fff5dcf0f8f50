"""Tell the kernel what a record looks like as bytes, so that it writes one without asking.

    form = (name, low, high, type or None, names of fields, forms of parts)

`low` and `high` bound an integer, or the length of a text, blob or tuple.

Source: docs/specs/codec.md, CODEC-001 to CODEC-018.
"""

from typing import Any

import msgspec
from msgspec import inspect

from chain.codec.record import Record, Wide

LENGTH_MAX = 2**63 - 1

Form = tuple[str, int, int, type | None, tuple[str, ...], tuple[Any, ...]]


def form_of(kind: type) -> Form | None:
    """Return the form of a kind of record, None where the plain writer is to write it.

    That is what is no record, what holds a relation between its fields, and what has a field
    of a form that records of this chain do not have yet.
    """
    if not issubclass(kind, Record) or hasattr(kind, "relations"):
        return None
    try:
        return _told(msgspec.inspect.type_info(kind))
    except _OtherForm:
        return None


class _OtherForm(Exception):
    """A field has a form that is not written in C."""


def _plain(
    name: str,
    low: int | None = 0,
    high: int | None = LENGTH_MAX,
    parts: tuple[Form, ...] = (),
) -> Form:
    return name, low or 0, LENGTH_MAX if high is None else high, None, (), parts


def _told(kind: inspect.Type) -> Form:
    match kind:
        case inspect.IntType(gt=None, ge=int(), lt=None, le=int(), multiple_of=None):
            return "integer", kind.ge, kind.le, None, (), ()  # type: ignore[return-value]
        case inspect.BoolType():
            return _plain("boolean")
        case inspect.StrType(pattern=None):
            return _plain("text", kind.min_length, kind.max_length)
        case inspect.BytesType():
            return _plain("blob", kind.min_length, kind.max_length)
        case inspect.CustomType() if kind.cls is Wide:
            return "wide", 0, 0, Wide, (), ()
        case inspect.Metadata():
            return _told(kind.type)
        case inspect.VarTupleType():
            item = (_told(kind.item_type),)
            return _plain("repeated", kind.min_length, kind.max_length, item)
        case inspect.UnionType(types=(one, inspect.NoneType())):
            return _plain("optional", parts=(_told(one),))
        case inspect.StructType(array_like=True, tag=None):
            fields = kind.fields
            names = tuple([field.name for field in fields])
            return "record", 0, 0, kind.cls, names, tuple([_told(field.type) for field in fields])
    raise _OtherForm
