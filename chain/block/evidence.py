"""Proof that one authority signed two votes that no honest one signs both of.

E1: two Notarize of one view for different blocks. E2: two Finalize of one view for different
blocks. E3: Nullify and Finalize of one view. Everything else is legal, above all Notarize with
Nullify, and Notarize(b) with Finalize(b'): an honest node may come to sign those.

Source: docs/specs/evidence.md, EVIDENCE-001 to EVIDENCE-005.
"""

from enum import IntEnum

from chain.block.certificate import Verify
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY, Vote, is_well_formed, vote_bytes
from chain.codec.canonical import decode
from chain.codec.record import Hash, MalformedRecord, PublicKey, Signature, record
from chain.crypto.verification import is_genuine

EVIDENCE_BYTES_MAX = 1024


class Offence(IntEnum):
    """Which of the three contradictions a pair of votes is."""

    TWO_NOTARIZE = 1
    TWO_FINALIZE = 2
    NULLIFY_AND_FINALIZE = 3


@record
class SignedChoice:
    """One of the two votes: what it said of the view, and its signature."""

    kind: int
    block_id: Hash
    signature: Signature


@record
class Evidence:
    """Two contradicting votes of one signer in one view, the lower (kind, block_id) first.

    The signer is named by consensus key, because places change from set to set.
    """

    epoch: int
    view: int
    signer: PublicKey
    first: SignedChoice
    second: SignedChoice


def offence_of(
    first_kind: int, first_block_id: bytes, second_kind: int, second_block_id: bytes
) -> Offence | None:
    """Return what signing both of these in one view is, or None when it is legal."""
    kinds = {first_kind, second_kind}
    if kinds == {NULLIFY, FINALIZE}:
        return Offence.NULLIFY_AND_FINALIZE
    if first_block_id == second_block_id:
        return None
    if kinds == {NOTARIZE}:
        return Offence.TWO_NOTARIZE
    if kinds == {FINALIZE}:
        return Offence.TWO_FINALIZE
    return None


def evidence_of(one: Vote, other: Vote, signer: bytes) -> Evidence | None:
    """Return the proof that two genuine votes of a signer make, or None when they make none."""
    if (one.epoch, one.view, one.signer_index) != (other.epoch, other.view, other.signer_index):
        return None
    if offence_of(one.kind, one.block_id, other.kind, other.block_id) is None:
        return None
    first, second = sorted((one, other), key=lambda vote: (vote.kind, vote.block_id))
    return Evidence(
        epoch=one.epoch,
        view=one.view,
        signer=signer,
        first=SignedChoice(first.kind, first.block_id, first.signature),
        second=SignedChoice(second.kind, second.block_id, second.signature),
    )


def parse_evidence(data: bytes) -> Evidence:
    """Return the evidence that these bytes are. Refuses: MalformedRecord for anything else."""
    return decode(Evidence, data, EVIDENCE_BYTES_MAX)


def check_evidence(evidence: Evidence, chain_id: bytes, verify: Verify = is_genuine) -> bool:
    """Return whether this proves an offence of its signer on this chain.

    Whether the signer was an authority of that epoch is asked of the state, not here.
    """
    first, second = evidence.first, evidence.second
    if (first.kind, first.block_id) >= (second.kind, second.block_id):
        return False
    if offence_of(first.kind, first.block_id, second.kind, second.block_id) is None:
        return False
    for choice in (first, second):
        if not is_well_formed(choice.kind, choice.block_id):
            return False
        message = vote_bytes(chain_id, evidence.epoch, evidence.view, choice.kind, choice.block_id)
        if not verify(evidence.signer, message, choice.signature):
            return False
    return True


__all__ = [
    "EVIDENCE_BYTES_MAX",
    "Evidence",
    "MalformedRecord",
    "Offence",
    "SignedChoice",
    "check_evidence",
    "evidence_of",
    "offence_of",
    "parse_evidence",
]
