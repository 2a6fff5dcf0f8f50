"""R8: saying again what others may not have heard.

When the view's time is up, and then about every second: everything that could be missing
somewhere, from whomever it came. Own votes alone are not enough where links are missing: two
cliques that share a few hubs only finish a view because hubs pass votes on.

Source: docs/specs/consensus.md, SIMPLEX-061, SIMPLEX-062.
"""

from chain.block.vote import NOTARIZE
from chain.consensus.effects import EVERYONE, Everyone, Peer, Send, Traffic
from chain.consensus.messages import Status
from chain.consensus.rules import nullifying
from chain.consensus.schedule import Deadline
from chain.consensus.state import SIGNERS_STRIDE, Node


def time_is_up(node: Node) -> None:
    """Nullify if R0 allows it, say everything again, and come back in a second."""
    if node.my_index is None:
        return
    nullifying.nullify(node)
    say_everything(node, EVERYONE)
    # Spread over nodes and views without dice, so that retries do not all fall together.
    spread_ms = (node.my_index * 67 + node.view * 31) % (node.settings.retry_spread_ms + 1)
    node.schedule.put(Deadline.NULLIFY, node.now_ms + node.settings.retry_ms + spread_ms)


def say_everything(node: Node, to: tuple[Peer, ...] | Everyone) -> None:
    """Send all votes of the view, what entered it, what is final, the proposal, and Status."""
    state = node.views.get(node.view)
    if node.entry_certificate is not None:
        node.emit(Send(to, node.entry_certificate, Traffic.VOTES))
    final = node.final.certificate
    if final is not None and final is not node.entry_certificate:
        node.emit(Send(to, final, Traffic.VOTES))
    if state is not None:
        for vote in state.votes.values():
            node.emit(Send(to, vote, Traffic.VOTES))
        if state.proposal is not None:
            node.emit(Send(to, state.proposal, Traffic.PROPOSALS))
    node.emit(Send(to, status_of(node), Traffic.VOTES))


def forward_proposal(node: Node) -> None:
    """Forward the proposal to those whose Notarize is lacking, a third into the view's time."""
    state = node.views.get(node.view)
    if state is None or state.proposal is None or state.given_up:
        return
    lacking = tuple(
        peer for peer, linked in node.peers.items() if not _has_notarized(node, linked.key)
    )
    if lacking:
        node.emit(Send(lacking, state.proposal, Traffic.PROPOSALS))


def _has_notarized(node: Node, key: bytes) -> bool:
    index = node.authorities.index_of(key)
    state = node.views[node.view]
    return index is None or NOTARIZE * SIGNERS_STRIDE + index in state.votes


def status_of(node: Node) -> Status:
    """Return where this node stands, as it is told to others."""
    return Status(
        epoch=node.epoch,
        view=node.view,
        final_height=node.tip.header.height,
        final_id=node.tip.block_id,
        time_ms=node.wall_ms,
    )


def say_status(node: Node) -> None:
    """Send Status to everyone, once a second, and let every rule look again."""
    node.dirty = True
    node.emit(Send(EVERYONE, status_of(node), Traffic.VOTES))
    node.schedule.put(Deadline.STATUS, node.now_ms + node.settings.status_every_ms)
