"""Proposes on an older parent than certificates allow, leaving the newer one out."""

from chain.block.header import block_id_of
from chain.block.vote import NOTARIZE
from chain.consensus.messages import Message, Proposal
from tests.simulation.member import Name
from tests.simulation.nodes.liars.liar import Liar, NodeSin


class Unjustified(NodeSin):
    """Builds on the last final block, or one notarized before, whatever was notarized since."""

    def __init__(self) -> None:
        self.done: dict[tuple[int, int], None] = {}

    def hears(self, liar: Liar, sender: Name, message: Message) -> None:  # type: ignore[override]
        del sender, message
        liar.world.loop.after(0, self._propose, liar)

    def _propose(self, liar: Liar) -> None:
        if liar.services is None:
            return
        node = liar.core.node
        if node.my_index != node.leader or (node.epoch, node.view) in self.done:
            return
        self.done[node.epoch, node.view] = None
        parents = [(node.final.view, node.tip.header, node.final.certificate)]
        for view, state in sorted(node.views.items()):
            if view < node.view and state.notarization is not None:
                header = liar.header_of(state.notarization.block_id)
                if header is not None:
                    parents.append((view, header, state.notarization))
        view, parent, certificate = parents[node.view % len(parents)]
        time_ms = max(node.wall_ms, parent.time_ms + 1_000)
        block = liar.empty_block(parent, block_id_of(parent), node.view, time_ms)
        if block is None or view >= node.view:
            return
        block_id = block_id_of(block.header)
        vote = liar.vote(NOTARIZE, node.view, block_id)
        assert vote is not None
        proposal = Proposal(
            epoch=node.epoch,
            view=node.view,
            block=block,
            block_id=block_id,
            parent_view=view,
            parent_certificate=certificate,
            null_certificates=(),
            signature=vote.signature,
        )
        liar.tell_some(proposal, 1.0)
