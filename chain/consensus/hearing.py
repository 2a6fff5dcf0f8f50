"""Which rule a message is for, once it is clear that it is of the current epoch.

A message of another epoch is never counted: it is answered, or it tells that we are behind.

Source: docs/specs/consensus.md, SIMPLEX-004.
"""

from collections.abc import Callable
from typing import Any

from chain.block.block import body_fault
from chain.block.certificate import Certificate
from chain.block.evidence import Evidence
from chain.block.vote import Vote
from chain.consensus.effects import Charge, Misdeed, Peer
from chain.consensus.messages import (
    BlockAnswer,
    Certificates,
    GetBlock,
    GetCertificates,
    Message,
    Proposal,
    Status,
)
from chain.consensus.rules import certificates, counting, fetching, helping, judging
from chain.consensus.state import HeldBlock, Node


def hear(node: Node, peer: Peer, message: Message) -> None:
    """Take one message of a peer, whatever it holds."""
    _TAKERS[type(message)](node, peer, message)


def _is_of_this_epoch(node: Node, peer: Peer, message: Vote | Certificate | Proposal) -> bool:
    if message.epoch < node.epoch:
        helping.saw_older_epoch(node, peer, message.epoch, message)
        return False
    if message.epoch > node.epoch:
        helping.saw_later_epoch(node, peer, message.epoch)
        return False
    return True


def _hear_vote(node: Node, peer: Peer, vote: Vote) -> None:
    if _is_of_this_epoch(node, peer, vote):
        helping.saw_vote(node, peer, vote)
        counting.take(node, peer, vote)


def _hear_certificate(node: Node, peer: Peer, certificate: Certificate) -> None:
    if _is_of_this_epoch(node, peer, certificate):
        certificates.take(node, peer, certificate, asked=False)


def _hear_certificates(node: Node, peer: Peer, answer: Certificates) -> None:
    asked = node.views_want is not None
    # Oldest first, so that each enters the next view.
    for certificate in reversed(answer.certificates):
        if not _is_of_this_epoch(node, peer, certificate):
            return
        if not certificates.take(node, peer, certificate, asked=asked):
            return
    if asked:
        fetching.got_certificates(node)


def _hear_proposal(node: Node, peer: Peer, proposal: Proposal) -> None:
    if _is_of_this_epoch(node, peer, proposal):
        judging.take(node, peer, proposal)


def _hear_block(node: Node, peer: Peer, answer: BlockAnswer) -> None:
    # Only what was asked for: whoever answers late, or unasked, is passed over.
    if answer.block_id not in node.wanted_blocks:
        return
    if body_fault(answer.block):
        node.emit(Charge(peer, Misdeed.BAD_BLOCK))
        return
    judging.hold_wanted(node, HeldBlock(answer.block), answer.block_id)


_TAKERS: dict[type, Callable[[Node, Peer, Any], None]] = {
    Vote: _hear_vote,
    Certificate: _hear_certificate,
    Proposal: _hear_proposal,
    Status: helping.take_status,
    GetCertificates: helping.answer_certificates,
    Certificates: _hear_certificates,
    GetBlock: helping.answer_block,
    BlockAnswer: _hear_block,
    Evidence: counting.take_evidence,
}
