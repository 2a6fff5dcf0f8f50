"""Proposes on an older parent than certificates allow, leaving the newer one out."""

from dataclasses import replace

from chain.block.header import block_id_of
from chain.block.vote import NOTARIZE
from chain.consensus.messages import Message, Proposal
from tests.simulation.byzantine.liar import Liar, Sin
from tests.simulation.member import Name


class Unjustified(Sin):
    """Builds on the last final block, or its parent's parent, whatever was notarized since."""

    def says(self, liar: Liar, target: Name, message: Message) -> list[Message]:
        if not isinstance(message, Proposal) or not liar.is_own(message):
            return [message]
        node = liar.core.node
        parents = [(node.final.view, node.tip.header, node.final.certificate)]
        for view, state in node.views.items():
            if view < message.view and state.notarization is not None:
                header = liar.header_of(state.notarization.block_id)
                if header is not None:
                    parents.append((view, header, state.notarization))
        view, parent, certificate = parents[message.view % len(parents)]
        header = message.block.header
        if parent.flags and parent.epoch == header.epoch:
            return [message]
        block = liar.world.rules.child(
            parent,
            epoch=header.epoch,
            view=message.view,
            proposer=header.proposer,
            time_ms=max(header.time_ms, parent.time_ms + liar.world.rules.min_block_ms),
            transactions=(b"unjustified",),
        )
        block_id = block_id_of(block.header)
        vote = liar.vote(NOTARIZE, message.view, block_id)
        assert vote is not None
        nulls = tuple(c for c in message.null_certificates if liar.rng.random() < 0.5)
        return [
            replace(
                message,
                block=block,
                block_id=block_id,
                parent_view=view,
                parent_certificate=certificate,
                null_certificates=nulls,
                signature=vote.signature,
            )
        ]
