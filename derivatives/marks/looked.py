"""The orders of a side that a mark looks at, kept from block to block while none of them changes.

They lie anywhere in memory, and most blocks leave most books alone.  No outcome depends on what
is kept: it is what reading would find, in every compartment.  What differs in lots alone is one:
the impact notional meets the same lots at the same prices.

Source: docs/specs/marks.md, MARK-024, MARK-027.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import TypeAlias

from chain.kit import BlockContext
from chain.state.view import Step
from derivatives.ids import InstrumentId
from derivatives.kernel import level
from derivatives.orders.state import BOOK, resting

ORDERS_MAX_COUNT = 256
"""So many orders of a side are looked at: a heap of small ones costs nobody else his block."""
CHANGED_MAX_COUNT = 64
"""Beyond so many changes of books in a block, reading again costs less than looking for one."""
SIDES_KEPT_COUNT = 1_024

Rested: TypeAlias = tuple[int, int, int, int]
"""Price in ticks, lots left, time and height of the last change."""
Place: TypeAlias = tuple[InstrumentId, int]

_KEPT: dict[Place, tuple[bytes, tuple[Rested, ...]]] = {}
"""By instrument and side: the root of the state that it was read from, and the orders."""


def looked_at(context: BlockContext, instrument_id: InstrumentId, side: int) -> tuple[Rested, ...]:
    """Return the first orders of a side as they are now, best and oldest first, as runs."""
    place, trail = (instrument_id, side), context.trail()
    if not trail or _changes(trail[0], place):
        return _read(context, place)
    root = trail[0].root
    kept = _KEPT.get(place)
    if kept is not None and kept[0] == root:
        return kept[1]
    is_same = kept is not None and _leads(kept[0], trail, place)
    rested = kept[1] if kept is not None and is_same else _read(context, place)
    if len(_KEPT) >= SIDES_KEPT_COUNT:
        _KEPT.clear()
    _KEPT[place] = root, rested
    return rested


def _read(context: BlockContext, place: Place) -> tuple[Rested, ...]:
    by_kernel: tuple[Rested, ...] | None = level.rested(context.state, *place, ORDERS_MAX_COUNT)
    if by_kernel is not None:
        return by_kernel
    return tuple(runs_of(islice(resting(context.state, *place), ORDERS_MAX_COUNT)))


def runs_of(orders: Iterable[Rested]) -> Iterator[Rested]:
    """Return orders in a row of one price that changed together as one, with the lots of all.

    >>> list(runs_of([(9, 1, 5, 2), (9, 3, 5, 2), (9, 2, 6, 3), (8, 7, 6, 3)]))
    [(9, 4, 5, 2), (9, 2, 6, 3), (8, 7, 6, 3)]
    """
    for (price_ticks, *changed), alike in groupby(orders, itemgetter(0, 2, 3)):
        yield price_ticks, sum([lots for _, lots, _, _ in alike]), *changed


def _leads(root: bytes, trail: Sequence[Step], place: Place) -> bool:
    """Return whether a side is now what it was at a root: no step since then changed it."""
    for step in trail[1:]:
        if _changes(step, place):
            return False
        if step.root == root:
            return True
    return False


def _changes(step: Step, place: Place) -> bool:
    """Return whether a step may have changed a side."""
    changed = step.changes.get(BOOK, ())
    if len(changed) > CHANGED_MAX_COUNT:
        return True
    return any(key[:2] == place for key in changed)  # type: ignore[index]
