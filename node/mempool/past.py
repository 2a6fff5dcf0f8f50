"""Why transactions no longer wait, of the newest hundred thousand that became nothing.

Only what is permanent is remembered: a transaction that had to make room, or waited too
long behind a gap, may come again and is unknown until it does.  What became final the store
knows, and the state has used its sequence.

Source: docs/specs/mempool.md, POOL-015.
"""

from collections import OrderedDict
from typing import Literal, TypeAlias

PAST_MAX_COUNT = 100_000

Fate: TypeAlias = Literal["expired", "replaced", "refused"]


class Past:
    """Fates by id, oldest forgotten first."""

    __slots__ = ("_max_count", "fates")

    def __init__(self, max_count: int = PAST_MAX_COUNT) -> None:
        self.fates: OrderedDict[bytes, Fate] = OrderedDict()
        """For those who look, by id."""
        self._max_count = max_count

    def put(self, transaction_id: bytes, fate: Fate) -> None:
        """Remember a fate, in place of an earlier one."""
        fates = self.fates
        before_count = len(fates)
        fates[transaction_id] = fate
        if len(fates) == before_count:
            fates.move_to_end(transaction_id)
        elif before_count == self._max_count:
            fates.popitem(last=False)

    def get(self, transaction_id: bytes) -> Fate | None:
        """Return what became of a transaction, None when it is not remembered."""
        return self.fates.get(transaction_id)

    def forget(self, transaction_id: bytes) -> None:
        """Forget one: it may come again."""
        self.fates.pop(transaction_id, None)
