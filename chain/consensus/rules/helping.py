"""R9: helping those who are behind, and answering what others ask for.

Who is behind is told by what it sends: a vote for a lower view, a Status, a message of an older
epoch. The answer is a certificate, which proves itself, at most every 200 ms to a peer.

Source: docs/specs/consensus.md, SIMPLEX-063 to SIMPLEX-065.
"""

from chain.block.certificate import Certificate
from chain.block.vote import FINALIZE, Vote
from chain.consensus import clocks
from chain.consensus.effects import BehindBy, Charge, Misdeed, Peer, Serve, Traffic
from chain.consensus.log import Place
from chain.consensus.messages import (
    BlockAnswer,
    Certificates,
    GetBlock,
    GetCertificates,
    Message,
    Status,
)
from chain.consensus.rules import retrying
from chain.consensus.state import LinkedPeer, Node
from chain.limits import CERTIFICATES_PER_NULL_CHAIN_MAX_COUNT

REQUESTS_PER_SECOND_MAX_COUNT = 50
_WINDOW_MS = 1_000
_LATER_EPOCH_MS = 1_000
"""How long a later epoch is heard of before ranges are asked for: its closing certificate
usually comes by itself."""


def saw_vote(node: Node, peer: Peer, vote: Vote) -> None:
    """Help whoever votes below the current view.

    Not for a Finalize, which is often for the view before, nor while the push of R1 is still
    to come: a vote that was merely slower than the quorum's is no sign of being behind.
    """
    if vote.view < node.view and vote.kind != FINALIZE and node.entry_pushed:
        help_peer(node, peer)


def help_peer(node: Node, peer: Peer) -> None:
    """Send a peer what brings it to this view, and the newest finalization if it lacks that."""
    linked = node.peers.get(peer)
    if linked is None or not _is_due(node, linked.helped_ms):
        return
    linked.helped_ms = node.now_ms
    entry, final = node.entry_certificate, node.final.certificate
    if entry is not None and linked.place < node.place:
        node.send(peer, entry, Traffic.VOTES)
    if final is not None and final is not entry and linked.final_place < node.final_place:
        node.send(peer, final, Traffic.VOTES)


def _is_due(node: Node, last_ms: int | None) -> bool:
    return last_ms is None or node.now_ms - last_ms >= node.settings.help_every_ms


def saw_older_epoch(node: Node, peer: Peer, epoch: int, message: Message) -> None:
    """Answer with the certificate that closed the epoch this message is of."""
    if isinstance(message, Certificate) and message.kind == FINALIZE:
        return  # perhaps that very certificate
    linked = node.peers.get(peer)
    if linked is None or not _is_due(node, linked.closing_sent_ms):
        return
    linked.closing_sent_ms = node.now_ms
    closing = node.closing.get(epoch)
    if closing is None:
        node.emit(Serve(peer, epoch))
    else:
        node.send(peer, closing, Traffic.VOTES)


def saw_later_epoch(node: Node, peer: Peer, epoch: int) -> None:
    """Show the peer where this node is, and ask for ranges when that is not enough.

    It is for one epoch, whose closing certificate the peer answers with; not for many, which
    would be closed one by one. Nothing here proves the epoch, so it is asked once a second.
    """
    say_status_to(node, peer)
    if node.later_epoch_ms is None:
        node.later_epoch_ms = node.now_ms
    waited_ms = node.now_ms - node.later_epoch_ms
    if epoch <= node.epoch + 1 and (waited_ms < _LATER_EPOCH_MS or not node.caught_up):
        return
    said_ms = node.later_said_ms
    if said_ms is None or node.now_ms - said_ms >= _LATER_EPOCH_MS:
        node.later_said_ms = node.now_ms
        node.emit(BehindBy(0, None, None))


def say_status_to(node: Node, peer: Peer) -> None:
    """Send one peer our Status, at most every 200 ms."""
    linked = node.peers.get(peer)
    if linked is None or not _is_due(node, linked.status_sent_ms):
        return
    linked.status_sent_ms = node.now_ms
    node.send(peer, retrying.status_of(node), Traffic.VOTES)


def take_status(node: Node, peer: Peer, status: Status) -> None:
    """Take a peer's word on where it stands: believed for helping it, and for nothing else."""
    linked = node.peers.get(peer)
    if linked is None:
        return
    clocks.heard(node, linked, status.time_ms)
    if status.epoch < node.epoch:
        saw_older_epoch(node, peer, status.epoch, status)
        return
    if status.epoch > node.epoch:
        saw_later_epoch(node, peer, status.epoch)
        return
    lacks_final = status.final_height < node.tip.header.height
    _believe(node, linked, status, lacks_final=lacks_final)
    if status.view < node.view or lacks_final:
        help_peer(node, peer)
    elif status.view > node.view or status.final_height > node.tip.header.height:
        say_status_to(node, peer)


def _believe(node: Node, linked: LinkedPeer, status: Status, *, lacks_final: bool) -> None:
    """Replace the hints about a peer by what it says itself, in either direction."""
    linked.place = Place(status.epoch, status.view)
    if lacks_final:
        linked.final_place = Place(status.epoch, 0)
    elif status.final_id == node.tip.block_id and node.caught_up:
        linked.final_place = node.final_place


def _may_ask(node: Node, peer: Peer) -> bool:
    linked = node.peers.get(peer)
    if linked is None:
        return False
    if node.now_ms - linked.second_started_ms >= _WINDOW_MS:
        linked.second_started_ms = node.now_ms
        linked.certificates_in_second = linked.requests_in_second = 0
    linked.requests_in_second += 1
    if linked.requests_in_second > 2 * REQUESTS_PER_SECOND_MAX_COUNT:
        node.emit(Charge(peer, Misdeed.TOO_MANY_REQUESTS))
    return linked.requests_in_second <= REQUESTS_PER_SECOND_MAX_COUNT


def answer_certificates(node: Node, peer: Peer, asked: GetCertificates) -> None:
    """Answer with the newest 64 certificates of the views asked for, and the finalization."""
    if not _may_ask(node, peer) or asked.from_view > asked.to_view:
        return
    if asked.epoch < node.epoch:
        saw_older_epoch(node, peer, asked.epoch, asked)
        return
    if asked.epoch > node.epoch:
        return
    found: list[Certificate] = []
    final = node.final.certificate
    if final is not None and final.epoch == node.epoch and asked.from_view <= node.final.view:
        found.append(final)
    # Over what is held, never over the range asked for, which may be anything.
    views = sorted(v for v in node.views if asked.from_view <= v <= asked.to_view)
    for view in reversed(views):
        state = node.views[view]
        for certificate in (state.nullification, state.notarization):
            if certificate is not None and len(found) < CERTIFICATES_PER_NULL_CHAIN_MAX_COUNT:
                found.append(certificate)
    if found:
        node.send(peer, Certificates(certificates=tuple(found)), Traffic.SYNC)


def answer_block(node: Node, peer: Peer, asked: GetBlock) -> None:
    """Answer with a body that is held, or leave it to the store."""
    if not _may_ask(node, peer):
        return
    held = node.blocks.get(asked.block_id)
    if held is None:
        node.emit(Serve(peer, asked))
    else:
        node.send(peer, BlockAnswer(held.block, asked.block_id), Traffic.SYNC)
