"""Proposes blocks whose time is far from everybody's clock."""

from dataclasses import replace

from chain.block.header import block_id_of
from chain.block.vote import NOTARIZE
from chain.consensus.messages import Message, Proposal
from tests.simulation.member import Name
from tests.simulation.nodes.liars.liar import Liar, NodeSin

SHIFTS_MS = (3_600_000, -3_600_000, 700, -1)


class DatesBlocks(NodeSin):
    """Blocks of the next hour, valid but for their date, or of the last one."""

    def says(self, liar: Liar, target: Name, message: Message) -> list[Message]:  # type: ignore[override]
        if not isinstance(message, Proposal) or not liar.is_own(message):
            return [message]
        header = message.block.header
        parent = liar.header_of(header.parent_id)
        if parent is None or header.view != message.view:
            return [message]
        time_ms = max(0, header.time_ms + SHIFTS_MS[message.view % len(SHIFTS_MS)])
        block = liar.empty_block(parent, header.parent_id, header.view, time_ms)
        if block is None:
            block = replace(message.block, header=replace(header, time_ms=time_ms))
        block_id = block_id_of(block.header)
        vote = liar.vote(NOTARIZE, message.view, block_id)
        assert vote is not None
        return [replace(message, block=block, block_id=block_id, signature=vote.signature)]
