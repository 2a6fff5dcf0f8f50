"""Pages of what happened, newest first, read through the index.

Source: docs/specs/rpc.md, RPC-119; docs/specs/history.md.
"""

from typing import NamedTuple

from node.rpc.errors import ParametersInvalid
from node.services import Services
from node.storage.layout import StoredEvent


class Past(NamedTuple):
    """Events, newest first, and the cursor of those before them; None at the end."""

    events: list[StoredEvent]
    next_cursor: str | None


async def listed(services: Services, topic: str, limit: int, cursor: str | None) -> Past:
    """Return a page of a topic. A cursor is the number of an event: those before it follow.

    Refuses: ParametersInvalid, for a number that no event has yet; node.history_behind.
    """
    before_seq = None if cursor is None else int(cursor)
    tip = services.storage.tip()
    if before_seq is not None and before_seq > (tip.event_sequence if tip is not None else 0):
        raise ParametersInvalid("cursor: nothing was told there yet", field="cursor")
    found = await services.history.newest(topic, before_seq, limit)
    return Past(found.events, str(found.next_seq) if found.next_seq else None)
