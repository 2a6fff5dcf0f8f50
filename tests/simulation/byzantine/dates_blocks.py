"""Proposes blocks whose time is far from everybody's clock."""

from dataclasses import replace

from chain.block.header import block_id_of
from chain.block.vote import NOTARIZE
from chain.consensus.messages import Message, Proposal
from tests.simulation.byzantine.liar import Liar, Sin
from tests.simulation.member import Name


class DatesBlocks(Sin):
    """Blocks of the next hour, or of the last one."""

    def says(self, liar: Liar, target: Name, message: Message) -> list[Message]:
        if not isinstance(message, Proposal) or not liar.is_own(message):
            return [message]
        header = message.block.header
        parent = liar.header_of(header.parent_id)
        if parent is None or header.view != message.view:
            return [message]
        shift_ms = (3_600_000, -3_600_000, 700, -1)[message.view % 4]
        block = liar.world.rules.child(
            parent,
            epoch=header.epoch,
            view=header.view,
            proposer=header.proposer,
            time_ms=max(0, header.time_ms + shift_ms),
            transactions=message.block.transactions,
        )
        block_id = block_id_of(block.header)
        vote = liar.vote(NOTARIZE, message.view, block_id)
        assert vote is not None
        return [replace(message, block=block, block_id=block_id, signature=vote.signature)]
