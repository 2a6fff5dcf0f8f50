"""Write keys so that their bytes sort as the keys do.

Fixed bytes stand as they are, text is UTF-8 without NUL and ends in NUL, unsigned
integers are big-endian of a fixed width.  No key is a prefix of another of its table.

Source: docs/specs/codec.md, CODEC-030 to CODEC-034.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["address", "hash", "public_key", "text", "integer"]
KeyValue: TypeAlias = bytes | str | int

TEXT_BYTES_MAX = 64


class MalformedKey(ValueError):
    """A key's value has no place in its table's order, or bytes are no key of it."""


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One component of a key: what people call it, and how it is written.

    `size_bytes` is exact for every form but text, where it is the most that fits.
    """

    name: str
    form: Form
    size_bytes: int

    def encode(self, value: KeyValue) -> bytes:
        """Return the bytes of one component.

        Refuses: MalformedKey, for a value of another type, length or range.
        """
        return writer_of(self)(value)


def address_key(name: str) -> KeyPart:
    """Return a component that holds an address, 32 bytes."""
    return KeyPart(name, "address", 32)


def hash_key(name: str) -> KeyPart:
    """Return a component that holds a hash, 32 bytes."""
    return KeyPart(name, "hash", 32)


def public_key_key(name: str) -> KeyPart:
    """Return a component that holds a public key, 32 bytes."""
    return KeyPart(name, "public_key", 32)


def text_key(name: str, max_bytes: int = TEXT_BYTES_MAX) -> KeyPart:
    """Return a component that holds text of at most so many bytes of UTF-8."""
    return KeyPart(name, "text", max_bytes)


def integer_key(name: str, bits: Literal[8, 16, 32, 64]) -> KeyPart:
    """Return a component that holds an unsigned integer of so many bits."""
    assert bits in {8, 16, 32, 64}
    return KeyPart(name, "integer", bits >> 3)


def writer_of(part: KeyPart) -> Callable[[KeyValue], bytes]:
    """Return the function that writes this component, made once for a table.

    It refuses with MalformedKey a value of another type, length or range.
    """
    name, size_bytes = part.name, part.size_bytes

    def write_fixed(value: KeyValue) -> bytes:
        if type(value) is not bytes or len(value) != size_bytes:
            raise MalformedKey(f"{name}: {part.form} of {size_bytes} bytes, not {value!r}")
        return value

    def write_text(value: KeyValue) -> bytes:
        if type(value) is not str or "\0" in value:
            raise MalformedKey(f"{name}: text without NUL, not {value!r}")
        try:
            data = value.encode()
        except UnicodeEncodeError as fault:
            raise MalformedKey(f"{name}: {fault.reason} in {value!r}") from fault
        if len(data) > size_bytes:
            raise MalformedKey(f"{name}: at most {size_bytes} bytes, not {len(data)}")
        return data + b"\0"

    def write_integer(value: KeyValue) -> bytes:
        if type(value) is not int:
            raise MalformedKey(f"{name}: an integer, not {value!r}")
        try:
            return value.to_bytes(size_bytes, "big")
        except OverflowError as fault:
            raise MalformedKey(f"{name}: {value} does not fit {size_bytes} bytes") from fault

    if part.form == "text":
        return write_text
    return write_integer if part.form == "integer" else write_fixed


def encode_key(parts: Sequence[KeyPart], values: Sequence[KeyValue]) -> bytes:
    """Return the bytes of leading components: all of them for a key, fewer for a prefix.

    Refuses: MalformedKey, for more values than parts or a value that does not fit.
    """
    if len(values) > len(parts):
        raise MalformedKey(f"{len(values)} values for a key of {len(parts)} parts")
    return b"".join([part.encode(value) for part, value in zip(parts, values, strict=False)])


_WHOLE = {1: "B", 2: "H", 4: "I", 8: "Q"}


def key_reader_of(parts: Sequence[KeyPart]) -> Callable[[bytes], tuple[KeyValue, ...]]:
    """Return what `decode_key` does for these parts, in few steps where their widths allow it.

    The reader refuses as `decode_key` does: whatever looks wrong is left to it.
    """
    fixed = parts[:-1] if parts and parts[-1].form == "text" else parts
    if any(part.form == "text" for part in fixed) or any(
        part.form == "integer" and part.size_bytes not in _WHOLE for part in fixed
    ):
        return partial(decode_key, parts)
    unpacked = struct.Struct(
        ">"
        + "".join(
            _WHOLE[part.size_bytes] if part.form == "integer" else f"{part.size_bytes}s"
            for part in fixed
        )
    )
    if len(fixed) == len(parts):

        def read_fixed(data: bytes) -> tuple[KeyValue, ...]:
            if len(data) != unpacked.size:
                return decode_key(parts, data)
            return unpacked.unpack(data)

        return read_fixed
    text_bytes = range(1, parts[-1].size_bytes + 2)
    start = unpacked.size

    def read_with_text(data: bytes) -> tuple[KeyValue, ...]:
        last = len(data) - 1
        if len(data) - start in text_bytes and data.find(b"\0", start) == last:
            text = data[start:last]
            if text.isascii():
                return *unpacked.unpack_from(data), text.decode()
        return decode_key(parts, data)

    return read_with_text


def decode_key(parts: Sequence[KeyPart], data: bytes) -> tuple[KeyValue, ...]:
    """Return the components of a whole key.

    Refuses: MalformedKey, for bytes that `encode_key` never writes.
    """
    values: list[KeyValue] = []
    place = 0
    for part in parts:
        if part.form == "text":
            end = data.find(b"\0", place)
            if end < 0 or end - place > part.size_bytes:
                raise MalformedKey(f"{part.name}: text does not end where it must")
            try:
                values.append(data[place:end].decode())
            except UnicodeDecodeError as fault:
                raise MalformedKey(f"{part.name}: {fault.reason}") from fault
            place = end + 1
            continue
        end = place + part.size_bytes
        if end > len(data):
            raise MalformedKey(f"{part.name}: {len(data) - place} bytes of {part.size_bytes}")
        raw = data[place:end]
        values.append(int.from_bytes(raw, "big") if part.form == "integer" else raw)
        place = end
    if place != len(data):
        raise MalformedKey(f"{len(data) - place} bytes after the last component")
    return tuple(values)
