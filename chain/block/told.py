"""What happened, picked out of the bytes of receipts: those events and fields that are asked for.

Whoever follows the chain looks at every event of it and wants a few fields of some: making
receipts of the bytes again costs more than all that it does with them.

Source: docs/specs/block.md, BLOCK-025.
"""

from collections.abc import Callable
from typing import Any

from chain.block.receipt import decode_receipt
from chain.codec.canonical import decode
from chain.codec.record import MalformedRecord
from chain.kernel.level import kernel

Wanted = dict[tuple[int, int], tuple[int, ...]]
"""Places of fields, ascending, by module number and number of an event. Each is text or integer."""

Told = tuple[int, list[tuple[Any, ...]]]
"""How many events there are, and of each wanted one: place, receipt's kind, name, fields."""


def told_in(receipts: tuple[bytes, ...], wanted: Wanted) -> Told:
    """Return what encoded receipts tell, in order: `(5, [(place, kind, name, *fields), ...])`.

    A place counts all events from the first receipt on, a name is the pair of numbers.  The
    bytes are of a block that stands: whether each is the one form of what it says is not asked.
    Refuses: MalformedRecord, for bytes that are no receipts, or events without such a field.
    """
    found: Told | None = _quick(receipts, wanted)
    return _told_plainly(receipts, wanted) if found is None else found


def _told_plainly(receipts: tuple[bytes, ...], wanted: Wanted) -> Told:
    rows: list[tuple[Any, ...]] = []
    place = 0
    for receipt in map(decode_receipt, receipts):
        for event in receipt.events:
            name = event.module_number, event.number
            if name in wanted:
                fields: tuple[Any, ...] = decode(tuple, bytes(event.payload))
                picked = [fields[at] for at in wanted[name] if at < len(fields)]
                if len(picked) < len(wanted[name]) or not {int, str}.issuperset(map(type, picked)):
                    raise MalformedRecord(f"event {name} has no fields {wanted[name]}")
                rows.append((place, receipt.kind, name, *picked))
            place += 1
    return place, rows


def _declined(receipts: tuple[bytes, ...], wanted: Wanted) -> None:
    """Stand in for the kernel where it is not built."""


_quick: Callable[..., Told | None] = _declined if kernel is None else kernel.told
