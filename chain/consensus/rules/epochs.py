"""Closing an epoch on its final boundary block, and opening the next on it.

No child of a boundary block is ever notarized in the old epoch: later views propose the same
block again, and since its id does not contain the voting view, whichever view finalizes it
closes the epoch in the same way, on one anchor. A version without this forked.

Source: docs/specs/consensus.md, SIMPLEX-080 to SIMPLEX-083.
"""

from chain.block.certificate import AuthoritySet, Certificate
from chain.block.header import Header, block_id_of
from chain.consensus.effects import EVERYONE, Send, Traffic
from chain.consensus.rules import entering, fetching
from chain.consensus.schedule import Deadline
from chain.consensus.state import FinalPoint, Node, Tip

_CLOSING_KEPT_COUNT = 3


def close(node: Node, certificate: Certificate, authorities: AuthoritySet) -> None:
    """Enter view 1 of the next epoch, on the boundary block that the tip now is.

    The certificate goes to everyone at once, to the old set and the new: who has not got it
    can neither vote in the new epoch nor know that the old one is over.
    """
    assert authorities.epoch == node.epoch + 1
    node.emit(Send(EVERYONE, certificate, Traffic.VOTES))
    node.schedule.drop(Deadline.PUSH_FINAL)
    _open(node, certificate, authorities)


def _open(node: Node, certificate: Certificate, authorities: AuthoritySet) -> None:
    node.closing[certificate.epoch] = certificate
    for epoch in [e for e in node.closing if e + _CLOSING_KEPT_COUNT <= authorities.epoch]:
        del node.closing[epoch]
    node.adopt_authorities(authorities)
    node.final = FinalPoint(0, node.tip.block_id, certificate)
    _clear(node)
    entering.enter(node, 1, certificate)
    node.load_due = True


def _clear(node: Node) -> None:
    """Forget everything whose meaning was of the old epoch."""
    node.views.clear()
    node.finalizable.clear()
    node.newest_votes.clear()
    node.own_proposal = None
    node.later_epoch_ms = None
    node.signature_seen = dict.fromkeys(range(node.authorities.count), (node.now_ms, 0))
    for block_id in [b for b, held in node.blocks.items() if not held.final]:
        del node.blocks[block_id]
    fetching.forget(node)


def adopt(node: Node, header: Header, certificate: Certificate, authorities: AuthoritySet) -> None:
    """Move to a certified block that was executed and stored behind the core's back."""
    if header.height <= node.tip.header.height or authorities.epoch < node.epoch:
        return
    block_id = block_id_of(header)
    for held_id, held in list(node.blocks.items()):
        if held.block.header.height <= header.height:
            del node.blocks[held_id]
    node.tip = Tip(header, block_id)
    node.behind_said_ms = None
    node.dirty = True
    if header.epoch_end:
        if authorities.epoch > node.epoch:
            _open(node, certificate, authorities)
        return
    if authorities.epoch > node.epoch:
        node.adopt_authorities(authorities)
        node.final = FinalPoint(certificate.view, block_id, certificate)
        _clear(node)
        entering.enter(node, certificate.view + 1, certificate)
        node.load_due = True
    elif certificate.view > node.final.view:
        _take_synced_final(node, certificate)


def _take_synced_final(node: Node, certificate: Certificate) -> None:
    """Make a stored finalization of the current epoch the newest."""
    for view in [view for view in node.views if view <= certificate.view]:
        del node.views[view]
    for view in [view for view in node.finalizable if view <= certificate.view]:
        del node.finalizable[view]
    node.final = FinalPoint(certificate.view, certificate.block_id, certificate)
    if certificate.view >= node.view:
        entering.enter(node, certificate.view + 1, certificate)
