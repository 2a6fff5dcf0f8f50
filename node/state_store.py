"""The final state: recovered at the start, moved by blocks that are durable, read at any height.

A start refuses rather than guesses: what is on disk must be, row for row, what a block header
says, and that block must stand on this chain's genesis.

The tables change in `take_in` alone, on the node's own loop; reading from another thread is
possible, and says so when a block became final meanwhile.

Source: docs/specs/storage.md, STORE-030 to STORE-036.
"""

import gc
from dataclasses import dataclass
from typing import ClassVar

from chain.block.block import Block
from chain.block.header import Header, block_id_of
from chain.codec.order import MalformedKey
from chain.kit.table import AnyTable, Key
from chain.limits import UNDO_BLOCKS
from chain.machine.application import Application
from chain.machine.genesis import Genesis, genesis_state
from chain.state.commitment import BUCKETS_COUNT, HASH_BYTES
from chain.state.journal import Change
from chain.state.overlay import Overlay
from chain.state.proof import Proof, prove
from chain.state.rewound import Rewound, StaleView
from chain.state.tables import Tables
from node.faults import NodeFault
from node.storage.batch import FinalBatch
from node.storage.fault import RESYNC
from node.storage.layout import Tip
from node.storage.leveldb import Storage

ATTEMPTS_COUNT = 5
"""How often a view of an earlier height is made anew while blocks become final."""


class RecoveryRefused(NodeFault):
    """What is on disk is not the state of a block of this chain."""

    NUMBERS: ClassVar[dict[str, int]] = {"recovery_refused": 1540}
    EXIT_CODE: ClassVar[int] = 8

    def __init__(self, what: str, **facts: int | str) -> None:
        super().__init__(
            "recovery_refused",
            f"The stored chain cannot be trusted: {what}.",
            spared="Nothing was served or signed from it, and nothing in it was changed.",
            hint=RESYNC,
            **facts,
        )


class HeightPruned(NodeFault):
    """The state of this height is no longer kept."""

    NUMBERS: ClassVar[dict[str, int]] = {"height_pruned": 1541}
    EXIT_CODE: ClassVar[int] = 9

    def __init__(self, height: int, oldest_height: int) -> None:
        super().__init__(
            "height_pruned",
            f"The state of height {height} is no longer kept; the oldest is {oldest_height}.",
            hint="Ask a node that keeps more, or replay the blocks.",
            oldest_height=oldest_height,
        )


class HeightAhead(NodeFault):
    """There is no final block of this height yet."""

    NUMBERS: ClassVar[dict[str, int]] = {"height_ahead": 1542}
    EXIT_CODE: ClassVar[int] = 9

    def __init__(self, height: int, head_height: int) -> None:
        super().__init__(
            "height_ahead",
            f"Height {height} is not final yet; the head is {head_height}.",
            hint="Wait, or ask for the finalized state.",
            head_height=head_height,
        )


@dataclass(frozen=True)
class Head:
    """A final block, and the root of the state after it."""

    height: int
    block_id: bytes
    time_ms: int
    state_root: bytes
    header: Header

    @classmethod
    def of(cls, header: Header) -> "Head":
        """Return the head that a header makes."""
        return cls(header.height, block_id_of(header), header.time_ms, header.state_root, header)


@dataclass(frozen=True)
class Proven:
    """What is under a key at a height, and the proof of it to the root in `head`."""

    head: Head
    encoded_key: bytes
    value: bytes | None
    """The record's bytes; None where there is none."""
    proof: Proof


class StateStore:
    """The final state in memory, and the way back on disk."""

    def __init__(self, storage: Storage, tables: Tables, head: Head) -> None:
        self._storage = storage
        self.tables = tables
        # Generation and head move together, so that a thread never pairs the wrong two.
        self._standing = (tables.generation, head)
        self.returns_count = 0

    @classmethod
    def recover(cls, storage: Storage, application: Application, genesis: Genesis) -> "StateStore":
        """Return the state on disk, or that of genesis on an empty one. May take seconds.

        Refuses: RecoveryRefused, when a row, a root or a block is not what the rest says it is;
        StorageFault, when the disk does not give it.
        """
        # What is made here stays: walking it again and again while it grows doubles the time.
        is_collecting = gc.isenabled()
        gc.disable()
        try:
            tables, header = _recovered(storage, application, genesis)
        finally:
            if is_collecting:
                gc.enable()
        gc.collect()
        # Millions of rows that live as long as the process: never walk them again.
        gc.freeze()
        return cls(storage, tables, Head.of(header))

    @property
    def head(self) -> Head:
        """The final block whose state the tables hold."""
        return self._standing[1]

    @property
    def oldest_height(self) -> int:
        """The lowest height whose state can still be read."""
        oldest = self._storage.oldest_undo_height()
        return self.head.height if oldest is None else oldest - 1

    def make_durable(self, batch: FinalBatch) -> None:
        """Write final blocks, synced. May run in a thread: the tables stay as they are.

        Refuses: StorageFault; then the process ends, for nobody knows what is on disk.
        """
        self._storage.commit(batch)

    def take_in(self, batch: FinalBatch) -> None:
        """Fold blocks that are durable into the tables, on the loop that owns them."""
        for final in batch.blocks:
            self.tables.fold(final.overlay)
        self._standing = (self.tables.generation, Head.of(batch.blocks[-1].block.header))
        assert self.head.state_root == self.tables.root, "executed blocks have their root"

    def fold(self, batch: FinalBatch) -> None:
        """Make final blocks durable, then take them in. Refuses: StorageFault."""
        self.make_durable(batch)
        self.take_in(batch)

    def go_back(self, height: int) -> None:
        """Make an earlier block the head again and forget what came after, on disk too.

        For a development chain of one, which forgets its votes at the same time. On the loop.

        Refuses: HeightPruned, HeightAhead; StorageFault.
        """
        head = self.head
        if height == head.height:
            return
        undo, header = self._undo(height, head)
        overlay = Overlay(self.tables)
        for changes in undo:
            for change in changes:
                table = self.tables.table_of(change.encoded_key)
                key = table.key_from(change.encoded_key)
                if change.old is None:
                    overlay.delete(table, key)
                else:
                    overlay.put(table, key, table.record_from(change.old))
        overlay.seal()
        self.returns_count += 1
        self._storage.go_back(height, overlay)
        self.tables.fold(overlay)
        self._standing = (self.tables.generation, Head.of(header))

    def view_at(self, height: int | None = None) -> tuple[Tables | Rewound, Head]:
        """Return the state of a height, None for the final head, and the block it is of.

        Read it before the next block is taken in: afterwards it refuses with StaleView.

        Refuses: HeightPruned, HeightAhead; StaleView, in a thread that blocks overtake.
        """
        return Rewinding(self).to(height)

    def is_current(self, view: Tables | Rewound, head: Head) -> bool:
        """Return whether a view that a thread made still reads as the state of its head.

        On the loop: until it waits again, nothing changes that.
        """
        if isinstance(view, Rewound):
            return view.is_current
        return head.block_id == self.head.block_id

    def prove(self, table: AnyTable, key: Key, height: int | None = None) -> Proven:
        """Return what is under a key at a height, with the proof of it, or of its absence.

        Refuses: as `view_at`; MalformedKey, for a key that the table does not have.
        """
        view, head = self.view_at(height)
        encoded_key = table.encoded(key)
        value = view.encoded_of(table, key)
        return Proven(head, encoded_key, value, prove(view, encoded_key))

    def standing(self) -> tuple[int, Head]:
        """Return the generation of the tables and the head that they are the state of."""
        return self._standing

    def undo(self, above: int) -> tuple[Change, ...] | None:
        """Return what takes back the block of a height; None where it is not kept."""
        return self._storage.undo(above)

    def header_at(self, height: int, head: Head) -> Header:
        """Return the header of a height below a head. Refuses: HeightPruned, HeightAhead."""
        if height > head.height:
            raise HeightAhead(height, head.height)
        if height < 0 or head.height - height > UNDO_BLOCKS:
            raise HeightPruned(height, self.oldest_height)
        header = self._storage.header(height)
        if header is None:
            raise HeightPruned(height, self.oldest_height)
        return header

    def _undo(self, height: int, head: Head) -> tuple[list[tuple[Change, ...]], Header]:
        """Return the way back from the head to a height, newest block first, and its header."""
        header = self.header_at(height, head)
        undo = []
        for above in range(head.height, height, -1):
            changes = self._storage.undo(above)
            if changes is None:
                raise HeightPruned(height, self.oldest_height)
            undo.append(changes)
        return undo, header


class Rewinding:
    """The way back from the final head, read once and kept while blocks become final.

    Whoever wants several heights asks for the highest first: each costs what lies between it
    and the one above. There is one view, which the next call moves.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store
        self._view: Rewound | None = None
        self._top_height = 0
        self._height = 0
        self._returns_count = 0

    def to(self, height: int | None) -> tuple[Tables | Rewound, Head]:
        """Return the state of a height, None for the final head, and the block it is of.

        Blocks that became final meanwhile are read after the others, so that a chain that is
        faster than the whole way is still caught up with.

        Refuses: HeightPruned, HeightAhead; StaleView, in a thread that blocks overtake.
        """
        store = self._store
        for _ in range(ATTEMPTS_COUNT):
            returns_count = store.returns_count
            generation, head = store.standing()
            if height is None or height == head.height:
                return store.tables, head
            header = store.header_at(height, head)
            if self._view is None or height > self._height or returns_count != self._returns_count:
                self._view = Rewound(store.tables, ())
                self._top_height = self._height = head.height
                self._returns_count = returns_count
            if self._reach(self._view, height, head) and store.tables.generation == generation:
                self._view.stand_on(generation)
                return self._view, Head.of(header)
        raise StaleView("blocks become final faster than this height can be read")

    def _reach(self, view: Rewound, height: int, head: Head) -> bool:
        """Take in the blocks up to the head, then take back those above a height.

        False where the chain went back meanwhile. Refuses: HeightPruned.
        """
        while self._top_height < head.height:
            changes = self._store.undo(self._top_height + 1)
            if changes is None:
                return False
            view.follow(changes)
            self._top_height += 1
        while self._height > height:
            changes = self._store.undo(self._height)
            if changes is None:
                raise HeightPruned(height, self._store.oldest_height)
            view.take_back(changes)
            self._height -= 1
        return True


def _recovered(
    storage: Storage, application: Application, genesis: Genesis
) -> tuple[Tables, Header]:
    """Return the tables on disk, or those of genesis, which are stored, and whose header it is."""
    tip = storage.tip()
    if tip is None:
        tables, block = genesis_state(application, genesis)
        storage.commit_genesis(block, tables.rows(), bucket_hashes_of(tables))
        return tables, block.header
    header = _header_of(storage, tip, genesis_block(application, genesis))
    return _tables_of(storage, application, header), header


def genesis_block(application: Application, genesis: Genesis) -> Block:
    """Return the block of height 0."""
    return genesis_state(application, genesis)[1]


def bucket_hashes_of(tables: Tables) -> list[tuple[int, bytes]]:
    """Return the numbers and hashes of the buckets that hold something."""
    nodes = tables.tree.nodes
    start = BUCKETS_COUNT * HASH_BYTES
    return [
        (bucket, bytes(nodes[start + (bucket << 5) : start + (bucket << 5) + HASH_BYTES]))
        for bucket, entries in enumerate(tables.tree.buckets)
        if entries
    ]


def _header_of(storage: Storage, tip: Tip, genesis_block: Block) -> Header:
    """Return the header of the tip, once it stands on this genesis and fin stands on it."""
    if storage.block_id(0) != block_id_of(genesis_block.header):
        raise RecoveryRefused("it began with another genesis block")
    header = storage.header(tip.height)
    if header is None or block_id_of(header) != tip.block_id:
        raise RecoveryRefused(f"block {tip.height}, its last, is missing", height=tip.height)
    if header.state_root != tip.state_root:
        raise RecoveryRefused(
            f"its last block {tip.height} says another state root", height=tip.height
        )
    fin = storage.fin()
    if fin is None or fin.height > tip.height or storage.block_id(fin.height) != fin.block_id:
        raise RecoveryRefused("its highest certified block is missing")
    certificate = storage.certificate(fin.height)
    if fin.height and (certificate is None or certificate.block_id != fin.block_id):
        raise RecoveryRefused(
            f"the certificate of block {fin.height} is missing", height=fin.height
        )
    return header


def _tables_of(storage: Storage, application: Application, header: Header) -> Tables:
    """Return the tables that the rows make, once they have the root that the header says."""
    tables = Tables(application.tables)
    try:
        tables.load_placed(storage.placed_rows())
    except MalformedKey as fault:
        raise RecoveryRefused(f"a row is of no table of this program: {fault}") from fault
    if tables.root != header.state_root:
        stored = storage.bucket_hashes()
        loaded = dict(bucket_hashes_of(tables))
        wrong = [
            bucket for bucket, node in enumerate(stored) if node != loaded.get(bucket, bytes(32))
        ]
        raise RecoveryRefused(
            f"its rows do not have the root that block {header.height} says; "
            f"{len(wrong)} of {BUCKETS_COUNT} buckets are wrong",
            height=header.height,
            wrong_buckets_count=len(wrong),
        )
    return tables
