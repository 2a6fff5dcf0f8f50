"""What the last blocks changed, and which of it comes to rest.

A block's changes are one row.  A record gets a row of its own once no recent block has changed
it: what changes in every block, or is gone again after a few, is never written by itself.

This is what `chain.kernel` does in C where it is built, and what says what is right.

Source: docs/specs/storage.md, STORE-007, STORE-008.
"""

from collections import deque
from typing import TypeAlias

from chain.codec.canonical import encode
from chain.kernel.level import kernel
from chain.state.journal import Change

Settled: TypeAlias = tuple[bytes, bytes, bytes | None]
"""Key hash, encoded key, and the record's bytes; None where it is gone."""


class PlainRecent:
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

    def take(self, changes: tuple[Change, ...]) -> bytes:
        """Take in what the next block changed, and return it as its row holds it."""
        row = encode([change[1:] for change in changes])
        self._latest.update([(change[0], change) for change in changes])
        self._blocks.append((changes, len(row)))
        self._size_bytes += len(row)
        return row

    def take_again(self, changes: tuple[Change, ...]) -> bytes:
        """Take in a block from disk, when nobody knows any more which keys have rows."""
        self._has_row.update([(change[0], True) for change in changes])
        return self.take(changes)

    def settle(self, blocks_max: int, bytes_max: int) -> list[Settled]:
        """Return what is to be written: changes of older blocks, by no recent one repeated.

        Older are those beyond so many blocks, and beyond so many bytes of rows but for the
        last.  What came and went in between is left out: there is no row of it to take away.
        """
        settled: list[Settled] = []
        while len(self._blocks) > blocks_max or (
            self._size_bytes > bytes_max and len(self._blocks) > 1
        ):
            changes, size_bytes = self._blocks.popleft()
            self._size_bytes -= size_bytes
            self.settled_height += 1
            settled += [
                (change.key_hash, change.encoded_key, change.new)
                for change in changes
                if self._is_to_write(change)
            ]
        return settled

    def _is_to_write(self, change: Change) -> bool:
        """Return whether a change that is no longer recent is to be written, and let go of it."""
        key_hash, _, old, new = change
        if self._latest[key_hash] is not change:
            self._has_row.setdefault(key_hash, old is not None)
            return False
        del self._latest[key_hash]
        return self._has_row.pop(key_hash, old is not None) or new is not None


Recent = PlainRecent

if kernel is not None:
    Recent = kernel.Recent  # type: ignore[misc]
