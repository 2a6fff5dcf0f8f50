"""R5: giving up a view.

A node nullifies when its timer runs out, when R3 found the leader's block not valid, when the
leader itself nullified, or at once on entering when the leader has been silent for long: so
that an authority that is down costs each view of its own once and not its whole timeout.

Source: docs/specs/consensus.md, SIMPLEX-030, SIMPLEX-033.
"""

from chain.block.vote import NULLIFY
from chain.consensus.rules import signing
from chain.consensus.state import Node
from chain.crypto.digest import ZERO_HASH


def nullify(node: Node) -> bool:
    """Nullify the current view if R0 allows it; return whether it did."""
    return signing.sign_and_send(node, NULLIFY, node.view, ZERO_HASH)


def nullify_for_fault(node: Node) -> bool:
    """Nullify because the leader's block is bad; return whether it did.

    At once, unless the n views before this one were all nullified: then the timer does it. A
    fault in the software, in which every block is bad, could otherwise spin through views.
    """
    if node.null_run() >= node.authorities.count:
        return False
    return nullify(node)


def heard_leader_nullify(node: Node, signer_index: int, view: int) -> None:
    """The leader of this view has given it up: nothing will come of waiting."""
    if view == node.view and signer_index == node.authorities.leader(view):
        nullify(node)


def leader_is_silent(node: Node) -> bool:
    """Return whether no signature of the leader was seen in 10 s and in 2n views.

    Both, since views pass quickly when blocks are small and slowly in an outage.
    """
    leader = node.leader
    if leader == node.my_index:
        return False
    seen_ms, seen_view = node.signature_seen.get(leader, (node.entered_ms, node.view))
    return (
        node.now_ms - seen_ms > node.settings.silent_after_ms
        and node.view - seen_view > 2 * node.authorities.count
    )
