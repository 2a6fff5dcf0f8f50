"""Becoming again who this node was: records of the vote log, played into the state.

The same at a start, and when a node that lost its store comes back to an epoch in which it had
signed: records of the epoch above the last final view are loaded, and nothing is signed before
they are. They are forgotten only with an epoch that is behind the store.

Source: docs/specs/vote_log.md, LOG-020 to LOG-026.
"""

from chain.block.certificate import Certificate
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY, Vote
from chain.consensus.log import KeptBlock, LogRecord, place_of
from chain.consensus.messages import Proposal
from chain.consensus.rules import certificates, entering
from chain.consensus.state import HeldBlock, Node


def load(node: Node) -> None:
    """Play the records of the current epoch into the state, and keep those of later ones."""
    node.load_due = False
    records = [record for record in node.later_records if place_of(record).epoch == node.epoch]
    node.later_records = tuple(
        record for record in node.later_records if place_of(record).epoch > node.epoch
    )
    pending = list(node.records)
    highest_view = node.view
    for record in records:
        if isinstance(record, KeptBlock):
            _hold(node, record)
        elif isinstance(record, Proposal):
            _hold(node, KeptBlock(record.block, record.block_id))
    for record in records:
        # Own votes before certificates, which may hold them: R0's flags are who we are.
        if isinstance(record, Vote | Proposal) and record.view > node.final.view:
            _remember(node, record)
            highest_view = max(highest_view, record.view)
    for record in records:
        if isinstance(record, Certificate) and record.view > node.final.view:
            certificates.accept(node, record)
    if node.floor.epoch == node.epoch:
        highest_view = max(highest_view, node.floor.view)
    if highest_view > node.view:
        entering.enter(node, highest_view, None)
    # What came from the log is in the log.
    node.records[:] = pending
    node.dirty = True


def _hold(node: Node, record: KeptBlock) -> None:
    """Hold a body again; it has to be executed again, whoever built it."""
    if record.block.header.height > node.tip.header.height:
        node.blocks.setdefault(record.block_id, HeldBlock(record.block, persisted=True))


def _remember(node: Node, record: LogRecord) -> None:
    state = node.view_state(record.view) if not isinstance(record, KeptBlock) else None
    if state is None:
        return
    if isinstance(record, Proposal):
        state.proposal = record
        return
    if not isinstance(record, Vote):
        return
    if record.kind == NOTARIZE:
        state.my_notarized = record.block_id
    elif record.kind == NULLIFY:
        state.my_nullified = True
    elif record.kind == FINALIZE:
        state.my_finalized = record.block_id
    node.own_votes.append(record)
