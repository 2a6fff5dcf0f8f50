"""Counting votes: one for each (kind, view, signer), and a certificate at the quorum.

A second vote that contradicts the first is not counted; it is evidence. What is legal to sign
together is counted together: Notarize with Nullify, Notarize(b) with Finalize(b').

Source: docs/specs/consensus.md, SIMPLEX-006, SIMPLEX-070.
"""

from chain.block.certificate import certificate_of
from chain.block.evidence import Evidence, check_evidence, evidence_of
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY, Vote, is_well_formed, vote_bytes
from chain.consensus.effects import EVERYONE, Charge, Misdeed, Offended, Peer, Send, Traffic
from chain.consensus.log import Place
from chain.consensus.rules import certificates, nullifying, signing
from chain.consensus.state import SIGNERS_STRIDE, Node, ViewState
from chain.limits import VOTE_WINDOW_VIEWS


def take(node: Node, peer: Peer, vote: Vote) -> None:
    """Take a vote of the current epoch from a peer, who may only relay it."""
    view, index = vote.view, vote.signer_index
    if not node.final.view < view <= node.view + VOTE_WINDOW_VIEWS:
        return
    if index >= node.authorities.count or not is_well_formed(vote.kind, vote.block_id):
        node.emit(Charge(peer, Misdeed.MALFORMED))
        return
    state = node.views.get(view)
    if state is not None:
        first = state.votes.get(vote.kind * SIGNERS_STRIDE + index)
        if first is not None and (
            first.block_id == vote.block_id or (node.epoch, _key(node, index)) in node.offences
        ):
            return
    message = vote_bytes(node.settings.chain_id, vote.epoch, view, vote.kind, vote.block_id)
    if not node.verify(_key(node, index), message, vote.signature):
        node.emit(Charge(peer, Misdeed.BAD_SIGNATURE))
        return
    linked = node.peers.get(peer)
    if linked is not None and linked.key == _key(node, index):
        # Votes are signed in one's own view only, but for Finalize, which may come later.
        reached = view + 1 if vote.kind == FINALIZE else view
        linked.place = max(linked.place, Place(vote.epoch, reached))
    count(node, vote)


def count(node: Node, vote: Vote) -> None:
    """Count a genuine vote of the current epoch; whatever follows from it follows."""
    view, index = vote.view, vote.signer_index
    if view <= node.final.view:
        return
    if index == node.my_index:
        signing.check_own(node, vote.kind, view, vote.block_id)
    seen = node.signature_seen.get(index)
    if seen is None or seen[1] <= view:
        node.signature_seen[index] = (node.now_ms, view)
    state = node.view_state(view)
    key = vote.kind * SIGNERS_STRIDE + index
    first = state.votes.get(key)
    if first is not None:
        if first.block_id != vote.block_id:
            _offended(node, first, vote)
        return
    state.votes[key] = vote
    _contradiction(node, state, vote)
    newest = node.newest_votes.get(key)
    if newest is None or newest.view < view:
        node.newest_votes[key] = vote
    alike = state.tally.setdefault((vote.kind, vote.block_id), [])
    alike.append(vote)
    if len(alike) == node.authorities.quorum:
        certificates.accept(node, certificate_of(alike, node.authorities))
    if vote.kind == NULLIFY:
        nullifying.heard_leader_nullify(node, index, view)


def _key(node: Node, index: int) -> bytes:
    return node.authorities.keys[index]


def _contradiction(node: Node, state: ViewState, vote: Vote) -> None:
    """Look for E3: the one offence that two votes of different kinds make."""
    if vote.kind == NOTARIZE:
        return
    other_kind = FINALIZE if vote.kind == NULLIFY else NULLIFY
    other = state.votes.get(other_kind * SIGNERS_STRIDE + vote.signer_index)
    if other is not None:
        _offended(node, other, vote)


def _offended(node: Node, one: Vote, other: Vote) -> None:
    signer = _key(node, one.signer_index)
    evidence = evidence_of(one, other, signer)
    if evidence is not None and _remember(node, evidence):
        node.emit(Send(EVERYONE, evidence, Traffic.VOTES))


def _remember(node: Node, evidence: Evidence) -> bool:
    """Hand on the first proof against a signer in an epoch; return whether this is it."""
    if (evidence.epoch, evidence.signer) in node.offences:
        return False
    node.offences[evidence.epoch, evidence.signer] = evidence
    node.emit(Offended(evidence))
    return True


def take_evidence(node: Node, peer: Peer, evidence: Evidence) -> None:
    """Take somebody's proof against an authority of this epoch or the two before."""
    if (evidence.epoch, evidence.signer) in node.offences:
        return
    if evidence.epoch == node.epoch:
        authorities = node.authorities
    else:
        past = node.past_authorities.get(evidence.epoch)
        if past is None:
            return
        authorities = past
    if authorities.index_of(evidence.signer) is None or not check_evidence(
        evidence, node.settings.chain_id, node.verify
    ):
        node.emit(Charge(peer, Misdeed.BAD_EVIDENCE))
        return
    _remember(node, evidence)
