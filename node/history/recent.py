"""Blocks that became final lately, their receipts kept as they were hashed until they are listed.

Reading them from the disk again means to look for them and to hash them, and a node has just
made these bytes.  What is not here is read: after a start, when the index is far behind, and on
a development chain that went back.

Source: docs/specs/history.md, HIST-025.
"""

from collections.abc import Sequence
from typing import NamedTuple

from node.finality import FinalNotice

KEPT_EVENTS_MAX_COUNT = 60_000
"""Events that are kept: five seconds of full blocks, some ten megabytes."""

KEPT_BLOCKS_MAX_COUNT = 1_000
"""Blocks that are kept, most of which are empty where that many wait."""


class RecentBlock(NamedTuple):
    """A block, and what it told as it is stored."""

    height: int
    block_id: bytes
    parent_id: bytes
    time_ms: int
    encoded_receipts: tuple[bytes, ...]
    end_seq: int
    """No event of it has this number, or a higher one."""


class Recent:
    """The newest blocks, each the parent of the next.

    A tuple that is replaced and never changed: the loop adds while a thread reads.
    """

    def __init__(self) -> None:
        self._blocks: tuple[RecentBlock, ...] = ()

    def add(self, notices: Sequence[FinalNotice], end_seq: int) -> None:
        """Take blocks that became final, after which the next event has this number."""
        added = [
            RecentBlock(
                notice.block.header.height,
                notice.block_id,
                notice.block.header.parent_id,
                notice.block.header.time_ms,
                notice.encoded_receipts,
                end_seq,
            )
            for notice in notices
        ]
        if not added:
            return
        # On a chain that went back, what was told in its place is nobody's history.
        kept = [one for one in self._blocks if one.height < added[0].height]
        if kept and kept[-1].block_id != added[0].parent_id:
            kept = []
        oldest_seq = end_seq - KEPT_EVENTS_MAX_COUNT
        kept = [one for one in kept if one.end_seq > oldest_seq]
        self._blocks = (*kept, *added)[-KEPT_BLOCKS_MAX_COUNT:]

    def let_go(self, height: int) -> None:
        """Let go of what is listed."""
        self._blocks = tuple([one for one in self._blocks if one.height > height])

    def after(self, height: int, block_id: bytes) -> tuple[RecentBlock, ...]:
        """Return the blocks that follow this one; none if the next is not here."""
        blocks = self._blocks
        for place, one in enumerate(blocks):
            if one.height == height + 1 and one.parent_id == block_id:
                return blocks[place:]
        return ()
