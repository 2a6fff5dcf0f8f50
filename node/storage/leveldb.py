"""Write and read the chain's folder: the only file that knows LevelDB.

One synced batch makes blocks final: all their rows, the certificate, the way back, and `tip`; or
several where it would be large, `tip` moving in each and `fin` in the last alone.  So whatever
is cut short, the rows are those of the block that `tip` names.

Whatever is read was checked: LevelDB's checksums on every read, and a header against its id, a
body against its header, receipts against their root.  What does not hold is a `StorageFault`.

Calls are synchronous and short, but for those that say that they scan.

Source: docs/specs/storage.md, STORE-010 to STORE-022.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import plyvel

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.header import block_id_of
from chain.codec.canonical import encode
from chain.state.overlay import Overlay
from chain.state.recent import Recent
from node.storage import layout, mending
from node.storage.batch import FinalBatch, branch_hashes, changed_buckets
from node.storage.fault import (
    StorageFault,
    damaged,
    foreign,
    format_unknown,
    locked,
    unreadable,
    unwritable,
)
from node.storage.layout import Fin, Meta, Tip
from node.storage.reading import Reading
from node.storage.rows import (
    Rows,
    put_block,
    put_buckets,
    put_fin,
    put_final,
    put_settled,
    put_state,
    put_tip,
    take_away,
)

T = TypeVar("T")

MEBIBYTE = 1024 * 1024
BATCH_BYTES_MAX = 8 * MEBIBYTE
"""A larger batch is split: what must be replayed after a crash stays small."""

BLOOM_BITS = 10
FILES_MAX_COUNT = 512
LOCKED = re.compile(r"IO error: lock ")


@dataclass(frozen=True)
class Tuning:
    """What changes speed and memory, never content."""

    write_buffer_bytes: int = 8 * MEBIBYTE
    """Replayed at a start after a crash; at most twice as much is held in memory."""
    cache_bytes: int = 32 * MEBIBYTE
    flush: bool = True
    """False only where a power cut may cost the chain: tests and dev chains."""


class Storage(Reading):
    """The chain on disk. Made by `open`."""

    def __init__(self, path: Path, database: Any, tuning: Tuning) -> None:
        self.path = path
        self.torn = ""
        """What was dropped when the folder was opened, for an operator to hear of."""
        self._database = database
        self._tuning = tuning
        self._tip = self._fin = None
        self._recent = Recent(0)

    @classmethod
    def open(cls, path: Path, chain_id: bytes, tuning: Tuning | None = None) -> "Storage":
        """Return the storage of a chain in a folder, made if there is none. May take seconds.

        Refuses: storage_locked, storage_damaged, storage_foreign, storage_format_unknown,
        storage_unreadable.
        """
        tuning = tuning or Tuning()
        database, torn = _opened(path, tuning)
        try:
            storage = cls(path, database, tuning)
            storage.torn = torn
            storage._require_own(chain_id)
            storage.take_up()
        except BaseException:
            database.close()
            raise
        return storage

    def close(self) -> None:
        """Let the folder go; another process may open it."""
        self._database.close()

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
        for key, _ in self._scan(prefix=layout.STATE):
            rows.delete(key)
        for encoded_key, data in state_rows:
            put_state(rows, encoded_key, data)
            if rows.size_bytes > BATCH_BYTES_MAX:
                self._write(rows)
                rows = Rows()
        put_buckets(rows, header.height, layout.buckets_bytes(dict(bucket_hashes)))
        put_block(rows, block, block_id)
        tip = Tip(header.epoch, header.height, header.view, block_id, header.state_root, 0, 0)
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
            moved = put_final(piece, block, tip, self._recent)
            self._put_branch(piece, block.overlay, moved.height)
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

    def certify(self, certificate: Certificate) -> None:
        """Keep the certificate of a block that is here already; `fin` moves up to it.

        A block may be caught up on before its certificate is heard. Refuses: storage_unwritable.
        """
        height = self.height_of(certificate.block_id)
        fin = self._fin
        assert height is not None, "certificates of other blocks are kept by nobody"
        assert fin is not None
        rows = Rows()
        rows.put(layout.height_key(layout.CERTIFICATE, height), encode(certificate))
        if height > fin.height:
            fin = Fin(certificate.epoch, height, certificate.view, certificate.block_id)
            rows.put(layout.FIN, encode(fin))
        self._write(rows)
        self._fin = fin

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
        put_settled(rows, [(one[0], one[1], one[3]) for one in overlay.encoded_changes])
        sequence = tip.event_sequence
        for above in range(tip.height, height, -1):
            gone, receipts = self._header_row(above), self.receipts(above)
            assert gone is not None
            take_away(rows, gone[1], gone[0], receipts)
            sequence -= sum(len(receipt.events) for receipt in receipts)
        for key, _ in self._scan_from(layout.EVENT, sequence):
            rows.delete(key)
        # Branches that were written meanwhile are ahead of what remains of the buckets' rows.
        hashes = {**self._buckets_of(height), **changed_buckets(overlay)}
        put_buckets(rows, height, layout.buckets_bytes(hashes))
        block_id = block_id_of(header)
        settled_height = min(tip.settled_height, height)
        tip = Tip(
            header.epoch,
            height,
            header.view,
            block_id,
            header.state_root,
            sequence,
            settled_height,
        )
        view = certificate.view if certificate else header.view
        fin = Fin(header.epoch, height, view, block_id)
        put_tip(rows, tip)
        rows.put(layout.FIN, encode(fin))
        self._write(rows)
        self._gone_back_count += 1
        self.take_up()

    def damaged_buckets(self) -> Iterator[int]:
        """Return the buckets whose rows do not hash to what was stored. Scans everything.

        It reads one moment of the folder, whatever is committed meanwhile, so it may run in a
        thread of its own. Refuses: storage_damaged, where a row cannot be read at all.
        """
        moment = self._database.snapshot()
        try:
            yield from self._damaged_buckets(moment)
        finally:
            moment.close()

    def free_bytes(self) -> int:
        """Return how much the disk still takes."""
        return shutil.disk_usage(self.path).free

    # -- the door

    def take_up(self) -> None:
        """Begin where the rows end."""
        self._tip = self._record(layout.TIP, Tip)
        self._fin = self._record(layout.FIN, Fin)
        recent = Recent(self._tip.settled_height if self._tip else 0)
        for _, changes in self._recent_changes(None):
            recent.take_again(changes)
        self._recent = recent

    def _put_branch(self, rows: Rows, overlay: Overlay, height: int) -> None:
        """Add the hashes of the branch whose turn it is, unless that is how they stand."""
        branch = height % layout.BRANCHES_COUNT
        key, hashes = layout.branch_key(branch), branch_hashes(overlay, branch)
        if hashes != (self._get(key) or layout.BRANCH_EMPTY):
            rows.put(key, hashes)

    def _write(self, rows: Rows) -> None:
        try:
            with self._database.write_batch(sync=self._tuning.flush) as batch:
                for key, value in rows.changes:
                    if value is None:
                        batch.delete(key)
                    else:
                        batch.put(key, value)
        except plyvel.Error as fault:
            raise unwritable(self.path, _words_of(fault)) from fault

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

    def _unreadable(self, fault: Exception) -> StorageFault:
        if isinstance(fault, plyvel.CorruptionError):
            return self._damaged(_words_of(fault))
        return unreadable(self.path, _words_of(fault))

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


def _opened(path: Path, tuning: Tuning) -> tuple[Any, str]:
    """Return the database, and what was dropped of a write that was torn; empty for none."""
    try:
        mending.finish(path)
        path.mkdir(parents=True, exist_ok=True)
        if not (path / "CURRENT").exists() and mending.has_rows(path):
            raise damaged(path, "it has rows, but the file CURRENT that leads to them is missing")
        return _database(path, tuning, is_strict=True), ""
    except plyvel.CorruptionError as fault:
        return _mended(path, tuning, fault)
    except (plyvel.Error, OSError) as fault:
        raise _not_opened(path, fault) from fault


def _mended(path: Path, tuning: Tuning, fault: Exception) -> tuple[Any, str]:
    """Drop what a power cut tore at the end of the last writes, if what is left is whole.

    Tried on a copy, which takes the folder's place only once every link and every row of it was
    looked at. A block that was dropped is fetched again; the vote log still knows what was signed.

    Refuses: storage_damaged, and then the folder is as it was.
    """
    try:
        copy = mending.copied(path)
        try:
            trial = Storage(copy, _database(copy, tuning, is_strict=False), tuning)
            try:
                trial.take_up()
                trial.require_whole()
                tip = trial.tip()
            finally:
                trial.close()
        except (StorageFault, plyvel.Error) as refused:
            mending.abandon(path)
            raise damaged(path, _words_of(fault)) from refused
        mending.put_in_place(path)
        height = tip.height if tip else 0
        database = _database(path, tuning, is_strict=True)
    except (plyvel.Error, OSError) as failed:
        raise _not_opened(path, failed) from failed
    told = f"the end of the last writes was torn ({_words_of(fault)})"
    return database, f"{told}; block {height} is the last whole one"


def _database(path: Path, tuning: Tuning, *, is_strict: bool) -> Any:
    return plyvel.DB(
        str(path),
        create_if_missing=True,
        paranoid_checks=is_strict,
        write_buffer_size=tuning.write_buffer_bytes,
        lru_cache_size=tuning.cache_bytes,
        max_open_files=FILES_MAX_COUNT,
        bloom_filter_bits=BLOOM_BITS,
        # Rows are written again at every level: compressing them each time costs an order 5 us.
        compression=None,
    )


def _not_opened(path: Path, fault: Exception) -> StorageFault:
    told = _words_of(fault)
    if LOCKED.search(told):
        return locked(path)
    if "missing files" in told or isinstance(fault, plyvel.CorruptionError):
        return damaged(path, told)
    return unreadable(path, told)


def _words_of(fault: Exception) -> str:
    """Return what LevelDB says, which it says in bytes."""
    said = fault.args[0] if fault.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(fault)
