"""Write and read the chain's folder: the only file that knows LevelDB.

One synced batch makes blocks final: all their rows, the certificate, the way back, and `tip`; or
several where it would be large, `tip` moving in each and `fin` in the last alone.  So whatever
is cut short, the rows are those of the block that `tip` names.

Whatever is read was checked: LevelDB's checksums on every read, and a header against its id, a
body against its header, receipts against their root.  What does not hold is a `StorageFault`.

Calls are synchronous and short, but for those that say that they scan.

Source: docs/specs/storage.md, STORE-010 to STORE-022; consensus.md a.2, 10.
"""

import shutil
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import plyvel

from chain.block.block import Block, body_fault, decode_block
from chain.block.certificate import Certificate
from chain.block.header import Header, block_id_of, parse_header
from chain.block.receipt import Receipt, decode_receipt
from chain.codec.canonical import decode, encode
from chain.codec.record import MalformedRecord
from chain.crypto.digest import TAG_RECEIPTS, ZERO_HASH, sha256, tagged
from chain.crypto.merkle import merkle_root
from chain.state.commitment import BUCKETS_COUNT, bucket_of, key_hash_of
from chain.state.overlay import Change, Overlay
from node.storage import layout
from node.storage.batch import FinalBatch
from node.storage.fault import (
    StorageFault,
    damaged,
    foreign,
    format_unknown,
    locked,
    unreadable,
    unwritable,
)
from node.storage.layout import Fin, Meta, ReceiptsRow, StoredEvent, Tip, UndoRow
from node.storage.rows import (
    Rows,
    differing_buckets,
    events_of,
    put_block,
    put_bucket,
    put_fin,
    put_final,
    put_state,
    put_state_changes,
    put_tip,
    take_away,
)

T = TypeVar("T")

MEBIBYTE = 1024 * 1024
BATCH_BYTES_MAX = 8 * MEBIBYTE
"""A larger batch is split: what must be replayed after a crash stays small."""

ROW_BYTES_MAX = 512 * MEBIBYTE
"""No row comes near it: rows are ours, and what was hashed is checked against its hash."""

BLOOM_BITS = 10
FILES_MAX_COUNT = 512


@dataclass(frozen=True)
class Tuning:
    """What changes speed and memory, never content."""

    write_buffer_bytes: int = 32 * MEBIBYTE
    cache_bytes: int = 32 * MEBIBYTE
    flush: bool = True
    """False only where a power cut may cost the chain: tests and dev chains."""


class Storage:
    """The chain on disk. Made by `open`."""

    def __init__(self, path: Path, database: Any, tuning: Tuning) -> None:
        self.path = path
        self._database = database
        self._tuning = tuning
        self._tip = self._record(layout.TIP, Tip)
        self._fin = self._record(layout.FIN, Fin)

    @classmethod
    def open(cls, path: Path, chain_id: bytes, tuning: Tuning | None = None) -> "Storage":
        """Return the storage of a chain in a folder, made if there is none. May take seconds.

        Refuses: storage_locked, storage_damaged, storage_foreign, storage_format_unknown,
        storage_unreadable.
        """
        tuning = tuning or Tuning()
        database = _opened(path, tuning)
        try:
            storage = cls(path, database, tuning)
            storage._require_own(chain_id)
        except BaseException:
            database.close()
            raise
        return storage

    def close(self) -> None:
        """Let the folder go; another process may open it."""
        self._database.close()

    def tip(self) -> Tip | None:
        """Return the block whose state the rows are, or None before genesis is stored."""
        return self._tip

    def fin(self) -> Fin | None:
        """Return the highest block with its own certificate; genesis has none and needs none."""
        return self._fin

    # -- writing

    def commit_genesis(
        self,
        block: Block,
        state_rows: Iterable[tuple[bytes, bytes]],
        bucket_hashes: Iterable[tuple[int, bytes]],
    ) -> None:
        """Store the state before the first block; what an attempt cut short left goes first.

        Refuses: storage_unwritable.
        """
        assert self._tip is None, "genesis is stored once"
        header = block.header
        block_id = block_id_of(header)
        rows = Rows()
        for letter in (layout.STATE, layout.BUCKET):
            for key, _ in self._scan(prefix=letter):
                rows.delete(key)
        for encoded_key, data in state_rows:
            put_state(rows, encoded_key, data)
            if rows.size_bytes > BATCH_BYTES_MAX:
                self._write(rows)
                rows = Rows()
        for bucket, node in bucket_hashes:
            put_bucket(rows, bucket, node)
        put_block(rows, block, block_id)
        tip = Tip(header.epoch, header.height, header.view, block_id, header.state_root, 0)
        fin = Fin(header.epoch, header.height, header.view, block_id)
        put_tip(rows, tip)
        rows.put(layout.FIN, encode(fin))
        self._write(rows)
        self._tip, self._fin = tip, fin

    def commit(self, final: FinalBatch) -> None:
        """Make blocks durable: in one synced batch, or several where they are large.

        Refuses: storage_unwritable; then the process ends, for nobody knows what is on disk.
        """
        tip, fin = self._tip, self._fin
        assert tip is not None, "genesis comes first"
        assert final.blocks[0].block.header.parent_id == tip.block_id, "blocks follow the tip"
        rows = Rows()
        for block in final.blocks:
            piece = Rows()
            moved = put_final(piece, block, tip)
            if rows.changes and rows.size_bytes + piece.size_bytes > BATCH_BYTES_MAX:
                put_tip(rows, tip)
                self._write(rows)
                self._tip, rows = tip, piece
            else:
                rows.append(piece)
            tip = moved
        put_tip(rows, tip)
        if final.certificate is not None:
            fin = put_fin(rows, tip, final.certificate)
        self._write(rows)
        self._tip, self._fin = tip, fin

    def go_back(self, height: int, overlay: Overlay) -> None:
        """Forget the blocks above a certified one; `overlay` takes the state back to it.

        For a development chain of one, which forgets its votes at the same time: one batch.
        Refuses: storage_unwritable.
        """
        tip, header = self._tip, self.header(height)
        assert tip is not None
        assert header is not None
        assert overlay.root == header.state_root, "the overlay leads to that very state"
        certificate = self.certificate(height)
        assert height == 0 or certificate is not None, "only a certified block can be fin"
        rows = Rows()
        put_state_changes(rows, overlay)
        sequence = tip.event_sequence
        for above in range(tip.height, height, -1):
            gone, receipts = self._header_row(above), self.receipts(above)
            assert gone is not None
            take_away(rows, gone[1], gone[0], receipts)
            sequence -= sum(len(receipt.events) for receipt in receipts)
        for key, _ in self._scan_from(layout.EVENT, sequence):
            rows.delete(key)
        block_id = block_id_of(header)
        tip = Tip(header.epoch, height, header.view, block_id, header.state_root, sequence)
        view = certificate.view if certificate else header.view
        fin = Fin(header.epoch, height, view, block_id)
        put_tip(rows, tip)
        rows.put(layout.FIN, encode(fin))
        self._write(rows)
        self._tip, self._fin = tip, fin

    # -- reading blocks

    def header(self, height: int) -> Header | None:
        """Return the header at a height, or None above the tip. Refuses: storage_damaged."""
        found = self._header_row(height)
        return found[1] if found else None

    def block_id(self, height: int) -> bytes | None:
        """Return the id of the block at a height, or None above the tip."""
        found = self._header_row(height)
        return found[0] if found else None

    def block(self, height: int) -> Block | None:
        """Return the block at a height, or None above the tip. Refuses: storage_damaged."""
        data = self.block_bytes(height)
        header = self.header(height)
        if data is None or header is None:
            return None
        block = self._parsed(f"block {height}", decode_block, data)
        fault = "header" if block.header != header else body_fault(block)
        if fault:
            raise self._damaged(f"block {height} does not match its {fault}")
        return block

    def block_bytes(self, height: int) -> bytes | None:
        """Return a block as it travels; whoever receives it checks it against its id."""
        return self._get(layout.height_key(layout.BLOCK, height))

    def height_of(self, block_id: bytes) -> int | None:
        """Return the height of a final block, or None."""
        data = self._get(layout.BLOCK_ID + block_id)
        return data if data is None else self._parsed("a block id", layout.height_from, data)

    def certificate(self, height: int) -> Certificate | None:
        """Return the Finalize certificate of exactly this block, if it has its own."""
        return self._record(layout.height_key(layout.CERTIFICATE, height), Certificate)

    def certificate_at_or_above(self, height: int) -> tuple[int, Certificate] | None:
        """Return the lowest certified block at or above a height, and its certificate."""
        for key, data in self._scan_from(layout.CERTIFICATE, height):
            certificate = self._parsed("a certificate", _certificate_from, data)
            return self._parsed("a certificate's place", layout.height_of_key, key), certificate
        return None

    def closing_height(self, epoch: int) -> int | None:
        """Return the height of the block that closed an epoch, or None while it is open."""
        data = self._get(layout.height_key(layout.EPOCH, epoch))
        return data if data is None else self._parsed("an epoch", layout.height_from, data)

    def closing_certificate(self, epoch: int) -> Certificate | None:
        """Return the Finalize certificate that closed an epoch, or None while it is open."""
        height = self.closing_height(epoch)
        return None if height is None else self.certificate(height)

    def receipts_row(self, height: int) -> ReceiptsRow | None:
        """Return receipts as they were hashed, with what proves them to the header.

        None above the tip, and for genesis, which has none. Refuses: storage_damaged.
        """
        row = self._record(layout.height_key(layout.RECEIPTS, height), ReceiptsRow)
        header = self.header(height)
        if row is None or header is None:
            return None
        root = tagged(TAG_RECEIPTS, merkle_root(row.receipts), row.changes_root)
        if root != header.receipts_root:
            raise self._damaged(f"the receipts of block {height} do not match its header")
        return row

    def receipts(self, height: int) -> tuple[Receipt, ...]:
        """Return what came of the transactions of a block, and of its hooks, in order."""
        row = self.receipts_row(height)
        if row is None:
            return ()
        return tuple(self._parsed("a receipt", decode_receipt, data) for data in row.receipts)

    def location(self, transaction_id: bytes) -> tuple[int, int] | None:
        """Return the height and index of a final transaction, or None."""
        data = self._get(layout.TRANSACTION + transaction_id)
        return data if data is None else self._parsed("a location", layout.location_from, data)

    def events(self, from_sequence: int, limit: int) -> list[StoredEvent]:
        """Return events by number since genesis, at most `limit` of them."""
        found: list[StoredEvent] = []
        tip = self._tip
        if tip is None or not 0 <= from_sequence < tip.event_sequence or limit <= 0:
            return found
        for key, data in self._scan_from(layout.EVENT, self._first_sequence(from_sequence)):
            sequence = self._parsed("an event's place", layout.height_of_key, key)
            height = self._parsed("an event's height", layout.height_from, data)
            for event in events_of(self.receipts(height), height, sequence):
                if event.sequence >= from_sequence:
                    found.append(event)
                if len(found) == limit:
                    return found
        return found

    def _first_sequence(self, sequence: int) -> int:
        """Return the number of the first event of the block in which an event was told."""
        stop = layout.height_key(layout.EVENT, sequence)
        for key, _ in self._scan(start=layout.EVENT, stop=stop, include_stop=True, reverse=True):
            return self._parsed("an event's place", layout.height_of_key, key)
        raise self._damaged(f"no block holds event {sequence}")

    # -- reading state

    def rows(self) -> Iterator[tuple[bytes, bytes]]:
        """Return encoded key and record of every row, by key hash. Scans.

        Refuses: storage_damaged, also for a row whose key does not hash to its place.
        """
        for place, value in self._scan(prefix=layout.STATE):
            encoded_key, data = self._parsed("a state row", layout.state_row, value)
            if key_hash_of(encoded_key) != place[1:]:
                raise self._damaged(f"state row {place[1:9].hex()} holds another key")
            yield encoded_key, data

    def undo(self, height: int) -> tuple[Change, ...] | None:
        """Return the way back over one block: `old` of each key it changed; `new` is not kept.

        None for a block that is too far back, or not here.
        """
        data = self._get(layout.height_key(layout.UNDO, height))
        if data is None:
            return None
        rows = self._parsed(f"the way back over block {height}", _undo_from, data)
        return tuple(Change(key_hash_of(row.key), row.key, row.old, None) for row in rows)

    def oldest_undo_height(self) -> int | None:
        """Return the lowest block over which there is a way back."""
        for key, _ in self._scan(prefix=layout.UNDO):
            return self._parsed("a way back", layout.height_of_key, key)
        return None

    def bucket_hashes(self) -> list[bytes]:
        """Return the stored hash of every bucket. Scans 65,536 rows at most."""
        return self._bucket_hashes(self._scan(prefix=layout.BUCKET))

    def damaged_buckets(self) -> Iterator[int]:
        """Return the buckets whose rows do not hash to what was stored. Scans everything.

        It reads one moment of the folder, whatever is committed meanwhile, so it may run in a
        thread of its own. Refuses: storage_damaged, where a row cannot be read at all.
        """
        moment = self._database.snapshot()
        try:
            stored = self._bucket_hashes(self._scan(moment, prefix=layout.BUCKET))
            rows = (
                (bucket_of(place[1:]), place[1:] + sha256(self._record_in(value)))
                for place, value in self._scan(moment, prefix=layout.STATE)
            )
            yield from differing_buckets(stored, rows)
        finally:
            moment.close()

    def free_bytes(self) -> int:
        """Return how much the disk still takes."""
        return shutil.disk_usage(self.path).free

    # -- the door

    def _write(self, rows: Rows) -> None:
        try:
            with self._database.write_batch(sync=self._tuning.flush) as batch:
                for key, value in rows.changes:
                    if value is None:
                        batch.delete(key)
                    else:
                        batch.put(key, value)
        except plyvel.Error as fault:
            raise unwritable(self.path, str(fault)) from fault

    def _get(self, key: bytes) -> bytes | None:
        try:
            found: bytes | None = self._database.get(key, verify_checksums=True)
        except plyvel.Error as fault:
            raise self._unreadable(fault) from fault
        return found

    def _scan(self, source: Any = None, **bounds: Any) -> Iterator[tuple[bytes, bytes]]:
        try:
            reader = source or self._database
            with reader.iterator(verify_checksums=True, **bounds) as rows:
                yield from rows
        except plyvel.Error as fault:
            raise self._unreadable(fault) from fault

    def _scan_from(self, letter: bytes, place: int) -> Iterator[tuple[bytes, bytes]]:
        after = bytes((letter[0] + 1,))
        return self._scan(start=layout.height_key(letter, place), stop=after)

    def _record(self, key: bytes, kind: type[T]) -> T | None:
        data = self._get(key)
        if data is None:
            return None
        return self._parsed(
            f"a {kind.__name__}", lambda data: decode(kind, data, ROW_BYTES_MAX), data
        )

    def _header_row(self, height: int) -> tuple[bytes, Header] | None:
        data = self._get(layout.height_key(layout.HEADER, height))
        if data is None:
            return None
        header = self._parsed(f"header {height}", parse_header, data[32:])
        if block_id_of(header) != data[:32] or header.height != height:
            raise self._damaged(f"header {height} does not match its id")
        return data[:32], header

    def _bucket_hashes(self, rows: Iterator[tuple[bytes, bytes]]) -> list[bytes]:
        hashes = [ZERO_HASH] * BUCKETS_COUNT
        for key, node in rows:
            hashes[self._parsed("a bucket's place", layout.bucket_of_key, key)] = node
        return hashes

    def _record_in(self, value: bytes) -> bytes:
        return self._parsed("a state row", layout.state_row, value)[1]

    def _parsed(self, what: str, parse: Callable[[bytes], T], data: bytes) -> T:
        try:
            return parse(data)
        except (MalformedRecord, struct.error, ValueError) as fault:
            raise self._damaged(f"{what} cannot be read: {fault}") from fault

    def _damaged(self, what: str) -> StorageFault:
        return damaged(self.path, what)

    def _unreadable(self, fault: Exception) -> StorageFault:
        if isinstance(fault, plyvel.CorruptionError):
            return self._damaged(str(fault))
        return unreadable(self.path, str(fault))

    def _require_own(self, chain_id: bytes) -> None:
        meta = self._record(layout.META, Meta)
        if meta is None:
            if next(self._scan(), None) is not None:
                raise self._damaged("it has rows but does not say of which chain")
            rows = Rows()
            rows.put(layout.META, encode(Meta(layout.VERSION, chain_id)))
            self._write(rows)
        elif meta.version != layout.VERSION:
            raise format_unknown(self.path, meta.version, layout.VERSION)
        elif meta.chain_id != chain_id:
            raise foreign(self.path, meta.chain_id, chain_id)


def _opened(path: Path, tuning: Tuning) -> Any:
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not (path / "CURRENT").exists() and any(path.glob("*.ldb")):
            raise damaged(path, "it has rows, but the file CURRENT that leads to them is missing")
        return plyvel.DB(
            str(path),
            create_if_missing=True,
            paranoid_checks=True,
            write_buffer_size=tuning.write_buffer_bytes,
            lru_cache_size=tuning.cache_bytes,
            max_open_files=FILES_MAX_COUNT,
            bloom_filter_bits=BLOOM_BITS,
        )
    except (plyvel.Error, OSError) as fault:
        told = str(fault)
        if "lock" in told:
            raise locked(path) from fault
        if isinstance(fault, plyvel.CorruptionError) or "missing files" in told:
            raise damaged(path, told) from fault
        raise unreadable(path, told) from fault


def _certificate_from(data: bytes) -> Certificate:
    return decode(Certificate, data)


def _undo_from(data: bytes) -> tuple[UndoRow, ...]:
    return decode(tuple[UndoRow, ...], data, ROW_BYTES_MAX)
