"""Read state at the final head or at an earlier height without holding up the node's loop.

The tables change on the main loop alone, so what runs there without waiting sees one moment.
A single look is quick and is done there.  What takes longer is done in a thread, and done again
when a block became final meanwhile.  `Tables.get` keeps what it decodes, so only the loop and
the executor may call it; threads here look at keys, bytes and hashes.

Source: docs/specs/rpc.md, RPC-045 to RPC-047.
"""

import heapq
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import trio

from chain.kit.table import AnyTable, Key
from chain.state.rewound import Rewound, StaleView
from chain.state.tables import Tables
from chain.state.view import CommittedView, bounds_of
from node.state_store import Rewinding

if TYPE_CHECKING:
    from node.services import Services
    from node.state_store import Head

T = TypeVar("T")

ATTEMPTS_COUNT = 5
"""How often a block may come in between before the loop itself does the work."""


class SteadyView(CommittedView, Protocol):
    """Tables, or tables taken back to an earlier height."""

    def keys_of(self, table: AnyTable) -> list[Key]:
        """Return the keys of a table in no order, as a copy."""
        ...


async def read_at(
    services: "Services",
    height: int | None,
    look: Callable[[SteadyView, "Head"], T],
    way: Rewinding | None = None,
) -> T:
    """Return what a quick look at the state of a height finds; None is the final head.

    Who looks at several heights gives one `way` and asks for the highest first.
    Refuses: node.height_pruned, node.height_ahead.
    """
    store = services.state_store
    if height is None:
        return look(*store.view_at(None))
    way = way or Rewinding(store)
    for _ in range(ATTEMPTS_COUNT):
        try:
            view, head = await trio.to_thread.run_sync(way.to, height)
        except StaleView:
            continue
        if store.is_current(view, head):
            return look(view, head)
    # The way so far is kept: what is left to do here is what became final since.
    return look(*way.to(height))


async def work_at(
    services: "Services", height: int | None, work: Callable[[SteadyView, "Head"], T]
) -> T:
    """Return what longer work on the state of a height comes to; it runs in a thread.

    The work must not use `get` or `scan`, and is repeated when a block came in between.
    Refuses: node.height_pruned, node.height_ahead.
    """
    store = services.state_store
    way = Rewinding(store)

    def attempt() -> tuple[T, Tables | Rewound, "Head"]:
        view, head = way.to(height)
        return work(view, head), view, head

    for _ in range(ATTEMPTS_COUNT):
        generation = store.tables.generation
        try:
            answer, view, head = await trio.to_thread.run_sync(attempt)
        except (StaleView, RuntimeError, LookupError):
            # A dictionary that changes under a reader says so in its own ways.
            if store.tables.generation == generation:
                raise
            continue
        if store.is_current(view, head):
            return answer
    return attempt()[0]


class Page:
    """Rows of one table in order of encoded key, and whether there are more."""

    def __init__(self, rows: Sequence[tuple[Key, Any]], head: "Head", *, has_more: bool) -> None:
        self.rows = rows
        self.head = head
        self.has_more = has_more


async def page_at(
    services: "Services",
    height: int | None,
    table: AnyTable,
    *,
    prefix: tuple[Any, ...],
    after: Key | None,
    limit: int,
) -> Page:
    """Return the first rows of a range, all of the same height.

    Refuses: node.height_pruned, node.height_ahead.
    """
    if table.ordered:

        def scan(view: SteadyView, head: "Head") -> Page:
            rows = list(islice(view.scan(table, prefix, after), limit + 1))
            return Page(rows[:limit], head, has_more=len(rows) > limit)

        return await read_at(services, height, scan)
    store = services.state_store
    for _ in range(ATTEMPTS_COUNT):
        generation = store.tables.generation
        keys = await read_at(services, height, lambda view, _head: view.keys_of(table))
        chosen = await trio.to_thread.run_sync(_first_keys, table, keys, prefix, after, limit + 1)
        page = await read_at(services, height, _rows_of(table, chosen, limit))
        if store.tables.generation == generation:
            return page
    # The chain moves faster than the table sorts: pay for it on the loop, this once.
    return await read_at(
        services,
        height,
        lambda view, head: _rows_of(
            table, _first_keys(table, view.keys_of(table), prefix, after, limit + 1), limit
        )(view, head),
    )


def _rows_of(
    table: AnyTable, keys: Sequence[Key], limit: int
) -> Callable[[SteadyView, "Head"], Page]:
    def look(view: SteadyView, head: "Head") -> Page:
        found = [(key, view.get(table, key)) for key in keys[:limit]]
        rows = [(key, record) for key, record in found if record is not None]
        return Page(rows, head, has_more=len(keys) > limit)

    return look


def _first_keys(
    table: AnyTable, keys: list[Key], prefix: tuple[Any, ...], after: Key | None, count: int
) -> list[Key]:
    """Return the first keys of a range in encoded order. Rounds: nothing; needs no view."""
    low, high = bounds_of(table, prefix, after)
    encoded = ((table.encoded(key), key) for key in keys)
    within = (pair for pair in encoded if low <= pair[0] < high)
    return [key for _, key in heapq.nsmallest(count, within, key=lambda pair: pair[0])]
