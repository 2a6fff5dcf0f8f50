"""R0, the whole of safety: the one place where a vote is signed, and when it may be.

Two quorums share at least 2q - n >= f + 1 authorities, hence an honest one. From what that one
refuses here follows:

L1  At most one block is notarized in a view: an honest node notarizes once a view.
L2  Finalization(v, b) and nullification(v) never both exist: no honest node signs Nullify(v)
    and Finalize(v, .).
L3  If b is final in view v, every block notarized in a later view descends from it. Induct on
    the first such view w: an honest node accepted its proposal, so it saw a parent certificate
    at p and nullifications for all of (p, w). p < v would need nullification(v), against L2;
    p = v means that the parent is b, by L1; p > v is the induction hypothesis.

So all final blocks form one chain, and whoever breaks it leaves f + 1 signers with evidence.

Source: docs/specs/consensus.md, SIMPLEX-010 to SIMPLEX-016.
"""

from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY, Vote, VoteKind, vote_bytes
from chain.consensus.effects import EVERYONE, Alarm, Send, StopSigning, Traffic
from chain.consensus.log import KeptBlock, Place
from chain.consensus.state import Node, ViewState


def why_not_signing(node: Node) -> str:
    """Return why this node signs nothing at all at present, or nothing when it may."""
    if node.stopped or node.held:
        return node.stopped or node.held
    if node.my_index is None:
        return "not an authority of this epoch"
    if not node.begun:
        return "waiting to hear which of its votes others hold"
    if node.load_due:
        return "records of this epoch are not read yet"
    if not node.caught_up:
        return "a final block is not executed here yet"
    if node.epoch < node.highest.epoch:
        # What was signed in that later epoch is in the log but cannot be judged before its
        # anchor is here; and nothing in an older epoch is worth signing.
        return f"its vote log reaches into epoch {node.highest.epoch}"
    return ""


def _past_floor(node: Node, view: int) -> bool:
    """Return whether no deleted record can be of this view.

    Asked of the vote's own view, whatever view the node is in: a late Finalize for a view of
    which the log knows nothing more is how one faulty authority once forked four.
    """
    return Place(node.epoch, view) > node.floor


def _may_notarize(node: Node, view: int, state: ViewState) -> bool:
    # L1, with the other half of the view's choice: a nullified view is over for this node.
    return view == node.view and state.my_notarized is None and not state.my_nullified


def _may_nullify(node: Node, view: int, state: ViewState) -> bool:
    # L2. Nullify after Notarize is legal: one may lose patience with a block one liked.
    return view == node.view and not state.my_nullified and state.my_finalized is None


def _may_finalize(node: Node, block_id: bytes, state: ViewState) -> bool:
    # L2 again; the view may lie below the current one, as long as it was not nullified here.
    return (
        state.notarization is not None
        and state.notarization.block_id == block_id
        and node.is_executed(block_id)
        and not state.my_nullified
        and state.my_finalized is None
    )


def may_sign(node: Node, kind: VoteKind, view: int, block_id: bytes) -> bool:
    """Return whether R0 lets this node sign this vote now."""
    if why_not_signing(node) or view <= node.final.view or not _past_floor(node, view):
        return False
    state = node.view_state(view)
    if kind == NOTARIZE:
        return _may_notarize(node, view, state)
    if kind == NULLIFY:
        return _may_nullify(node, view, state)
    return _may_finalize(node, block_id, state)


def sign(node: Node, kind: VoteKind, view: int, block_id: bytes) -> Vote | None:
    """Sign a vote if R0 allows it: flag set, record kept, vote on its way to being counted.

    Return the vote, or None when it is refused. Sending is the caller's, in the same batch, so
    that it leaves only after the record is on disk.
    """
    if not may_sign(node, kind, view, block_id):
        return None
    assert node.my_index is not None
    state = node.view_state(view)
    if kind == NOTARIZE:
        state.my_notarized = block_id
    elif kind == NULLIFY:
        state.my_nullified = True
        node.finalizable.pop(view, None)
    else:
        state.my_finalized = block_id
        node.finalizable.pop(view, None)
    message = vote_bytes(node.settings.chain_id, node.epoch, view, kind, block_id)
    vote = Vote(
        epoch=node.epoch,
        view=view,
        kind=kind,
        block_id=block_id,
        signer_index=node.my_index,
        signature=node.sign(message),
    )
    if kind != NULLIFY:
        keep_body(node, block_id)
    node.records.append(vote)
    node.must_persist = True
    node.own_votes.append(vote)
    return vote


def sign_and_send(node: Node, kind: VoteKind, view: int, block_id: bytes) -> bool:
    """Sign a vote if R0 allows it and send it to everyone; return whether it did."""
    vote = sign(node, kind, view, block_id)
    if vote is None:
        return False
    node.emit(Send(EVERYONE, vote, Traffic.VOTES))
    return True


def keep_body(node: Node, block_id: bytes) -> None:
    """Have a body on disk before a vote for it leaves: f + 1 honest disks then hold it."""
    held = node.blocks.get(block_id)
    if held is not None and not held.persisted:
        held.persisted = True
        node.records.append(KeptBlock(held.block, block_id))


def stop(node: Node, why: str, what: str, **facts: int | str) -> None:
    """Sign nothing more in this process, and say so, once."""
    if node.stopped:
        return
    node.stopped = why
    node.records.clear()
    node.must_persist = False
    node.emit(StopSigning(why))
    node.emit(Alarm(what, tuple(sorted(facts.items()))))


def check_own(node: Node, kind: int, view: int, block_id: bytes) -> None:
    """Stop for good when a genuine signature of ours in this epoch is not one we remember.

    Not merely one above what is remembered: a log that lost a vote in the middle of a view it
    knows is as dangerous as an old one. Views that are final or below the floor say nothing.
    """
    if view <= node.final.view or not _past_floor(node, view) or node.stopped:
        return
    if node.epoch < node.highest.epoch:
        return
    state = node.views.get(view)
    if state is not None:
        if kind == NOTARIZE and state.my_notarized == block_id:
            return
        if kind == NULLIFY and state.my_nullified:
            return
        if kind == FINALIZE and state.my_finalized == block_id:
            return
    _lost(node, node.epoch, view)


def check_own_later(node: Node, vote: Vote) -> None:
    """The same for a vote of an epoch that this node has not reached (again)."""
    place = Place(vote.epoch, vote.view)
    if node.stopped or place <= node.floor:
        return
    for record in node.later_records:
        if (
            isinstance(record, Vote)
            and (record.epoch, record.view, record.kind) == (vote.epoch, vote.view, vote.kind)
            and record.block_id == vote.block_id
        ):
            return
    _lost(node, vote.epoch, vote.view)


def _lost(node: Node, epoch: int, view: int) -> None:
    stop(
        node,
        f"a vote of this key in epoch {epoch}, view {view} is not in its log:"
        " the log is stale or another process uses the key; replace the key",
        "vote_not_in_log",
        epoch=epoch,
        view=view,
    )
