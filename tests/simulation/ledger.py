"""Blocks whose validity is simple enough to be checked twice, and epochs of fixed length."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from chain.block.block import Block, body_roots
from chain.block.certificate import AuthoritySet
from chain.block.header import EPOCH_END, HEADER_VERSION, Header, block_id_of
from tests.simulation.keys import key_of

CHAIN_ID = sha256(b"simulated chain").digest()
POISON = b"poison"
"""A transaction that its builder takes for valid and everybody else does not."""


@dataclass(frozen=True)
class Rules:
    """What is true of every block of one simulated chain."""

    members_of: Callable[[int], tuple[int, ...]]
    """Epoch -> the numbers of its authorities, ascending."""
    epoch_blocks: int
    min_block_ms: int
    start_ms: int

    def authorities(self, epoch: int) -> AuthoritySet:
        """Return an epoch's set."""
        return AuthoritySet(epoch, tuple(key_of(number) for number in self.members_of(epoch)))

    def genesis(self) -> Block:
        """Return the block at height 0."""
        roots = body_roots((), b"", ())
        header = Header(
            version=HEADER_VERSION,
            chain_id=CHAIN_ID,
            epoch=0,
            height=0,
            view=0,
            parent_id=bytes(32),
            proposer=0,
            time_ms=self.start_ms,
            tx_root=roots.tx_root,
            tx_count=0,
            body_bytes=roots.body_bytes,
            oracle_root=roots.oracle_root,
            evidence_root=roots.evidence_root,
            state_root=bytes(32),
            receipts_root=bytes(32),
            history_root=bytes(32),
            authorities_hash=bytes(32),
            next_authorities_hash=bytes(32),
            params_hash=bytes(32),
            flags=0,
        )
        return Block(header, (), b"", ())

    def child(
        self,
        parent: Header,
        *,
        epoch: int,
        view: int,
        proposer: int,
        time_ms: int,
        transactions: tuple[bytes, ...],
    ) -> Block:
        """Return a valid block on a parent, if the time is late enough and nothing is poison."""
        roots = body_roots(transactions, b"", ())
        height = parent.height + 1
        header = replace(
            parent,
            epoch=epoch,
            height=height,
            view=view,
            parent_id=block_id_of(parent),
            proposer=proposer,
            time_ms=time_ms,
            tx_root=roots.tx_root,
            tx_count=roots.tx_count,
            body_bytes=roots.body_bytes,
            state_root=sha256(parent.state_root + roots.tx_root).digest(),
            flags=EPOCH_END if height % self.epoch_blocks == 0 else 0,
        )
        return Block(header, transactions, b"", ())

    def is_valid(self, block: Block, parent: Header) -> bool:
        """Return what executing a block on its parent comes to."""
        header = block.header
        return (
            header.parent_id == block_id_of(parent)
            and header.height == parent.height + 1
            and header.time_ms >= parent.time_ms + self.min_block_ms
            and header.state_root == sha256(parent.state_root + header.tx_root).digest()
            and bool(header.flags & EPOCH_END) == (header.height % self.epoch_blocks == 0)
            and header.epoch == (parent.epoch + (1 if parent.flags & EPOCH_END else 0))
            and POISON not in block.transactions
        )
