"""R7: a Finalize certificate makes its block and all its ancestors final.

The certificate moves the view at once and everything at or below its own is forgotten; what it
makes final is acted on when every body of it is here and executed. Until then this node signs
nothing, because tip and fin differ.

Source: docs/specs/consensus.md, SIMPLEX-019, SIMPLEX-051 to SIMPLEX-053.
"""

from chain.arithmetic import multiply_ppm_down
from chain.block.certificate import Certificate
from chain.block.vote import FINALIZE
from chain.consensus.effects import BehindBy, Finalized, Traffic
from chain.consensus.log import Place
from chain.consensus.rules import entering, epochs, executing, fetching, signing
from chain.consensus.schedule import Deadline
from chain.consensus.state import FinalPoint, Node, Tip

_SHARE_GROWTH_PPM = 1_250_000
_SAY_AGAIN_MS = 1_000


def take_final(node: Node, certificate: Certificate) -> None:
    """Make this finalization the newest, forget the views it covers, and enter the next."""
    state = node.views.get(certificate.view)
    if state is not None and (
        state.nullification is not None
        or (state.notarization is not None and state.notarization.block_id != certificate.block_id)
    ):
        signing.stop(
            node,
            f"a finalization of epoch {node.epoch}, view {certificate.view} contradicts another"
            " certificate of that view: more than f authorities are faulty",
            "two_certificates",
            epoch=node.epoch,
            view=certificate.view,
        )
    _learn_from_final(node, certificate.view)
    node.final = FinalPoint(certificate.view, certificate.block_id, certificate)
    for view in [view for view in node.views if view <= certificate.view]:
        del node.views[view]
    for view in [view for view in node.finalizable if view <= certificate.view]:
        del node.finalizable[view]
    node.dirty = True
    if node.my_index is not None:
        node.schedule.put(Deadline.PUSH_FINAL, node.now_ms + node.settings.push_after_ms)
    if certificate.view >= node.view:
        entering.enter(node, certificate.view + 1, certificate)


def finalize_or_wait(node: Node, view: int, block_id: bytes) -> None:
    """R4: sign Finalize for a notarized block, or see to what R0 still lacks for it."""
    if node.is_executed(block_id):
        signing.sign_and_send(node, FINALIZE, view, block_id)
        return
    state = node.views.get(view)
    if block_id not in node.blocks and state is not None and state.notarization is not None:
        fetching.want_certified(node, state.notarization)
    else:
        executing.need(node, block_id)


def connect(node: Node) -> None:
    """Act on the newest finalization as far as bodies and their execution allow."""
    certificate = node.final.certificate
    if node.caught_up or certificate is None:
        return
    path = _path_to_tip(node, certificate)
    if path is None:
        return
    for block_id in path:
        if not node.is_executed(block_id):
            executing.need(node, block_id)
            return
    if len(path) > 1 and node.my_index is not None and not node.stopped:
        # A crash between the batches of several blocks leaves tip above fin, and then nobody
        # may sign: this certificate, from the log, is what resolves it, even if all crashed.
        node.must_persist = True
    node.emit(Finalized(tuple(path), certificate))
    last = node.blocks[path[-1]]
    node.tip = Tip(last.block.header, path[-1])
    node.behind_said_ms = None
    for block_id in path:
        node.blocks[block_id].final = True
    _drop_dead_forks(node)
    node.dirty = True
    if last.block.header.epoch_end:
        assert last.next_authorities is not None
        epochs.close(node, certificate, last.next_authorities)


def _path_to_tip(node: Node, certificate: Certificate) -> list[bytes] | None:
    """Return the ids from above the tip up to the final block, or None while one is missing.

    However long it is: blocks that are all here are executed here. In an outage in which
    nothing became final nobody could serve them as a range.
    """
    path: list[bytes] = []
    block_id = node.final.block_id
    tip = node.tip
    height: int | None = None
    while block_id != tip.block_id:
        held = node.blocks.get(block_id)
        if held is None:
            if height is None:
                fetching.want_certified(node, certificate)
            elif height - 1 - tip.header.height > node.settings.near_blocks:
                say_behind(node)
            else:
                fetching.want_block(node, block_id)
            return None
        header = held.block.header
        height = header.height
        leaves = height == tip.header.height + 1 and header.parent_id != tip.block_id
        if leaves or (height <= tip.header.height and not held.final):
            _lost_chain(node, height)
            return None
        path.append(block_id)
        block_id = header.parent_id
    path.reverse()
    return path


def say_behind(node: Node) -> None:
    """Ask for range sync up to the newest final block, once a second while it is needed."""
    held = node.blocks.get(node.final.block_id)
    if held is None or node.caught_up:
        return
    said_ms = node.behind_said_ms
    if said_ms is None or node.now_ms - said_ms >= _SAY_AGAIN_MS:
        node.behind_said_ms = node.now_ms
        header = held.block.header
        node.emit(BehindBy(header.height, header, node.final.certificate))


def _lost_chain(node: Node, height: int) -> None:
    signing.stop(
        node,
        f"the final block of view {node.final.view} does not descend from the final block here at"
        f" height {node.tip.header.height}: more than f authorities are faulty",
        "two_certificates",
        height=height,
        view=node.final.view,
    )


def _drop_dead_forks(node: Node) -> None:
    """Forget bodies at or below the tip that did not become final."""
    tip_height = node.tip.header.height
    for block_id, held in list(node.blocks.items()):
        if held.block.header.height <= tip_height and not held.final and not held.executing:
            del node.blocks[block_id]


def push_final(node: Node) -> None:
    """Send the newest Finalize certificate to those who are not known to have it."""
    certificate = node.final.certificate
    if certificate is None:
        return
    for peer, linked in node.peers.items():
        if linked.final_place < Place(certificate.epoch, certificate.view):
            node.send(peer, certificate, Traffic.VOTES)


def _learn_from_final(node: Node, view: int) -> None:
    own = node.own_proposal
    if own is not None and own.epoch == node.epoch and own.view <= view:
        node.own_proposal = None
        node.share_ppm = min(1_000_000, multiply_ppm_down(node.share_ppm, _SHARE_GROWTH_PPM))
