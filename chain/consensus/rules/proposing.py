"""R2: proposing, when this node leads the current view.

A block is built as soon as transactions wait and the parent is old enough, and at the target in
any case. A boundary block is proposed again, as it is and at once, until it is final. What goes
into a block shrinks when proposals of this node are given up and grows back when they become
final; after 2n nullified views in a row the block is the empty one, which is always valid.

Source: docs/specs/consensus.md, SIMPLEX-024 to SIMPLEX-029.
"""

from chain.block.block import Block
from chain.block.certificate import AuthoritySet
from chain.block.header import Header, block_id_of
from chain.block.vote import NOTARIZE
from chain.consensus.effects import EVERYONE, Budget, Build, Send, Traffic, Verdict
from chain.consensus.messages import Proposal
from chain.consensus.rules import executing, fetching, justifying, signing
from chain.consensus.rules.justifying import MissingView
from chain.consensus.schedule import Deadline
from chain.consensus.state import HeldBlock, Node, OwnProposal, Parent, PendingBuild
from chain.crypto.digest import ZERO_HASH
from chain.limits import CERTIFICATES_PER_NULL_CHAIN_MAX_COUNT


def propose(node: Node) -> None:
    """Propose if it is this node's turn and everything for it is here; ask for what is not."""
    if node.build is not None or node.my_index != node.leader:
        return
    # Which block is not known yet; that this node may notarize one in this view is what counts.
    if not signing.may_sign(node, NOTARIZE, node.view, ZERO_HASH):
        return
    parent = justifying.parent_to_build_on(node)
    if isinstance(parent, MissingView):
        fetching.want_certificates(node, node.final.view + 1, parent.view)
        return
    header = node.header_of(parent.block_id)
    if header is None:
        if parent.certificate is not None:
            fetching.want_certified(node, parent.certificate)
        return
    if not node.is_executed(parent.block_id):
        executing.need(node, parent.block_id)
        return
    if justifying.is_closing(node, header):
        held = node.blocks[parent.block_id]
        _publish(node, held, parent.block_id, parent)
        return
    _build_when_due(node, parent, header)


def _build_when_due(node: Node, parent: Parent, header: Header) -> None:
    settings = node.settings
    wait_ms = settings.min_block_ms if node.transactions_wait else settings.target_block_ms
    left_ms = header.time_ms + wait_ms - node.wall_ms
    if left_ms > 0:
        node.schedule.put(Deadline.BUILD, node.now_ms + left_ms)
        return
    node.schedule.drop(Deadline.BUILD)
    node.requests_count += 1
    node.build = PendingBuild(node.requests_count, node.epoch, node.view, header.height + 1, parent)
    node.transactions_wait = False
    node.emit(
        Build(
            request=node.requests_count,
            epoch=node.epoch,
            view=node.view,
            height=header.height + 1,
            parent_id=parent.block_id,
            time_ms=node.wall_ms,
            budget=_budget(node),
        )
    )


def _budget(node: Node) -> Budget:
    """Return how much to put in: nothing at all once 2n views in a row came to nothing."""
    empty = node.null_run() >= 2 * node.authorities.count
    return Budget(node.share_ppm, empty)


def built(
    node: Node, request: int, block: Block | None, next_authorities: AuthoritySet | None
) -> None:
    """Take the answer to a Build; one that comes too late, or not as asked, is dropped."""
    asked = node.build
    if asked is None or asked.request != request or block is None:
        return
    node.build = None
    if (asked.epoch, asked.view) != (node.epoch, node.view):
        return
    header = block.header
    if not _is_as_asked(node, asked, header) or (header.epoch_end and next_authorities is None):
        return
    block_id = block_id_of(header)
    held = HeldBlock(block, verdict=Verdict.VALID, next_authorities=next_authorities)
    node.blocks[block_id] = held
    if _publish(node, held, block_id, asked.parent):
        node.own_proposal = OwnProposal(node.epoch, node.view)


def _is_as_asked(node: Node, asked: PendingBuild, header: Header) -> bool:
    return (
        header.chain_id == node.settings.chain_id
        and (header.epoch, header.view, header.height) == (asked.epoch, asked.view, asked.height)
        and header.parent_id == asked.parent.block_id
        and header.proposer == node.my_index
    )


def _publish(node: Node, held: HeldBlock, block_id: bytes, parent: Parent) -> bool:
    """Sign Notarize for a block of this view, keep the proposal's bytes, send it to everyone."""
    # The proposal's record holds the body: no other is needed beside it.
    held.persisted = True
    vote = signing.sign(node, NOTARIZE, node.view, block_id)
    if vote is None:
        held.persisted = False
        return False
    proposal = Proposal(
        epoch=node.epoch,
        view=node.view,
        block=held.block,
        block_id=block_id,
        parent_view=parent.view,
        parent_certificate=parent.certificate,
        null_certificates=parent.nullifications[:CERTIFICATES_PER_NULL_CHAIN_MAX_COUNT],
        signature=vote.signature,
    )
    node.view_state(node.view).proposal = proposal
    node.records.append(proposal)
    node.emit(Send(EVERYONE, proposal, Traffic.PROPOSALS))
    return True
