"""Declare a table: its number, its key and the record it holds, once.

A key in Python is the plain value for a table with one key part, a tuple for several,
and () for an `Item`, which holds one record.

Source: docs/specs/state.md, STATE-001 to STATE-003.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar

from chain.codec.canonical import decode
from chain.codec.order import KeyPart, KeyValue, MalformedKey, key_reader_of, writer_of
from chain.kernel.level import kernel

V = TypeVar("V")

Key: TypeAlias = KeyValue | tuple[KeyValue, ...]


class Table(Generic[V]):
    """A named map from keys to records, part of the state of one module.

    Two tables are equal only when they are the same object.  `ordered` tables keep
    their keys sorted, so that scanning costs what it yields.
    """

    __slots__ = (
        "_module_id",
        "_prefix",
        "_read",
        "_writers",
        "encoded",
        "key_from",
        "key_parts",
        "name",
        "number",
        "ordered",
        "value",
    )

    def __init__(
        self,
        number: int,
        name: str,
        key: tuple[KeyPart, ...],
        value: type[V],
        *,
        ordered: bool = False,
    ) -> None:
        assert 0 <= number < 2**8
        assert name.isidentifier()
        self.number = number
        self.name = name
        self.key_parts = key
        self.value = value
        self.ordered = ordered
        self._module_id: int | None = None
        self._prefix = b""
        self._writers = tuple(writer_of(part) for part in key)
        self.encoded: Callable[[Key], bytes] = self._encoded
        """Return module id, table number and key in order-preserving form.

        Refuses: MalformedKey, when the key is not of this table's form.
        """
        self._read = key_reader_of(key)
        self.key_from: Callable[[bytes], Key] = self._key_from
        """Return the key that these bytes encode.

        Refuses: MalformedKey, for a key of another table or of none.
        """

    def bind(self, module_id: int) -> None:
        """Make this a table of one module, for ever; again by the same module is nothing."""
        assert 0 <= module_id < 2**8
        assert self._module_id in {None, module_id}, f"{self.name} belongs to {self._module_id}"
        self._module_id = module_id
        self._prefix = bytes((module_id, self.number))
        if kernel is not None:
            parts = tuple([(part.form, part.size_bytes) for part in self.key_parts])
            form = kernel.KeyForm(self._prefix, parts, self._encoded, self._key_from)
            self.encoded, self.key_from = form, form.read

    @property
    def module_id(self) -> int:
        """Return the id of the module that this table belongs to."""
        assert self._module_id is not None, f"{self.name} is in no module"
        return self._module_id

    @property
    def prefix(self) -> bytes:
        """Return the two bytes that every encoded key of this table begins with."""
        assert self._prefix, f"{self.name} is in no module"
        return self._prefix

    def _encoded(self, key: Key) -> bytes:
        """Return the encoded key, in Python: what is right, and every refusal of `encoded`."""
        prefix, writers = self._prefix, self._writers
        assert prefix, f"{self.name} is in no module"
        if len(writers) == 1:
            if type(key) is tuple:
                raise MalformedKey(f"{self.name}: a key of one part is that part, not a tuple")
            return prefix + writers[0](key)  # type: ignore[arg-type]
        if type(key) is not tuple or len(key) != len(writers):
            raise MalformedKey(
                f"{self.name}: a key is a tuple of {len(writers)} parts, not {key!r}"
            )
        if len(writers) == 2:
            return prefix + writers[0](key[0]) + writers[1](key[1])
        return prefix + b"".join([w(value) for w, value in zip(writers, key, strict=True)])

    def encoded_prefix(self, values: tuple[KeyValue, ...]) -> bytes:
        """Return what the encoded keys with these leading parts, and no others, begin with."""
        if not values:
            return self.prefix
        writers = self._writers
        if len(values) > len(writers):
            raise MalformedKey(f"{len(values)} values for a key of {len(writers)} parts")
        written = [write(value) for write, value in zip(writers, values, strict=False)]
        return self.prefix + b"".join(written)

    def _key_from(self, encoded_key: bytes) -> Key:
        """Return the key that bytes are, in Python: what is right, and every refusal."""
        if encoded_key[:2] != self._prefix:
            raise MalformedKey(f"{encoded_key[:2].hex()} does not begin a key of {self.name}")
        values = self._read(encoded_key[2:])
        return values[0] if len(values) == 1 else values

    def record_from(self, data: bytes) -> V:
        """Return the record that these bytes encode. Refuses: MalformedRecord."""
        return decode(self.value, data)

    def __repr__(self) -> str:
        """Return the name under which people know it."""
        return f"Table({self.name})"


class Item(Table[V]):
    """A table with one record at most, under the empty key."""

    __slots__ = ()

    def __init__(self, number: int, name: str, *, value: type[V]) -> None:
        super().__init__(number, name, key=(), value=value)


AnyTable: TypeAlias = Table[Any]
