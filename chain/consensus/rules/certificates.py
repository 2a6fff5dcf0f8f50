"""R4, R6 and the door of R7: what a certificate does, whoever brought it.

A certificate proves itself, so who sent it does not matter, only whether it is worth checking:
one that is held already, or of a view that is final, is dropped before any signature is looked
at.

Source: docs/specs/consensus.md, SIMPLEX-018, SIMPLEX-050.
"""

from chain.block.certificate import Certificate, check_certificate, signers_of
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY
from chain.consensus.effects import Charge, Misdeed, Peer, Verdict
from chain.consensus.log import Place
from chain.consensus.rules import entering, executing, finalizing, signing
from chain.consensus.state import SIGNERS_STRIDE, Node

CERTIFICATES_PER_SECOND_MAX_COUNT = 20
_WINDOW_MS = 1_000


def take(node: Node, peer: Peer, certificate: Certificate, *, asked: bool) -> bool:
    """Take a certificate of the current epoch from a peer; return False if it is a bad one.

    `asked` certificates, and those inside a proposal that its leader signed, do not count
    against the 20 a second that one peer may make this node check.
    """
    if certificate.view > node.final.view:
        held = _held(node, certificate)
        if held is None or held.block_id != certificate.block_id:
            if not asked and not _may_check(node, peer):
                return True
            if not _is_genuine(node, certificate):
                node.emit(Charge(peer, Misdeed.BAD_CERTIFICATE))
                return False
            if held is not None:
                _contradicted(node, certificate.view)
                return True
            accept(node, certificate)
    _note_place(node, peer, certificate)
    return True


def accept(node: Node, certificate: Certificate) -> None:
    """Act on a genuine certificate of the current epoch, above the last final view."""
    if certificate.view <= node.final.view or _held(node, certificate) is not None:
        return
    _see_signers(node, certificate)
    state = node.view_state(certificate.view)
    node.dirty = True
    if node.my_index is not None and not node.stopped:
        node.records.append(certificate)
    if certificate.kind == FINALIZE:
        finalizing.take_final(node, certificate)
        return
    if certificate.kind == NOTARIZE:
        state.notarization = certificate
        if node.my_index is not None and not state.my_nullified and state.my_finalized is None:
            node.finalizable[certificate.view] = certificate.block_id
        held = node.blocks.get(certificate.block_id)
        if held is not None and held.verdict is Verdict.INVALID:
            executing.certified_but_invalid(node, certificate.block_id)
    else:
        state.nullification = certificate
        _learn_from_nullified(node, certificate.view)
    if certificate.view >= node.view:
        entering.enter(node, certificate.view + 1, certificate)


def _contradicted(node: Node, view: int) -> None:
    signing.stop(
        node,
        f"two certificates of epoch {node.epoch}, view {view} contradict each other:"
        " more than f authorities are faulty",
        "two_certificates",
        epoch=node.epoch,
        view=view,
    )


def _held(node: Node, certificate: Certificate) -> Certificate | None:
    state = node.views.get(certificate.view)
    if state is None:
        return None
    if certificate.kind == NOTARIZE:
        return state.notarization
    return state.nullification if certificate.kind == NULLIFY else None


def _note_place(node: Node, peer: Peer, certificate: Certificate) -> None:
    """Whoever has a certificate is past its view; not believed of views not reached here."""
    linked = node.peers.get(peer)
    if linked is None or certificate.view >= node.view:
        return
    linked.place = max(linked.place, Place(certificate.epoch, certificate.view + 1))
    if certificate.kind == FINALIZE:
        linked.final_place = max(linked.final_place, Place(certificate.epoch, certificate.view))


def _may_check(node: Node, peer: Peer) -> bool:
    linked = node.peers.get(peer)
    if linked is None:
        return True
    if node.now_ms - linked.second_started_ms >= _WINDOW_MS:
        linked.second_started_ms = node.now_ms
        linked.certificates_in_second = linked.requests_in_second = 0
    linked.certificates_in_second += 1
    return linked.certificates_in_second <= CERTIFICATES_PER_SECOND_MAX_COUNT


def _is_genuine(node: Node, certificate: Certificate) -> bool:
    state = node.views.get(certificate.view)
    votes = {} if state is None else state.votes
    base = certificate.kind * SIGNERS_STRIDE

    def is_known(index: int, signature: bytes) -> bool:
        vote = votes.get(base + index)
        return (
            vote is not None
            and vote.block_id == certificate.block_id
            and vote.signature == signature
        )

    return check_certificate(
        certificate, node.settings.chain_id, node.authorities, node.verify, is_known
    )


def _see_signers(node: Node, certificate: Certificate) -> None:
    """Note that these authorities live, and look for our own signature among theirs."""
    seen = (node.now_ms, certificate.view)
    for index in signers_of(certificate, node.authorities.count) or ():
        before = node.signature_seen.get(index)
        if before is None or before[1] <= certificate.view:
            node.signature_seen[index] = seen
        if index == node.my_index:
            signing.check_own(node, certificate.kind, certificate.view, certificate.block_id)


def _learn_from_nullified(node: Node, view: int) -> None:
    """Halve what goes into the next block when the one this node proposed was given up."""
    own = node.own_proposal
    if own is not None and own.epoch == node.epoch and own.view == view:
        node.own_proposal = None
        node.share_ppm = max(SHARE_MIN_PPM, node.share_ppm >> 1)


SHARE_MIN_PPM = 15_625
"""One 64th of a block: 16 KiB, so that the largest plain transaction still fits."""
