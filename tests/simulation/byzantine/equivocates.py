"""Proposes one block to some and another to others, in the same view."""

from dataclasses import replace

from chain.block.block import Block, body_roots
from chain.block.header import block_id_of
from chain.block.vote import NOTARIZE
from chain.consensus.messages import Message, Proposal
from tests.simulation.byzantine.liar import Liar, Sin
from tests.simulation.member import Name


class Equivocates(Sin):
    """Half of the others see a second block, as well signed as the first."""

    def says(self, liar: Liar, target: Name, message: Message) -> list[Message]:
        if not isinstance(message, Proposal) or not liar.is_own(message):
            return [message]
        if (target[0] + message.view) % 2:
            return [message]
        other = self.other(liar, message)
        return [other] if liar.rng.random() < 0.7 else [message, other]

    def other(self, liar: Liar, proposal: Proposal) -> Proposal:
        """Return a proposal of another block for the same view."""
        parent = liar.header_of(proposal.block.header.parent_id)
        header = proposal.block.header
        if parent is None:
            return proposal
        transactions = (b"the other block of view %d" % proposal.view,)
        block: Block = liar.world.rules.child(
            parent,
            epoch=header.epoch,
            view=header.view,
            proposer=header.proposer,
            time_ms=header.time_ms,
            transactions=transactions,
        )
        assert block.header.tx_root == body_roots(transactions, b"", ()).tx_root
        block_id = block_id_of(block.header)
        vote = liar.vote(NOTARIZE, proposal.view, block_id)
        assert vote is not None
        return replace(proposal, block=block, block_id=block_id, signature=vote.signature)
