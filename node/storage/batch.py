"""What becomes durable together: blocks that one certificate made final."""

from dataclasses import dataclass
from typing import Any

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.state.commitment import BUCKETS_COUNT, HASH_BYTES
from chain.state.overlay import Overlay
from node.storage.layout import BRANCH_BUCKETS_COUNT, buckets_bytes


@dataclass(frozen=True)
class FinalBlock:
    """One final block with everything its execution came to."""

    block: Block
    block_id: bytes
    encoded_receipts: tuple[bytes, ...]
    """As execution hashed them."""
    overlay: Overlay
    """Sealed: its changes, in the order in which they are stored."""


@dataclass(frozen=True)
class FinalBatch:
    """Final blocks in ascending order, each the child of the one before.

    The certificate is that of the last of them; None while catching up inside a range whose
    certificate stands further on: then `tip` moves and `fin` does not.
    """

    blocks: tuple[FinalBlock, ...]
    certificate: Certificate | None

    def __post_init__(self) -> None:
        """Hold what is always true: a chain, and a certificate of its last block."""
        assert self.blocks
        for parent, child in zip(self.blocks, self.blocks[1:], strict=False):
            assert child.block.header.parent_id == parent.block_id
        if self.certificate is not None:
            assert self.certificate.block_id == self.blocks[-1].block_id


def changed_buckets(overlay: Overlay) -> dict[int, bytes]:
    """Return number and hash of each bucket that a sealed overlay changes."""
    return {
        place - BUCKETS_COUNT: node
        for place, node in overlay.layer.nodes.items()
        if place >= BUCKETS_COUNT
    }


def changed_buckets_bytes(overlay: Overlay) -> bytes:
    """Return the same as a row holds it."""
    nodes: Any = overlay.layer.nodes
    if isinstance(nodes, dict):
        return buckets_bytes(changed_buckets(overlay))
    packed: bytes = nodes.leaves()
    return packed


def branch_hashes(overlay: Overlay, branch: int) -> bytes:
    """Return the hashes of a branch's buckets, one after the other, after a sealed overlay."""
    tree, layers = overlay.layers()
    first = BUCKETS_COUNT + branch * BRANCH_BUCKETS_COUNT
    places = range(first, first + BRANCH_BUCKETS_COUNT)
    start = first * HASH_BYTES
    below = tree.nodes[start : start + BRANCH_BUCKETS_COUNT * HASH_BYTES]
    for layer in layers:
        nodes = layer.nodes
        for place in places:
            if place in nodes:
                at = (place - first) * HASH_BYTES
                below[at : at + HASH_BYTES] = nodes[place]
    return bytes(below)
