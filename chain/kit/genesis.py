"""Fill a table from genesis: a list of objects, each a key's parts beside a record's fields.

    "balances": [{"holder": "fees", "asset": "USD", "amount_quantums": "0"}, ...]

Source: docs/specs/machine.md, MACH-050 to MACH-053.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chain.codec.canonical import OutOfBounds, encode_bounded
from chain.codec.order import MalformedKey
from chain.kit.fields import field_of_part, fields_of
from chain.kit.plain import MalformedPlain, Plain, check_names, value_from
from chain.kit.table import AnyTable, Key


class GenesisFault(ValueError):
    """A genesis is not one; `path` says where, `what` says why."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"genesis {path}: {what}")
        self.path = path
        self.what = what


Row = tuple[bytes, bytes]
"""An encoded key with the canonical bytes of its record."""


def rows_from(table: AnyTable, plain: Plain, path: str) -> list[Row]:
    """Return the rows that a table's list in genesis means, sorted by encoded key.

    Refuses: GenesisFault, for a wrong form, an unknown or missing field, a number out of
    its width, a key given twice.
    """
    if not isinstance(plain, Sequence) or isinstance(plain, str):
        raise GenesisFault(path, "expected a list of objects")
    seen: dict[bytes, str] = {}
    rows: list[Row] = []
    for index, entry in enumerate(plain):
        place = f"{path}[{index}]"
        try:
            key, record = _row(table, entry, place)
            row = table.encoded(key), encode_bounded(record)
        except MalformedPlain as fault:
            raise GenesisFault(fault.path, fault.what) from fault
        except (MalformedKey, OutOfBounds, AssertionError) as fault:
            raise GenesisFault(place, str(fault)) from fault
        if row[0] in seen:
            raise GenesisFault(place, f"the same key as {seen[row[0]]}")
        seen[row[0]] = place
        rows.append(row)
    return sorted(rows)


def _row(table: AnyTable, entry: Plain, place: str) -> tuple[Key, Any]:
    if not isinstance(entry, Mapping):
        raise GenesisFault(place, "expected an object")
    keys = [field_of_part(part) for part in table.key_parts]
    fields = fields_of(table.value)
    check_names(entry, [field.name for field in (*keys, *fields)], place)
    values = []
    for field in (*keys, *fields):
        if field.name not in entry and not field.optional:
            raise GenesisFault(f"{place}.{field.name}", "missing")
        values.append(value_from(field, entry.get(field.name), f"{place}.{field.name}"))
    parts, rest = values[: len(keys)], values[len(keys) :]
    key: Key = parts[0] if len(parts) == 1 else tuple(parts)
    return key, table.value(*rest)
