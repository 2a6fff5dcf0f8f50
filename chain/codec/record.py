"""Declare a record: typed, frozen, array-shaped, with widths that follow from names.

The last word of an integer's name is its unit, and the unit fixes the width that is
stored and sent.  An integer whose name says neither is refused when the class is made.

Source: docs/specs/codec.md, CODEC-001 to CODEC-006.
"""

import types
import typing
from typing import Annotated, Any, ClassVar, TypeVar, cast, dataclass_transform

import msgspec
from msgspec import Meta, Raw, Struct, field

U63_MAX = 2**63 - 1

U8 = Annotated[int, Meta(ge=0, le=2**8 - 1)]
U16 = Annotated[int, Meta(ge=0, le=2**16 - 1)]
U32 = Annotated[int, Meta(ge=0, le=2**32 - 1)]
U63 = Annotated[int, Meta(ge=0, le=U63_MAX)]
I64 = Annotated[int, Meta(ge=-(2**63), le=U63_MAX)]

Hash = Annotated[bytes, Meta(min_length=32, max_length=32, extra={"form": "hash"})]
PublicKey = Annotated[bytes, Meta(min_length=32, max_length=32, extra={"form": "public_key"})]
Address = Annotated[bytes, Meta(min_length=32, max_length=32, extra={"form": "address"})]
Signature = Annotated[bytes, Meta(min_length=64, max_length=64, extra={"form": "signature"})]
Blob = Annotated[bytes, Meta(extra={"form": "blob"})]


class Wide(int):
    """An integer of 128 bits, stored as 16 bytes: what `_e18` fields hold."""

    __slots__ = ()


UNIT_WIDTHS: dict[str, Any] = {
    "lots": I64,
    "ticks": U63,
    "quantums": I64,
    "e8": I64,
    "e9": I64,
    "e18": Wide,
    "ppm": I64,
    "q62": I64,
    "q56": I64,
    "ms": U63,
    "height": U63,
    "blocks": U63,
    "count": U63,
    "bytes": U63,
}
"""Unit, which is the last word of a field's name -> stored width (docs/units.md)."""

PLAIN_WIDTHS: dict[str, Any] = {
    "version": U16,
    "kind": U16,
    "lane": U16,
    "code": U16,
    "number": U16,
    "proposer": U16,
    "index": U32,
    "sequence": U63,
    "epoch": U63,
    "view": U63,
    "round": U63,
    "height": U63,
    "threshold": U16,
    "weight": U16,
    "decimals": U8,
}
"""Names that are places or numbers rather than amounts: last word -> stored width."""


class BadDeclaration(TypeError):
    """A record is declared in a way that leaves a width or a form open."""


class MalformedRecord(ValueError):
    """Bytes are not the one canonical encoding of a record of the asked kind."""


Cls = TypeVar("Cls", bound=type)
T = TypeVar("T")


class Record(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """The base of every record; made by `@record`, never subclassed by hand.

    The collector never walks one: it is frozen and holds what was there before it, so that
    nothing in it leads back to it.

    A record that must hold something between its fields defines `relations(self)`, which
    runs whenever one is made or decoded: ValueError there is MalformedRecord when decoding.
    """

    WIDE_FIELDS: ClassVar[tuple[str, ...]] = ()


class Held(Struct, frozen=True, gc=False):
    """The base of what this process makes by the thousand and never encodes.

    Made in a twentieth of a frozen dataclass's time, and the collector never walks it: what
    it holds must not lead back to it.
    """


class Passing(Struct, kw_only=True, eq=False, gc=False):
    """The base of what is made for one transaction, changed by it, and let go of."""


def _widen(self: Record) -> None:
    """Turn plain integers in `_e18` fields into `Wide`, so that they encode as 16 bytes."""
    for name in self.WIDE_FIELDS:
        value = getattr(self, name)
        if type(value) is not Wide:
            msgspec.structs.force_setattr(self, name, Wide(value))


def _after_making(wide: tuple[str, ...], relations: Any) -> Any:
    """Return what must run on every new record; None, so that most cost no more than a Struct."""
    if not wide:
        return relations
    if relations is None:
        return _widen

    def widen_and_relate(self: Record) -> None:
        _widen(self)
        relations(self)

    return widen_and_relate


def _width_of(owner: str, field: str, annotation: object) -> object:
    """Return the annotation with its integers bounded, or refuse it."""
    if isinstance(annotation, str | typing.ForwardRef):
        raise BadDeclaration(
            f"{owner}.{field}: {annotation!r} is text; widths need the type itself"
        )
    if annotation is int:
        last = field.rpartition("_")[2]
        width = UNIT_WIDTHS.get(last) or PLAIN_WIDTHS.get(last)
        if width is None:
            raise BadDeclaration(f"{owner}.{field}: an integer's name ends in its unit")
        return width
    if annotation in {float, dict, set, list, Any}:
        raise BadDeclaration(f"{owner}.{field}: {annotation} has no canonical form")
    origin = typing.get_origin(annotation)
    if origin in {dict, set, list, frozenset}:
        raise BadDeclaration(f"{owner}.{field}: {origin.__name__} has no canonical form")
    if origin is tuple:
        inner = tuple(
            part if part is Ellipsis else _width_of(owner, field, part)
            for part in typing.get_args(annotation)
        )
        return types.GenericAlias(tuple, inner)
    if origin is Annotated:
        first, *extra = typing.get_args(annotation)
        return annotation if first is int else Annotated[(_width_of(owner, field, first), *extra)]
    if origin in {types.UnionType, typing.Union}:
        parts = [_width_of(owner, field, part) for part in typing.get_args(annotation)]
        return typing.Union[tuple(parts)]  # noqa: UP007
    return annotation


@dataclass_transform(frozen_default=True)
def record(cls: Cls) -> Cls:
    """Return the class as a frozen, array-shaped record with bounded integers.

    Fields may be bool, int (width from the name), str, bytes, other records, tuples,
    `X | None`, `msgspec.Raw` or any of these `Annotated` with tighter bounds; never
    floats, maps, sets or lists.
    """
    if cls.__doc__ is None:
        raise BadDeclaration(f"{cls.__name__}: a record says what is always true of it")
    namespace = {k: v for k, v in cls.__dict__.items() if k not in {"__dict__", "__weakref__"}}
    annotations = {
        field: annotation
        if typing.get_origin(annotation) is ClassVar
        else _width_of(cls.__name__, field, annotation)
        for field, annotation in cls.__dict__.get("__annotations__", {}).items()
    }
    namespace["__annotations__"] = annotations
    wide = tuple(field for field, annotation in annotations.items() if annotation is Wide)
    namespace["WIDE_FIELDS"] = wide
    after_making = _after_making(wide, namespace.get("relations"))
    if after_making is not None:
        namespace["__post_init__"] = after_making
    bases = tuple(base for base in cls.__bases__ if base is not object)
    made: Any = type(Record)  # the metaclass takes options that its type does not tell
    return cast(
        "Cls",
        made(
            cls.__name__,
            (*bases, Record),
            namespace,
            frozen=True,
            array_like=True,
            forbid_unknown_fields=True,
            gc=False,
        ),
    )


def replace(value: T, **changes: Any) -> T:
    """Return the record with some fields changed."""
    return msgspec.structs.replace(value, **changes)  # type: ignore[type-var]


__all__ = [
    "BadDeclaration",
    "Held",
    "MalformedRecord",
    "Meta",
    "Passing",
    "Raw",
    "Record",
    "Wide",
    "field",
    "record",
    "replace",
]
