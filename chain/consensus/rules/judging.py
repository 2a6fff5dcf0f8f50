"""R3: judging the leader's proposal for the current view.

Only the block's id carries the leader's signature. Everything else in the envelope may have
been altered by whoever forwarded it, so (a) a body that does not match, (b) a bad certificate
and (c) a certificate that is missing are never a reason to nullify: the sender is charged, or
others are asked. The parent is found among the certificates held here, never believed from the
envelope. What counts against the leader, (d) and (e), is only what its signature covers.

Source: docs/specs/consensus.md, SIMPLEX-021 to SIMPLEX-034.
"""

from chain.block.block import body_fault
from chain.block.header import Header
from chain.block.vote import NOTARIZE, Vote, vote_bytes
from chain.consensus.effects import Charge, Misdeed, Peer, Verdict
from chain.consensus.log import Place
from chain.consensus.messages import Proposal
from chain.consensus.rules import (
    certificates,
    counting,
    entering,
    executing,
    fetching,
    justifying,
    nullifying,
    signing,
)
from chain.consensus.schedule import Deadline
from chain.consensus.state import SIGNERS_STRIDE, HeldBlock, Node, ViewState
from chain.consensus.timeliness import Timeliness, timeliness_of
from chain.limits import VOTE_WINDOW_VIEWS


def take(node: Node, peer: Peer, proposal: Proposal) -> None:
    """Take a proposal of the current epoch, from its leader or from whoever forwards it."""
    view = proposal.view
    if view < node.view or view <= node.final.view:
        _take_wanted_body(node, peer, proposal)
        return
    state = node.views.get(view)
    held = None if state is None else state.proposal
    if held is not None and held.block_id == proposal.block_id and view == node.view:
        if node.views_want is not None:
            _take_certificates(node, peer, proposal)
        return
    if not _is_signed_by_leader(node, proposal) or body_fault(proposal.block):
        node.emit(Charge(peer, Misdeed.BAD_PROPOSAL))
        return
    _note_place(node, peer, proposal)
    if view <= node.view + VOTE_WINDOW_VIEWS:
        # The proposal's signature is the leader's Notarize: a second block is evidence already.
        counting.count(node, _vote_of(node, proposal))
    if not _take_certificates(node, peer, proposal) or node.view != view:
        return
    state = node.view_state(view)
    if state.proposal is not None:
        return
    state.proposal = proposal
    if proposal.block_id not in node.blocks and proposal.block_id != node.tip.block_id:
        node.blocks[proposal.block_id] = HeldBlock(proposal.block)
    node.dirty = True


def _take_wanted_body(node: Node, peer: Peer, proposal: Proposal) -> None:
    if proposal.block_id in node.wanted_blocks:
        if body_fault(proposal.block):
            node.emit(Charge(peer, Misdeed.BAD_PROPOSAL))
            return
        hold_wanted(node, HeldBlock(proposal.block), proposal.block_id)


def hold_wanted(node: Node, held: HeldBlock, block_id: bytes) -> None:
    """Hold a body that was asked for, unless it lies below the tip.

    A certified block at the height of the tip is held to be found out: there cannot be two.
    """
    node.wanted_blocks.pop(block_id, None)
    if held.block.header.height >= node.tip.header.height:
        node.blocks.setdefault(block_id, held)
        node.dirty = True


def _vote_of(node: Node, proposal: Proposal) -> Vote:
    return Vote(
        epoch=proposal.epoch,
        view=proposal.view,
        kind=NOTARIZE,
        block_id=proposal.block_id,
        signer_index=node.authorities.leader(proposal.view),
        signature=proposal.signature,
    )


def _is_signed_by_leader(node: Node, proposal: Proposal) -> bool:
    leader = node.authorities.leader(proposal.view)
    state = node.views.get(proposal.view)
    if state is not None:
        vote = state.votes.get(NOTARIZE * SIGNERS_STRIDE + leader)
        if vote is not None and vote.block_id == proposal.block_id:
            return vote.signature == proposal.signature
    message = vote_bytes(
        node.settings.chain_id, proposal.epoch, proposal.view, NOTARIZE, proposal.block_id
    )
    return node.verify(node.authorities.keys[leader], message, proposal.signature)


def _note_place(node: Node, peer: Peer, proposal: Proposal) -> None:
    linked = node.peers.get(peer)
    if (
        linked is not None
        and linked.key == node.authorities.keys[node.authorities.leader(proposal.view)]
    ):
        linked.place = max(linked.place, Place(proposal.epoch, proposal.view))


def _take_certificates(node: Node, peer: Peer, proposal: Proposal) -> bool:
    """Run the envelope's certificates through R4, R6 and R7; return False for a bad one.

    Oldest first, so that each enters the next view; the newest alone would do.
    """
    inside = list(reversed(proposal.null_certificates))
    if proposal.parent_certificate is not None:
        inside.insert(0, proposal.parent_certificate)
    for certificate in inside:
        if certificate.epoch != node.epoch:
            # Of the epoch before: what opened this one, and is done with.
            continue
        if not certificates.take(node, peer, certificate, asked=True):
            return False
    return True


def judge(node: Node) -> None:
    """Look at the current view's proposal as far as its certificates, clock and execution allow.

    Level-triggered: called whenever something changed, until it is notarized or given up.
    """
    state = node.views.get(node.view)
    if state is None or state.proposal is None or state.given_up:
        return
    proposal = state.proposal
    if not signing.may_sign(node, NOTARIZE, node.view, proposal.block_id):
        return
    header = proposal.block.header
    again = header.view < node.view
    stands_on = proposal.block_id if again else header.parent_id
    parent_view = justifying.view_of_parent(node, stands_on)
    if isinstance(parent_view, justifying.MissingView):
        # (c) Hold it; whoever forwarded it, or anybody, has the certificate.
        fetching.want_certificates(node, node.final.view + 1, parent_view.view)
        return
    if parent_view is None:
        # No honest certificate can make up for this: the newest final block is not its parent.
        state.given_up = True
        return
    if again:
        fits = _is_boundary_again(header, parent_view)
    else:
        parent = node.header_of(stands_on)
        if parent is None:
            fetching.want_block(node, stands_on)
            return
        fits = _is_shaped(node, header, parent)
    if not fits:
        _refuse(node, state)
        return
    if not again and not _is_timely(node, state, header):
        return
    _vote(node, state, proposal)


def _is_boundary_again(header: Header, parent_view: int) -> bool:
    """(d) for a re-proposal: a boundary block, certified at or after its first proposal."""
    return header.epoch_end and header.view <= parent_view


def _is_shaped(node: Node, header: Header, parent: Header) -> bool:
    """(d) for a new block: of this chain and place, by this leader, on no boundary block."""
    return (
        header.chain_id == node.settings.chain_id
        and header.epoch == node.epoch
        and header.view == node.view
        and header.proposer == node.leader
        and header.height == parent.height + 1
        and not justifying.is_closing(node, parent)
    )


def _is_timely(node: Node, state: ViewState, header: Header) -> bool:
    if state.timely is None:
        answer, wait_ms = timeliness_of(
            header.time_ms, node.wall_ms, entering.growth_now(node), node.settings
        )
        if answer is Timeliness.EARLY:
            node.schedule.put(Deadline.TIMELY, node.now_ms + wait_ms)
            return False
        # A late block is not notarized and not nullified for it: no rule acts on clocks.
        state.timely = answer is Timeliness.TIMELY
    return state.timely


def _vote(node: Node, state: ViewState, proposal: Proposal) -> None:
    """(e) Execute, and when the answer is there ask R0 again: it does, on every vote."""
    if node.is_executed(proposal.block_id):
        signing.sign_and_send(node, NOTARIZE, node.view, proposal.block_id)
        return
    held = node.blocks.get(proposal.block_id)
    if held is not None and held.verdict is Verdict.INVALID:
        _refuse(node, state)
        return
    executing.need(node, proposal.block_id)


def _refuse(node: Node, state: ViewState) -> None:
    """The leader itself is to blame: nullify, now or when the timer says so."""
    state.given_up = True
    nullifying.nullify_for_fault(node)
