"""Proposes one block to some and another to others, in the same view."""

from dataclasses import replace

from chain.block.header import block_id_of
from chain.block.vote import NOTARIZE
from chain.consensus.messages import Message, Proposal
from tests.simulation.member import Name
from tests.simulation.nodes.liars.liar import Liar, NodeSin


class Equivocates(NodeSin):
    """Half of the others see a second block, as valid and as well signed as the first."""

    def says(self, liar: Liar, target: Name, message: Message) -> list[Message]:  # type: ignore[override]
        if not isinstance(message, Proposal) or not liar.is_own(message):
            return [message]
        if (target[0] + message.view) % 2:
            return [message]
        other = self.other(liar, message)
        return [other] if liar.rng.random() < 0.7 else [message, other]

    def other(self, liar: Liar, proposal: Proposal) -> Proposal:
        """Return a proposal of another block for the same view."""
        header = proposal.block.header
        parent = liar.header_of(header.parent_id)
        if parent is None or header.view != proposal.view:
            return proposal
        block = liar.empty_block(parent, header.parent_id, header.view, header.time_ms + 1)
        if block is None:
            return proposal
        block_id = block_id_of(block.header)
        vote = liar.vote(NOTARIZE, proposal.view, block_id)
        assert vote is not None
        return replace(proposal, block=block, block_id=block_id, signature=vote.signature)
