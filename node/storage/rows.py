"""Turn final blocks into the rows that make them durable. Pure: nothing is written here.

Source: docs/specs/storage.md, STORE-005 to STORE-009.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain

from chain.block.block import Block, encode_block
from chain.block.certificate import Certificate
from chain.block.header import Header, header_bytes
from chain.block.receipt import HOOKS_KIND, Receipt, decode_receipt, id_in
from chain.block.told import told_in
from chain.codec.canonical import encode
from chain.crypto.digest import ZERO_HASH
from chain.crypto.merkle import node_hash
from chain.limits import UNDO_BLOCKS
from chain.state.commitment import BUCKETS_COUNT, bucket_hash, key_hash_of
from chain.state.overlay import Overlay
from chain.state.recent import Recent, Settled
from node.storage import layout
from node.storage.batch import FinalBlock, changed_buckets_bytes
from node.storage.layout import Fin, ReceiptsRow, StoredEvent, Tip, ToldBlock

RECENT_BLOCKS = 64
RECENT_BYTES_MAX = 4 * 1024 * 1024
"""Of the rows of recent blocks, which are held in memory too."""

assert RECENT_BLOCKS < UNDO_BLOCKS, "the row of a recent block is still there"


class Rows:
    """Rows to put and to delete together, in order, and how many bytes they are."""

    __slots__ = ("changes", "size_bytes")

    def __init__(self) -> None:
        self.changes: list[tuple[bytes, bytes | None]] = []
        self.size_bytes = 0

    def put(self, key: bytes, value: bytes) -> None:
        """Put a row in place of what is there."""
        self.changes.append((key, value))
        self.size_bytes += len(key) + len(value)

    def put_each(self, rows: list[tuple[bytes, bytes]]) -> None:
        """Put rows, all of one size."""
        if rows:
            key, value = rows[0]
            self.changes += rows
            self.size_bytes += len(rows) * (len(key) + len(value))

    def delete(self, key: bytes) -> None:
        """Take a row away, if it is there."""
        self.changes.append((key, None))
        self.size_bytes += len(key)

    def append(self, later: "Rows") -> None:
        """Let other rows follow these."""
        self.changes += later.changes
        self.size_bytes += later.size_bytes


def put_block(rows: Rows, block: Block, block_id: bytes) -> None:
    """Add a block and what finds it."""
    height = block.header.height
    rows.put(layout.height_key(layout.HEADER, height), block_id + header_bytes(block.header))
    rows.put(layout.height_key(layout.BLOCK, height), encode_block(block))
    rows.put(layout.BLOCK_ID + block_id, layout.height_bytes(height))


def put_final(rows: Rows, final: FinalBlock, before: Tip, recent: Recent) -> Tip:
    """Add everything that makes one block durable but the tip, which is returned.

    `recent` is what blocks before it changed, and takes in this one; what comes to rest by that
    gets its rows. The way back over the block that is now too far back goes in the same batch.
    """
    header = final.block.header
    height = header.height
    put_block(rows, final.block, final.block_id)
    if header.epoch_end:
        rows.put(layout.height_key(layout.EPOCH, header.epoch), layout.height_bytes(height))
    overlay = final.overlay
    put_changes(rows, height, overlay, recent)
    receipts = ReceiptsRow(overlay.changes_root, final.encoded_receipts)
    rows.put(layout.height_key(layout.RECEIPTS, height), encode(receipts))
    rows.put_each(
        [
            (layout.TRANSACTION + identity, layout.location_bytes(height, index))
            for index, identity in enumerate(map(id_in, final.encoded_receipts))
            if identity != ZERO_HASH
        ]
    )
    events_count, _ = told_in(final.encoded_receipts, {})
    sequence = before.event_sequence
    if events_count:
        rows.put(layout.height_key(layout.EVENT, sequence), layout.height_bytes(height))
    return Tip(
        epoch=header.epoch,
        height=height,
        view=header.view,
        block_id=final.block_id,
        state_root=header.state_root,
        event_sequence=sequence + events_count,
        settled_height=recent.settled_height,
    )


def put_changes(rows: Rows, height: int, overlay: Overlay, recent: Recent) -> None:
    """Add what a block changes, there and back, and what comes to rest now that it is recent."""
    data = recent.take(overlay.encoded_changes)
    rows.put(layout.height_key(layout.CHANGES, height), data)
    if height > UNDO_BLOCKS:
        rows.delete(layout.height_key(layout.CHANGES, height - UNDO_BLOCKS))
    put_settled(rows, recent.settle(RECENT_BLOCKS, RECENT_BYTES_MAX))
    put_buckets(rows, height, changed_buckets_bytes(overlay))
    if height >= layout.BRANCHES_COUNT:
        rows.delete(layout.height_key(layout.BUCKETS, height - layout.BRANCHES_COUNT))


def put_settled(rows: Rows, settled: Iterable[Settled]) -> None:
    """Add rows of records that are at rest, or take away what is gone."""
    for key_hash, encoded_key, new in settled:
        place = layout.STATE + key_hash
        if new is None:
            rows.delete(place)
        else:
            rows.put(place, layout.state_value(encoded_key, new))


def take_away(rows: Rows, header: Header, block_id: bytes, receipts: Iterable[Receipt]) -> None:
    """Take away everything that finds a block, but the state it left."""
    height = header.height
    letters = (
        layout.HEADER,
        layout.BLOCK,
        layout.RECEIPTS,
        layout.CERTIFICATE,
        layout.CHANGES,
        layout.BUCKETS,
    )
    for letter in letters:
        rows.delete(layout.height_key(letter, height))
    rows.delete(layout.BLOCK_ID + block_id)
    if header.epoch_end:
        rows.delete(layout.height_key(layout.EPOCH, header.epoch))
    for receipt in receipts:
        if receipt.kind != HOOKS_KIND:
            rows.delete(layout.TRANSACTION + receipt.id)


def put_buckets(rows: Rows, height: int, data: bytes) -> None:
    """Add the hashes of the buckets that a block changed, or genesis filled, as bytes of a row."""
    rows.put(layout.height_key(layout.BUCKETS, height), data)


def put_tip(rows: Rows, tip: Tip) -> None:
    """Add which block the state rows are of."""
    rows.put(layout.TIP, encode(tip))


def put_fin(rows: Rows, tip: Tip, certificate: Certificate) -> Fin:
    """Add the certificate of the tip, and return the new fin."""
    fin = Fin(certificate.epoch, tip.height, certificate.view, tip.block_id)
    rows.put(layout.height_key(layout.CERTIFICATE, tip.height), encode(certificate))
    rows.put(layout.FIN, encode(fin))
    return fin


def put_state(rows: Rows, encoded_key: bytes, data: bytes) -> None:
    """Add one record of the state."""
    place = layout.STATE + key_hash_of(encoded_key)
    rows.put(place, layout.state_value(encoded_key, data))


def events_at(block: ToldBlock, numbers: Iterable[int]) -> Iterator[StoredEvent]:
    """Return events of a block by their numbers; of its receipts only theirs are decoded."""
    counts = (told_in((receipt,), {})[0] for receipt in block.encoded_receipts)
    ends = list(accumulate(counts, initial=0))
    looked_at, receipt = -1, None
    for number in numbers:
        place = number - block.first_seq
        at = bisect_right(ends, place) - 1
        if receipt is None or at != looked_at:
            looked_at, receipt = at, decode_receipt(block.encoded_receipts[at])
        event = receipt.events[place - ends[at]]
        yield StoredEvent(
            sequence=number,
            height=block.height,
            index=receipt.index,
            module_number=event.module_number,
            number=event.number,
            payload=bytes(event.payload),
        )


def differing_buckets(stored: Sequence[bytes], rows: Iterable[tuple[int, bytes]]) -> Iterator[int]:
    """Return the buckets that do not hash to what was stored, ascending.

    `rows` are bucket and entry (key hash, value hash), ascending.
    """
    passed = -1
    entries: list[bytes] = []
    for bucket, entry in chain(rows, [(BUCKETS_COUNT, b"")]):
        if bucket != passed:
            if passed >= 0 and bucket_hash(b"".join(entries)) != stored[passed]:
                yield passed
            # Most buckets of a small state are empty: many are looked at in one comparison.
            between = stored[passed + 1 : bucket]
            if between.count(ZERO_HASH) != len(between):
                yield from (
                    empty for empty, node in enumerate(between, passed + 1) if node != ZERO_HASH
                )
            passed, entries = bucket, []
        entries.append(entry)


def root_over(bucket_hashes: Sequence[bytes]) -> bytes:
    """Return the root of the tree over all bucket hashes."""
    level = list(bucket_hashes)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [node_hash(left, right) for left, right in pairs]
    return level[0]
