"""Write a record as its one canonical msgpack form, and accept no other form of it.

Source: docs/specs/codec.md, CODEC-010 to CODEC-017.
"""

from typing import Any, TypeVar

import msgspec

from chain.codec.record import MalformedRecord, Wide
from chain.limits import RECORD_BYTES_MAX

T = TypeVar("T")


def _wide_to_bytes(value: object) -> bytes:
    if isinstance(value, Wide):
        return int(value).to_bytes(16, "big", signed=True)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _bytes_to_wide(kind: type, value: object) -> object:
    if kind is Wide and isinstance(value, bytes) and len(value) == 16:
        return Wide(int.from_bytes(value, "big", signed=True))
    raise ValueError("expected 16 bytes")


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_wide_to_bytes)


class OutOfBounds(ValueError):
    """A record holds a number that does not fit its stored width."""


_DECODERS: dict[Any, msgspec.msgpack.Decoder[Any]] = {}


def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.msgpack.Decoder(kind, dec_hook=_bytes_to_wide)
    return decoder


def encode(value: object) -> bytes:
    """Return the canonical bytes of a record, or of a tuple of plain values.

    Integers are written in their shortest form, records as arrays of exactly their
    fields.  Widths are not checked here: `encode_bounded` does.
    """
    return _ENCODER.encode(value)


def encode_bounded(value: object) -> bytes:
    """Return the canonical bytes of a record of which every field has its declared form.

    Refuses: OutOfBounds, naming the field, when a number does not fit its width.
    """
    try:
        data = _ENCODER.encode(value)
        _decoder(type(value)).decode(data)
    except (msgspec.ValidationError, OverflowError, UnicodeEncodeError) as fault:
        raise OutOfBounds(str(fault)) from fault
    return data


def decode(kind: type[T], data: bytes, limit_bytes: int = RECORD_BYTES_MAX) -> T:
    """Return the record that these bytes are the canonical encoding of.

    Refuses: MalformedRecord, for anything else: too long, truncated, trailing bytes,
    wrong shape or width, non-canonical form, nesting beyond what the kind declares.
    """
    if len(data) > limit_bytes:
        raise MalformedRecord(f"{len(data)} bytes where {limit_bytes} are allowed")
    try:
        value: T = _decoder(kind).decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError) as fault:
        raise MalformedRecord(str(fault)) from fault
    if _ENCODER.encode(value) != data:
        raise MalformedRecord("not in canonical form")
    return value
