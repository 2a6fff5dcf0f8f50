"""What authorities say to each other: one record a kind, a kind byte, a limit for each.

Votes and certificates are records of `chain.block`; the rest is here. Catching up over many
blocks is not: it is asked and answered beside this link.

Source: docs/specs/messages.md, MESSAGE-001 to MESSAGE-005.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chain.block.block import BLOCK_BYTES_MAX, Block, decode_block, encode_block
from chain.block.certificate import Certificate
from chain.block.evidence import EVIDENCE_BYTES_MAX, Evidence
from chain.block.header import block_id_of
from chain.block.vote import Vote
from chain.codec.canonical import decode, encode
from chain.codec.record import Blob, Hash, MalformedRecord, Signature, record
from chain.limits import CERTIFICATES_PER_NULL_CHAIN_MAX_COUNT

VOTE_MESSAGE_BYTES_MAX = 256
CERTIFICATE_BYTES_MAX = 8 * 1024
CERTIFICATES_BYTES_MAX = 300_000
"""64 certificates of a set of one hundred, with room to spare."""

PROPOSAL_BYTES_MAX = BLOCK_BYTES_MAX + CERTIFICATES_BYTES_MAX + CERTIFICATE_BYTES_MAX + 1024


@dataclass(frozen=True, slots=True)
class Proposal:
    """A leader's block for a view, with what justifies it.

    Only the block's id is signed by the leader, as its Notarize vote for this view: the view
    of the parent and every certificate may have been altered by whoever forwarded it, and
    nothing may be held against the leader for them.
    """

    epoch: int
    view: int
    block: Block
    block_id: bytes
    """Not sent: whoever decodes or builds a proposal hashes the header itself."""
    parent_view: int
    parent_certificate: Certificate | None
    """Absent only for a child of the genesis block."""
    null_certificates: tuple[Certificate, ...]
    """The newest 64 of those for the views between the parent's and this one."""
    signature: bytes


@record
class Status:
    """Where a node stands, and what its wall clock shows. Believed for nothing but help."""

    epoch: int
    view: int
    final_height: int
    final_id: Hash
    time_ms: int


@record
class GetCertificates:
    """Asks for certificates of these views of an epoch, both ends included."""

    epoch: int
    from_view: int
    to_view: int


@record
class Certificates:
    """Answers with at most 64 certificates, the newest of those asked for."""

    certificates: tuple[Certificate, ...]


@record
class GetBlock:
    """Asks for one block by its id."""

    block_id: Hash


@dataclass(frozen=True, slots=True)
class BlockAnswer:
    """Answers with the block asked for; `block_id` is not sent, it is hashed on arrival."""

    block: Block
    block_id: bytes


Message = (
    Vote
    | Certificate
    | Proposal
    | Status
    | GetCertificates
    | Certificates
    | GetBlock
    | BlockAnswer
    | Evidence
)


@record
class _ProposalOnWire:
    """A proposal as it is sent: the block as its bytes."""

    epoch: int
    view: int
    block: Blob
    parent_view: int
    parent_certificate: Certificate | None
    null_certificates: tuple[Certificate, ...]
    signature: Signature


def _proposal_bytes(proposal: Proposal) -> bytes:
    return encode(
        _ProposalOnWire(
            epoch=proposal.epoch,
            view=proposal.view,
            block=encode_block(proposal.block),
            parent_view=proposal.parent_view,
            parent_certificate=proposal.parent_certificate,
            null_certificates=proposal.null_certificates,
            signature=proposal.signature,
        )
    )


def _parse_proposal(data: bytes) -> Proposal:
    sent = decode(_ProposalOnWire, data, PROPOSAL_BYTES_MAX)
    if len(sent.null_certificates) > CERTIFICATES_PER_NULL_CHAIN_MAX_COUNT:
        raise MalformedRecord(f"{len(sent.null_certificates)} null certificates in a proposal")
    block = decode_block(sent.block, BLOCK_BYTES_MAX)
    return Proposal(
        epoch=sent.epoch,
        view=sent.view,
        block=block,
        block_id=block_id_of(block.header),
        parent_view=sent.parent_view,
        parent_certificate=sent.parent_certificate,
        null_certificates=sent.null_certificates,
        signature=sent.signature,
    )


def _parse_block(data: bytes) -> BlockAnswer:
    block = decode_block(data, BLOCK_BYTES_MAX)
    return BlockAnswer(block=block, block_id=block_id_of(block.header))


def _parse_certificates(data: bytes) -> Certificates:
    answer = decode(Certificates, data, CERTIFICATES_BYTES_MAX)
    if len(answer.certificates) > CERTIFICATES_PER_NULL_CHAIN_MAX_COUNT:
        raise MalformedRecord(f"{len(answer.certificates)} certificates in one answer")
    return answer


@dataclass(frozen=True)
class Kind:
    """How one kind of message travels."""

    number: int
    bytes_max: int
    parse: Callable[[bytes], Message]
    write: Callable[[Any], bytes]


KINDS: dict[type, Kind] = {
    Vote: Kind(1, VOTE_MESSAGE_BYTES_MAX, lambda data: decode(Vote, data), encode),
    Certificate: Kind(2, CERTIFICATE_BYTES_MAX, lambda data: decode(Certificate, data), encode),
    Proposal: Kind(3, PROPOSAL_BYTES_MAX, _parse_proposal, _proposal_bytes),
    Status: Kind(4, 256, lambda data: decode(Status, data), encode),
    GetCertificates: Kind(5, 256, lambda data: decode(GetCertificates, data), encode),
    Certificates: Kind(6, CERTIFICATES_BYTES_MAX, _parse_certificates, encode),
    GetBlock: Kind(7, 256, lambda data: decode(GetBlock, data), encode),
    BlockAnswer: Kind(8, BLOCK_BYTES_MAX, _parse_block, lambda answer: encode_block(answer.block)),
    Evidence: Kind(9, EVIDENCE_BYTES_MAX, lambda data: decode(Evidence, data), encode),
}
_BY_NUMBER = {kind.number: kind for kind in KINDS.values()}


def encode_message(message: Message) -> tuple[int, bytes]:
    """Return the kind byte and the payload of a message."""
    kind = KINDS[type(message)]
    return kind.number, kind.write(message)


def decode_message(number: int, payload: bytes) -> Message:
    """Return the message that a frame carries.

    Refuses: MalformedRecord for an unknown kind, more bytes than the kind may have, or bytes
    that are not the one canonical form of a message of that kind.
    """
    kind = _BY_NUMBER.get(number)
    if kind is None:
        raise MalformedRecord(f"there is no message of kind {number}")
    if len(payload) > kind.bytes_max:
        raise MalformedRecord(f"{len(payload)} bytes where {kind.bytes_max} are allowed")
    return kind.parse(payload)
