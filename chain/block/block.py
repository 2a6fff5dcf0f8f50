"""A block: its header, and the body that the header's roots cover.

    body  = [transactions, oracle section or empty, evidence]
    block = [header (397 bytes), body]

Certificates travel and are stored beside blocks, never in them.

Source: docs/specs/block.md, BLOCK-001 to BLOCK-008.
"""

from dataclasses import dataclass, field

from chain.block.header import Header, header_bytes, parse_header
from chain.codec.canonical import decode, encode
from chain.codec.record import Blob, record
from chain.crypto.digest import ZERO_HASH, sha256
from chain.crypto.merkle import merkle_root
from chain.limits import BLOCK_BODY_BYTES_MAX, BLOCK_EXTRAS_BYTES_MAX

BLOCK_BYTES_MAX = BLOCK_BODY_BYTES_MAX + BLOCK_EXTRAS_BYTES_MAX + 1024


@record
class BodyRecord:
    """What a block holds beside its header: bytes that nobody has judged yet."""

    transactions: tuple[Blob, ...]
    oracle: Blob
    evidence: tuple[Blob, ...]


@record
class BlockRecord:
    """A block as it travels and is stored."""

    header: Blob
    body: BodyRecord


@dataclass(frozen=True, slots=True)
class Block:
    """A header and a body that may or may not belong together: `body_fault` says."""

    header: Header
    transactions: tuple[bytes, ...]
    oracle: bytes
    evidence: tuple[bytes, ...]
    found_fault: str | None = field(default=None, init=False, repr=False, compare=False)
    """What `body_fault` found, kept since several rooms ask it of one block."""


@dataclass(frozen=True, slots=True)
class BodyRoots:
    """What a header says of its body."""

    tx_root: bytes
    tx_count: int
    body_bytes: int
    oracle_root: bytes
    evidence_root: bytes


def body_roots(
    transactions: tuple[bytes, ...], oracle: bytes, evidence: tuple[bytes, ...]
) -> BodyRoots:
    """Return the roots, count and size that a header states for this body.

    A transaction's leaf is its whole bytes, signatures included; an empty oracle section
    has 32 zero bytes for its root.
    """
    body = BodyRecord(transactions, oracle, evidence)
    return BodyRoots(
        tx_root=merkle_root(transactions),
        tx_count=len(transactions),
        body_bytes=len(encode(body)),
        oracle_root=sha256(oracle) if oracle else ZERO_HASH,
        evidence_root=merkle_root(evidence),
    )


def body_fault(block: Block) -> str:
    """Return which of the header's statements about the body is false, or nothing."""
    if block.found_fault is None:
        object.__setattr__(block, "found_fault", _found_fault(block))
    assert block.found_fault is not None
    return block.found_fault


def _found_fault(block: Block) -> str:
    roots = body_roots(block.transactions, block.oracle, block.evidence)
    header = block.header
    for name in BodyRoots.__dataclass_fields__:
        if getattr(roots, name) != getattr(header, name):
            return name
    return ""


def encode_block(block: Block) -> bytes:
    """Return the bytes in which a block travels and is stored."""
    body = BodyRecord(block.transactions, block.oracle, block.evidence)
    return encode(BlockRecord(header_bytes(block.header), body))


def decode_block(data: bytes, limit_bytes: int = BLOCK_BYTES_MAX) -> Block:
    """Return the block that these bytes are; whether the body matches is asked apart.

    Refuses: MalformedRecord, for anything else.
    """
    whole = decode(BlockRecord, data, limit_bytes)
    body = whole.body
    return Block(parse_header(whole.header), body.transactions, body.oracle, body.evidence)
