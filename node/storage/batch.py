"""What becomes durable together: blocks that one certificate made final."""

from collections.abc import Iterator
from dataclasses import dataclass

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.receipt import Receipt
from chain.state.commitment import BUCKETS_COUNT
from chain.state.overlay import Overlay


@dataclass(frozen=True)
class FinalBlock:
    """One final block with everything its execution came to."""

    block: Block
    block_id: bytes
    receipts: tuple[Receipt, ...]
    encoded_receipts: tuple[bytes, ...]
    """The same, as execution hashed them."""
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


def changed_buckets(overlay: Overlay) -> Iterator[tuple[int, bytes]]:
    """Return number and hash of each bucket that a sealed overlay changes."""
    for place, node in overlay.layer.nodes.items():
        if place >= BUCKETS_COUNT:
            yield place - BUCKETS_COUNT, node
