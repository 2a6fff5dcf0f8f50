"""Proposes blocks that are not valid for anybody else."""

from dataclasses import replace

from chain.block.header import block_id_of
from chain.block.vote import NOTARIZE
from chain.consensus.messages import Message, Proposal
from tests.simulation.member import Name
from tests.simulation.nodes.liars.liar import Liar, NodeSin


class Poisons(NodeSin):
    """Its headers state roots that executing does not come to, one after the other."""

    def says(self, liar: Liar, target: Name, message: Message) -> list[Message]:  # type: ignore[override]
        if not isinstance(message, Proposal) or not liar.is_own(message):
            return [message]
        header = message.block.header
        if header.view != message.view:
            return [message]
        wrong = (
            replace(header, state_root=bytes(32)),
            replace(header, receipts_root=bytes(32)),
            replace(header, params_hash=bytes(32)),
            replace(header, next_authorities_hash=bytes(32)),
            replace(header, height=header.height + 1),
            replace(header, flags=header.flags ^ 1),
        )[message.view % 6]
        block_id = block_id_of(wrong)
        vote = liar.vote(NOTARIZE, message.view, block_id)
        assert vote is not None
        block = replace(message.block, header=wrong)
        return [replace(message, block=block, block_id=block_id, signature=vote.signature)]
