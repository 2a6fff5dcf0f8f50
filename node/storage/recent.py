"""What the last blocks changed, and which of it comes to rest.

A block's changes are one row.  A record gets a row of its own once no recent block has changed
it: what changes in every block, or is gone again after a few, is never written by itself.

Source: docs/specs/storage.md, STORE-007, STORE-008.
"""

from collections import deque

from chain.limits import UNDO_BLOCKS
from chain.state.journal import Change

RECENT_BLOCKS = 64
RECENT_BYTES_MAX = 4 * 1024 * 1024
"""Of the rows of recent blocks: what they changed is held in memory, in about twice the room."""

assert RECENT_BLOCKS < UNDO_BLOCKS, "the row of a recent block is still there"


class Recent:
    """The changes of the blocks above the settled height."""

    __slots__ = ("_blocks", "_has_row", "_latest", "_size_bytes", "settled_height")

    def __init__(self, settled_height: int) -> None:
        """Begin with no recent block."""
        self.settled_height = settled_height
        self._blocks: deque[tuple[tuple[Change, ...], int]] = deque()
        self._latest: dict[bytes, Change] = {}
        # Of keys that came by here and are not at rest: whether there is a row, perhaps an old one.
        self._has_row: dict[bytes, bool] = {}
        self._size_bytes = 0

    @property
    def latest(self) -> dict[bytes, Change]:
        """The last change of every key that a recent block changed, by key hash."""
        return self._latest

    def take(self, changes: tuple[Change, ...], size_bytes: int) -> None:
        """Take in what the next block changed, and how large its row is."""
        self._latest.update([(change[0], change) for change in changes])
        self._blocks.append((changes, size_bytes))
        self._size_bytes += size_bytes

    def take_again(self, changes: tuple[Change, ...], size_bytes: int) -> None:
        """Take in a block from disk, when nobody knows any more which keys have rows."""
        self.take(changes, size_bytes)
        self._has_row.update([(change[0], True) for change in changes])

    def settle(self) -> list[Change]:
        """Return what is at rest: changes of blocks no longer recent, by no recent one repeated.

        What came and went in between is left out: there is no row of it to take away.
        """
        settled: list[Change] = []
        while len(self._blocks) > RECENT_BLOCKS or (
            self._size_bytes > RECENT_BYTES_MAX and len(self._blocks) > 1
        ):
            changes, size_bytes = self._blocks.popleft()
            self._size_bytes -= size_bytes
            self.settled_height += 1
            settled += [change for change in changes if self._is_to_write(change)]
        return settled

    def _is_to_write(self, change: Change) -> bool:
        """Return whether a change that is no longer recent is to be written, and let go of it."""
        key_hash, _, old, new = change
        if self._latest[key_hash] is not change:
            self._has_row.setdefault(key_hash, old is not None)
            return False
        del self._latest[key_hash]
        return self._has_row.pop(key_hash, old is not None) or new is not None
