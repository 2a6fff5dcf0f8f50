"""Asking others for what is missing: a body, or certificates of views.

Level-triggered: rules say what they need whenever they look, and what nobody needed since the
last look is not asked for again. Asked are first those who are likely to have it, then all in
turn, one every 150 ms; nobody is believed to have delivered anything until it is here.

Source: docs/specs/consensus.md, SIMPLEX-060.
"""

from chain.block.certificate import Certificate, signers_of
from chain.consensus.effects import Peer, Traffic
from chain.consensus.messages import GetBlock, GetCertificates
from chain.consensus.schedule import Deadline
from chain.consensus.state import Node, Want

WANTED_BLOCKS_MAX_COUNT = 64


def want_block(node: Node, block_id: bytes, hints: tuple[Peer, ...] = ()) -> None:
    """Need a body: asked for now if it was not yet, else again when its turn comes."""
    want = node.wanted_blocks.get(block_id)
    if want is not None:
        want.needed = True
        return
    if len(node.wanted_blocks) >= WANTED_BLOCKS_MAX_COUNT:
        return
    want = node.wanted_blocks[block_id] = Want(hints, node.now_ms)
    _ask_block(node, block_id, want)


def want_certified(node: Node, certificate: Certificate) -> None:
    """Need the body that a certificate is about: those who signed it had it."""
    block_id = certificate.block_id
    want = node.wanted_blocks.get(block_id)
    if want is not None:
        want.needed = True
        return
    signers = signers_of(certificate, node.authorities.count) or ()
    keys = [node.authorities.keys[index] for index in signers]
    want_block(node, block_id, tuple(p for p, linked in node.peers.items() if linked.key in keys))


def want_certificates(node: Node, from_view: int, to_view: int) -> None:
    """Need certificates of these views of the current epoch."""
    node.wanted_views = (from_view, to_view)
    if node.views_want is not None:
        node.views_want.needed = True
        return
    node.views_want = Want((), node.now_ms)
    _ask_certificates(node, node.views_want)


def got_certificates(node: Node) -> None:
    """Ask for the next ones without waiting, when what came did not reach down far enough."""
    if node.views_want is not None:
        node.views_want.ask_at_ms = node.now_ms
        node.schedule.put(Deadline.FETCH, node.now_ms)


def _next_peer(node: Node, want: Want) -> Peer | None:
    if want.asked_count < len(want.hints):
        hint = want.hints[(want.asked_count + (node.my_index or 0)) % len(want.hints)]
        if hint in node.peers:
            return hint
    if not node.peers:
        return None
    node.turn += 1
    return list(node.peers)[node.turn % len(node.peers)]


def _asked(node: Node, want: Want) -> None:
    want.asked_count += 1
    want.ask_at_ms = node.now_ms + node.settings.ask_again_ms
    fetch_ms = node.schedule.at_ms(Deadline.FETCH)
    if fetch_ms is None or fetch_ms > want.ask_at_ms:
        node.schedule.put(Deadline.FETCH, want.ask_at_ms)


def _ask_block(node: Node, block_id: bytes, want: Want) -> None:
    peer = _next_peer(node, want)
    if peer is not None:
        node.send(peer, GetBlock(block_id), Traffic.SYNC)
    _asked(node, want)


def _ask_certificates(node: Node, want: Want) -> None:
    assert node.wanted_views is not None
    from_view, to_view = node.wanted_views
    peer = _next_peer(node, want)
    if peer is not None:
        request = GetCertificates(epoch=node.epoch, from_view=from_view, to_view=to_view)
        node.send(peer, request, Traffic.SYNC)
    _asked(node, want)


def doubt_wants(node: Node) -> None:
    """Mark everything as not needed, before the rules look again and say what still is."""
    for want in node.wanted_blocks.values():
        want.needed = False
    if node.views_want is not None:
        node.views_want.needed = False


def ask_again(node: Node) -> None:
    """Drop what nobody needed, and ask the next peer for what is due."""
    for block_id in [b for b, want in node.wanted_blocks.items() if not want.needed]:
        del node.wanted_blocks[block_id]
    if node.views_want is not None and not node.views_want.needed:
        drop_views_want(node)
    next_ms: list[int] = []
    for block_id, want in node.wanted_blocks.items():
        if want.ask_at_ms <= node.now_ms:
            _ask_block(node, block_id, want)
        next_ms.append(want.ask_at_ms)
    if node.views_want is not None:
        if node.views_want.ask_at_ms <= node.now_ms:
            _ask_certificates(node, node.views_want)
        next_ms.append(node.views_want.ask_at_ms)
    if next_ms:
        node.schedule.put(Deadline.FETCH, min(next_ms))


def drop_views_want(node: Node) -> None:
    """Ask for certificates no more."""
    node.views_want = None
    node.wanted_views = None


def forget(node: Node) -> None:
    """Ask for nothing more: the epoch is another one."""
    node.wanted_blocks.clear()
    drop_views_want(node)
    node.schedule.drop(Deadline.FETCH)
