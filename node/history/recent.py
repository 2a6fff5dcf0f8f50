"""Blocks that became final lately, kept as they are until they are listed.

Reading them from the disk again means to hash and to decode every receipt, of which a node has
just made the bytes.  What is not here is read: after a start, when the index is far behind, and
on a development chain that went back.

Source: docs/specs/history.md, HIST-025.
"""

from collections.abc import Sequence
from typing import NamedTuple

from node.finality import FinalNotice
from node.storage.layout import ToldBlock

KEPT_MAX_COUNT = 20_000
"""Events that are kept: two seconds of full blocks, twenty megabytes."""


class RecentBlock(NamedTuple):
    """A block that told something, and what is said of it beside its receipts."""

    block: ToldBlock
    block_id: bytes
    time_ms: int


class Recent:
    """The newest blocks with events, without a gap.

    A tuple that is replaced and never changed: the loop adds while a thread reads.
    """

    def __init__(self) -> None:
        self._blocks: tuple[RecentBlock, ...] = ()

    def add(self, notices: Sequence[FinalNotice], end_seq: int) -> None:
        """Take blocks that became final, after which the next event has this number."""
        added: list[RecentBlock] = []
        first_seq = end_seq
        for notice in reversed(notices):
            events_count = sum([len(receipt.events) for receipt in notice.receipts])
            first_seq -= events_count
            header = notice.block.header
            if events_count:
                told = ToldBlock(header.height, first_seq, notice.receipts)
                added.append(RecentBlock(told, notice.block_id, header.time_ms))
        if not added:
            return
        # On a chain that went back, what was told in its place is nobody's history.
        kept = [
            one
            for one in self._blocks
            if end_seq - KEPT_MAX_COUNT <= one.block.first_seq < first_seq
        ]
        self._blocks = (*kept, *reversed(added))

    def let_go(self, listed_seq: int) -> None:
        """Let go of what is listed."""
        if self._blocks:
            self._blocks = tuple([x for x in self._blocks if x.block.first_seq >= listed_seq])

    def from_seq(self, first_seq: int) -> tuple[RecentBlock, ...]:
        """Return the blocks from the one that told this number first; none if it is not here."""
        blocks = self._blocks
        for place, one in enumerate(blocks):
            if one.block.first_seq == first_seq:
                return blocks[place:]
        return ()
