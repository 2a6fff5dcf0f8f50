"""Write a record as its one canonical msgpack form, and accept no other form of it.

Source: docs/specs/codec.md, CODEC-010 to CODEC-017.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from chain.codec.forms import form_of
from chain.codec.record import MalformedRecord, Wide
from chain.kernel.level import kernel
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


# Bound once: a record is written and read some ten times for each transaction.
_written = msgspec.msgpack.Encoder(enc_hook=_wide_to_bytes).encode
_READERS: dict[Any, Callable[[bytes], Any]] = {}


def _reader_of(kind: Any) -> Callable[[bytes], Any]:
    reader = _READERS[kind] = msgspec.msgpack.Decoder(kind, dec_hook=_bytes_to_wide).decode
    return reader


class OutOfBounds(ValueError):
    """A record holds a number that does not fit its stored width."""


def encode(value: object) -> bytes:
    """Return the canonical bytes of a record, or of a tuple of plain values.

    Integers are written in their shortest form, records as arrays of exactly their
    fields.  Widths are not checked here: `encode_bounded` does.
    """
    return _written(value)


def encode_bounded(value: object) -> bytes:
    """Return the canonical bytes of a record of which every field has its declared form.

    Refuses: OutOfBounds, naming the field, when a number does not fit its width.
    """
    kind = type(value)
    try:
        data = _written(value)
        (_READERS.get(kind) or _reader_of(kind))(data)
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
        value: T = (_READERS.get(kind) or _reader_of(kind))(data)
    except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError) as fault:
        raise MalformedRecord(str(fault)) from fault
    if _written(value) != data:
        raise MalformedRecord("not in canonical form")
    return value


_bounded_plainly = encode_bounded

if kernel is not None:  # the same, without a call of Python around each
    kernel.use_codec(_written, _READERS, encode_bounded, decode, RECORD_BYTES_MAX, form_of)
    encode = _written  # type: ignore[assignment]
    encode_bounded = kernel.encode_bounded
    decode = kernel.decode
