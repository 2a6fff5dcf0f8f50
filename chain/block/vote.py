"""One authority's signed word on one view: Notarize, Nullify or Finalize.

The same vote signed again is the same bytes, because signatures are deterministic; so a vote
heard twice is never evidence of anything.

Source: docs/specs/vote.md, VOTE-001 to VOTE-004.
"""

from enum import IntEnum
from struct import Struct

from chain.codec.record import Hash, Signature, record
from chain.crypto.digest import TAG_VOTE, ZERO_HASH

VOTE_BYTES = 96

_LAYOUT = Struct(">15s32sQQB32s")
assert _LAYOUT.size == VOTE_BYTES
assert len(TAG_VOTE) == 15


class VoteKind(IntEnum):
    """What a vote says, and likewise what a certificate proves."""

    NOTARIZE = 1
    NULLIFY = 2
    FINALIZE = 3


NOTARIZE, NULLIFY, FINALIZE = VoteKind.NOTARIZE, VoteKind.NULLIFY, VoteKind.FINALIZE


@record
class Vote:
    """A signed vote; `signer_index` is a place in the authority set of `epoch`.

    A Nullify names no block: its `block_id` is 32 zero bytes.
    """

    epoch: int
    view: int
    kind: int
    block_id: Hash
    signer_index: int
    signature: Signature


def vote_bytes(chain_id: bytes, epoch: int, view: int, kind: int, block_id: bytes) -> bytes:
    """Return the 96 bytes that an authority signs for a vote."""
    assert len(chain_id) == len(block_id) == 32
    return _LAYOUT.pack(TAG_VOTE, chain_id, epoch, view, kind, block_id)


def is_well_formed(kind: int, block_id: bytes) -> bool:
    """Return whether a vote of this kind may name this block at all."""
    if kind == NULLIFY:
        return block_id == ZERO_HASH
    return kind in {NOTARIZE, FINALIZE} and block_id != ZERO_HASH
