"""A chain that is made without consensus: blocks with true roots, certificates by nobody."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from chain.block.block import Block, body_roots
from chain.block.certificate import Certificate
from chain.block.header import Header, block_id_of
from chain.block.receipt import Emitted, Receipt, encode_receipt
from chain.block.vote import FINALIZE
from chain.codec.canonical import encode
from chain.codec.order import integer_key
from chain.codec.record import Raw, record
from chain.crypto.digest import TAG_RECEIPTS, ZERO_HASH, sha256, tagged
from chain.crypto.merkle import merkle_root
from chain.kit.table import Table
from chain.state.commitment import BUCKETS_COUNT, HASH_BYTES
from chain.state.overlay import Overlay
from chain.state.tables import Tables
from node.storage.batch import FinalBatch, FinalBlock
from node.storage.leveldb import Storage, Tuning


@record
class Counter:
    """A number that blocks change."""

    value_count: int
    padding: bytes


COUNTERS = Table(1, "counters", key=(integer_key("place", 32),), value=Counter)
COUNTERS.bind(200)
CHAIN_ID = bytes([7]) * 32
QUICK = Tuning(flush=False)


class MadeChain:
    """Blocks on blocks; what is final is folded into `tables` by `fold`."""

    def __init__(self, genesis_rows: int = 3) -> None:
        self.chain_id = CHAIN_ID
        self.tables = Tables([COUNTERS])
        overlay = Overlay(self.tables)
        for place in range(genesis_rows):
            overlay.put(COUNTERS, place, Counter(value_count=place, padding=b""))
        overlay.seal()
        self.tables.fold(overlay)
        self.genesis = Block(self._header(None, (), overlay, ZERO_HASH), (), b"", ())
        self.head: tuple[Header, Overlay | Tables] = (self.genesis.header, self.tables)

    def _header(
        self,
        parent: Header | None,
        transactions: tuple[bytes, ...],
        overlay: Overlay,
        receipts_root: bytes,
        flags: int = 0,
    ) -> Header:
        roots = body_roots(transactions, b"", ())
        return Header(
            version=1,
            chain_id=CHAIN_ID,
            epoch=0,
            height=parent.height + 1 if parent else 0,
            view=parent.view + 2 if parent else 0,
            parent_id=block_id_of(parent) if parent else ZERO_HASH,
            proposer=0,
            time_ms=parent.time_ms + 500 if parent else 1_000,
            tx_root=roots.tx_root,
            tx_count=roots.tx_count,
            body_bytes=roots.body_bytes,
            oracle_root=roots.oracle_root,
            evidence_root=roots.evidence_root,
            state_root=overlay.root,
            receipts_root=receipts_root,
            history_root=ZERO_HASH,
            authorities_hash=ZERO_HASH,
            next_authorities_hash=ZERO_HASH,
            params_hash=ZERO_HASH,
            flags=flags,
        )

    def overlay(self, writes: Mapping[int, int | None], padding: bytes = b"") -> Overlay:
        """Return these writes over the state of the head, sealed."""
        overlay = Overlay(self.head[1])
        for place, value in writes.items():
            if value is None:
                overlay.delete(COUNTERS, place)
            else:
                overlay.put(COUNTERS, place, Counter(value_count=value, padding=padding))
        overlay.seal()
        return overlay

    def block(
        self,
        writes: Mapping[int, int | None] | None = None,
        *,
        events: int = 1,
        padding: bytes = b"",
        transactions: int = 1,
        epoch_end: bool = False,
    ) -> FinalBlock:
        """Return the next block: it writes these counters (None: deletes), and is the new head."""
        parent, _ = self.head
        overlay = self.overlay(writes or {}, padding)
        height = parent.height + 1
        sent = tuple(f"transaction {height}.{i}".encode() for i in range(transactions))
        receipts = tuple(
            Receipt(
                id=sha256(data),
                index=index,
                kind=200,
                code=0,
                facts=(),
                events=tuple(
                    Emitted(module_number=200, number=i, payload=Raw(encode((height, index, i))))
                    for i in range(events)
                ),
                fee_quantums=0,
            )
            for index, data in enumerate(sent)
        )
        encoded = tuple(encode_receipt(receipt) for receipt in receipts)
        root = tagged(TAG_RECEIPTS, merkle_root(encoded), overlay.changes_root)
        header = self._header(parent, sent, overlay, root, int(epoch_end))
        self.head = (header, overlay)
        return FinalBlock(Block(header, sent, b"", ()), block_id_of(header), encoded, overlay)

    def batch(self, *blocks: FinalBlock) -> FinalBatch:
        """Return these blocks with the certificate of the last."""
        header = blocks[-1].block.header
        certificate = Certificate(
            kind=FINALIZE,
            epoch=0,
            view=header.view + 1,
            block_id=blocks[-1].block_id,
            bitmap=b"\x07",
            signatures=(bytes(64),) * 3,
        )
        return FinalBatch(blocks, certificate)

    def begin(self, path: Path, tuning: Tuning = QUICK) -> Storage:
        """Return a new storage that holds the genesis of this chain."""
        opened = Storage.open(path, self.chain_id, tuning)
        nodes = self.tables.tree.nodes
        start = HASH_BYTES * BUCKETS_COUNT
        places = range(start, 2 * start, HASH_BYTES)
        every = [(b, bytes(nodes[at : at + HASH_BYTES])) for b, at in enumerate(places)]
        hashes = [(bucket, node) for bucket, node in every if any(node)]
        opened.commit_genesis(self.genesis, self.tables.rows(), hashes)
        return opened

    def fold(self, batch: FinalBatch) -> None:
        """Make blocks final in memory alone."""
        for block in batch.blocks:
            self.tables.fold(block.overlay)


@pytest.fixture(scope="session")
def made_chain() -> Callable[..., MadeChain]:
    """Return what makes a chain."""
    return MadeChain
