"""A block's header: 397 bytes in a fixed layout, and the id that they hash to.

Everything a light client, a certificate or a child refers to is in these bytes; the view in
which a block is voted on is not, so a block that is proposed again keeps its id.

Source: docs/specs/header.md, HEADER-001 to HEADER-005.
"""

from dataclasses import dataclass
from struct import Struct

from chain.codec.record import U63_MAX, MalformedRecord
from chain.crypto.digest import TAG_HEADER, tagged

HEADER_VERSION = 1
HEADER_BYTES = 397
EPOCH_END = 0b0000_0001
"""The one flag there is: this block is the last of its epoch."""

_LAYOUT = Struct(">H32sQQQ32sHQ32sII32s32s32s32s32s32s32s32sB")
assert _LAYOUT.size == HEADER_BYTES


@dataclass(frozen=True, slots=True)
class Header:
    """What a block says of itself, in the order in which it is written.

    `view` is that of the block's first proposal, `proposer` that view's leader; the state
    root is the one *after* this block; `history_root` covers all earlier block ids.
    """

    version: int
    chain_id: bytes
    epoch: int
    height: int
    view: int
    parent_id: bytes
    proposer: int
    time_ms: int
    tx_root: bytes
    tx_count: int
    body_bytes: int
    oracle_root: bytes
    evidence_root: bytes
    state_root: bytes
    receipts_root: bytes
    history_root: bytes
    authorities_hash: bytes
    next_authorities_hash: bytes
    params_hash: bytes
    flags: int

    @property
    def epoch_end(self) -> bool:
        """Return whether this block closes its epoch: a boundary block."""
        return bool(self.flags & EPOCH_END)


def header_bytes(header: Header) -> bytes:
    """Return the 397 bytes of a header.

    Refuses: AssertionError for a field out of its width, which only our own code can cause.
    """
    hashes = (header.chain_id, header.parent_id, header.tx_root, header.oracle_root)
    roots = (header.evidence_root, header.state_root, header.receipts_root, header.history_root)
    tables = (header.authorities_hash, header.next_authorities_hash, header.params_hash)
    # `struct` would pad a short hash with zeros and cut a long one, both silently.
    assert all(len(part) == 32 for part in hashes + roots + tables)
    return _LAYOUT.pack(
        header.version,
        header.chain_id,
        header.epoch,
        header.height,
        header.view,
        header.parent_id,
        header.proposer,
        header.time_ms,
        header.tx_root,
        header.tx_count,
        header.body_bytes,
        header.oracle_root,
        header.evidence_root,
        header.state_root,
        header.receipts_root,
        header.history_root,
        header.authorities_hash,
        header.next_authorities_hash,
        header.params_hash,
        header.flags,
    )


def parse_header(data: bytes) -> Header:
    """Return the header that these bytes are.

    Refuses: MalformedRecord for another length, a version that is not ours, an unknown flag,
    or a number of 2^63 and more: the rest of the chain could not hold it.
    """
    if len(data) != HEADER_BYTES:
        raise MalformedRecord(f"a header has {HEADER_BYTES} bytes, these are {len(data)}")
    header = Header(*_LAYOUT.unpack(data))
    if header.version != HEADER_VERSION:
        raise MalformedRecord(f"header version {header.version} is not {HEADER_VERSION}")
    if header.flags & ~EPOCH_END:
        raise MalformedRecord(f"header flags {header.flags:#010b} hold an unknown bit")
    if max(header.epoch, header.height, header.view, header.time_ms) > U63_MAX:
        raise MalformedRecord("a header's epoch, height, view or time is 2^63 or more")
    return header


def block_id_of(header: Header) -> bytes:
    """Return the id of the block with this header: the tagged hash of its bytes."""
    return tagged(TAG_HEADER, header_bytes(header))
