"""What the rows say: blocks, what came of them, and the state, each checked as it is read.

It knows which row holds what, and nothing of how rows are kept: `_get` and `_scan` are whoever
derives from it.

Source: docs/specs/storage.md, STORE-011, STORE-015, STORE-020.
"""

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from chain.block.block import Block, body_fault, decode_block
from chain.block.certificate import Certificate
from chain.block.header import Header, block_id_of, parse_header
from chain.block.receipt import Receipt, decode_receipt
from chain.codec.canonical import decode
from chain.codec.record import MalformedRecord
from chain.crypto.digest import TAG_RECEIPTS, ZERO_HASH, sha256, tagged
from chain.crypto.merkle import merkle_root
from chain.state.commitment import BUCKETS_COUNT, bucket_of, key_hash_of
from chain.state.journal import Change
from node.storage import layout
from node.storage.fault import StorageFault, damaged
from node.storage.layout import ChangeRow, Fin, ReceiptsRow, StoredEvent, Tip, ToldBlock
from node.storage.rows import differing_buckets, events_at, root_over

T = TypeVar("T")

ROW_BYTES_MAX = 512 * 1024 * 1024
"""No row comes near it: rows are ours, and what was hashed is checked against its hash."""


RECEIPTS_KEPT_BLOCKS = 4
"""Whoever asks for one receipt of a block asks for more; to prove one is to hash them all."""


class Reading(ABC):
    """Reads rows, wherever they are kept."""

    path: Path
    _tip: Tip | None
    _fin: Fin | None
    _gone_back_count = 0
    """How often blocks were forgotten: what was read before is of another chain."""
    _receipts_kept: tuple[tuple[tuple[int, int], ReceiptsRow], ...] = ()

    @abstractmethod
    def _get(self, key: bytes) -> bytes | None:
        """Return the value of a row. Refuses: storage_damaged, storage_unreadable."""

    @abstractmethod
    def _scan(self, source: Any = None, **bounds: Any) -> Iterator[tuple[bytes, bytes]]:
        """Return the rows within bounds, in order. Refuses: as `_get`."""

    def tip(self) -> Tip | None:
        """Return the block whose state the rows are, or None before genesis is stored."""
        return self._tip

    def fin(self) -> Fin | None:
        """Return the highest block with its own certificate; genesis has none and needs none."""
        return self._fin

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

        None above the tip, and for genesis, which has none. Those that were read last are kept.
        Refuses: storage_damaged.
        """
        place = height, self._gone_back_count
        for kept_place, kept in self._receipts_kept:
            if kept_place == place:
                return kept
        row = self._record(layout.height_key(layout.RECEIPTS, height), ReceiptsRow)
        header = self.header(height)
        if row is None or header is None:
            return None
        root = tagged(TAG_RECEIPTS, merkle_root(row.receipts), row.changes_root)
        if root != header.receipts_root:
            raise self._damaged(f"the receipts of block {height} do not match its header")
        # Replaced and never changed: any thread may read.
        self._receipts_kept = ((place, row), *self._receipts_kept[: RECEIPTS_KEPT_BLOCKS - 1])
        return row

    def receipts(self, height: int) -> tuple[Receipt, ...]:
        """Return what came of the transactions of a block, and of its hooks, in order."""
        row = self.receipts_row(height)
        if row is None:
            return ()
        return tuple(self._parsed("a receipt", decode_receipt, data) for data in row.receipts)

    def receipt(self, height: int, index: int) -> Receipt | None:
        """Return what came of one transaction of a block; None where the block has no such."""
        row = self.receipts_row(height)
        if row is None or not 0 <= index < len(row.receipts):
            return None
        return self._parsed("a receipt", decode_receipt, row.receipts[index])

    def location(self, transaction_id: bytes) -> tuple[int, int] | None:
        """Return the height and index of a final transaction, or None."""
        data = self._get(layout.TRANSACTION + transaction_id)
        return data if data is None else self._parsed("a location", layout.location_from, data)

    def events(self, from_sequence: int, limit: int) -> list[StoredEvent]:
        """Return events by number since genesis, at most `limit` of them."""
        found: list[StoredEvent] = []
        for block in self.told(from_sequence, limit) if limit > 0 else ():
            first = max(block.first_seq, from_sequence)
            end = min(block.first_seq + block.events_count, from_sequence + limit)
            found += events_at(block, range(first, end))
        return found

    def told(self, from_sequence: int, limit: int) -> list[ToldBlock]:
        """Return whole blocks with events from the one that told this number on.

        As many as it takes for `limit` events, counted from the number asked for.
        """
        found: list[ToldBlock] = []
        for block in self._told_from(from_sequence):
            found.append(block)
            if block.first_seq + block.events_count - from_sequence >= limit:
                break
        return found

    def _told_from(self, sequence: int) -> Iterator[ToldBlock]:
        tip = self._tip
        if tip is None or not 0 <= sequence < tip.event_sequence:
            return
        height, first = 0, -1
        for key, data in self._scan_from(layout.EVENT, self._first_sequence(sequence)):
            following = self._parsed("an event's place", layout.height_of_key, key)
            if following >= tip.event_sequence:
                break  # committed since the tip was looked at
            if first >= 0:
                yield self._told_block(height, first, following)
            height, first = self._parsed("an event's height", layout.height_from, data), following
        yield self._told_block(height, first, tip.event_sequence)

    def _told_block(self, height: int, first_seq: int, end_seq: int) -> ToldBlock:
        row = self.receipts_row(height)
        return ToldBlock(height, first_seq, end_seq - first_seq, row.receipts if row else ())

    def _first_sequence(self, sequence: int) -> int:
        """Return the number of the first event of the block in which an event was told."""
        stop = layout.height_key(layout.EVENT, sequence)
        for key, _ in self._scan(start=layout.EVENT, stop=stop, include_stop=True, reverse=True):
            return self._parsed("an event's place", layout.height_of_key, key)
        raise self._damaged(f"no block holds event {sequence}")

    # -- reading state

    def rows(self) -> Iterator[tuple[bytes, bytes]]:
        """Return encoded key and record of every row, by key hash. Scans.

        Refuses: as `placed_rows`.
        """
        return ((encoded_key, data) for _, encoded_key, data in self.placed_rows())

    def placed_rows(self) -> Iterator[tuple[bytes, bytes, bytes]]:
        """Return key hash, encoded key and record of every row, by key hash. Scans.

        Refuses: storage_damaged, also for a row whose key does not hash to its place.
        """
        for row in self._state(None):
            if key_hash_of(row[1]) != row[0]:
                raise self._damaged(f"state row {row[0][:8].hex()} holds another key")
            yield row

    def _state(self, source: Any) -> Iterator[tuple[bytes, bytes, bytes]]:
        """Return place, encoded key and record of every row, by place: the last change of each."""
        latest = {one.key_hash: one for _, each in self._recent_changes(source) for one in each}
        changed = iter(sorted(latest.values(), key=itemgetter(0)))
        change = next(changed, None)
        for place, value in self._scan(source, prefix=layout.STATE):
            key_hash = place[1:]
            while change is not None and change.key_hash < key_hash:
                if change.new is not None:
                    yield change.key_hash, change.encoded_key, change.new
                change = next(changed, None)
            if change is not None and change.key_hash == key_hash:
                continue  # the row is older than the change, whose turn is next
            try:
                encoded_key, data = layout.state_row(value)
            except ValueError as fault:
                raise self._damaged(f"a state row cannot be read: {fault}") from fault
            yield key_hash, encoded_key, data
        while change is not None:
            if change.new is not None:
                yield change.key_hash, change.encoded_key, change.new
            change = next(changed, None)

    def _recent_changes(self, source: Any) -> Iterator[tuple[int, tuple[Change, ...]]]:
        """Return each height above the settled one and what its block changed."""
        for _, data in self._scan(source, prefix=layout.TIP):
            tip = self._parsed("the tip", _tip_from, data)
            height = tip.settled_height
            for key, row in self._scan_from(layout.CHANGES, height + 1, source):
                height += 1
                if height != self._parsed("a change's place", layout.height_of_key, key):
                    break
                yield height, self._changes_in(height, row)
            if height != tip.height:
                raise self._damaged(f"what block {height} changed is missing")

    def undo(self, height: int) -> tuple[Change, ...] | None:
        """Return the way back over one block: each key it changed, before and after.

        None for a block that is too far back, or not here.
        """
        data = self._get(layout.height_key(layout.CHANGES, height))
        return None if data is None else self._changes_in(height, data)

    def oldest_undo_height(self) -> int | None:
        """Return the lowest block over which there is a way back."""
        for key, _ in self._scan(prefix=layout.CHANGES):
            return self._parsed("a way back", layout.height_of_key, key)
        return None

    def bucket_hashes(self) -> list[bytes]:
        """Return the stored hash of every bucket. Scans some megabytes."""
        return self._bucket_hashes(None)

    def _damaged_buckets(self, source: Any) -> Iterator[int]:
        """Return the buckets whose rows do not hash to what was stored, in one source of rows."""
        rows = ((bucket_of(place), place + sha256(data)) for place, _, data in self._state(source))
        yield from differing_buckets(self._bucket_hashes(source), rows)

    def require_whole(self) -> None:
        """Refuse unless all rows together are the chain up to the tip: every link and every row.

        What a torn write may leave behind is looked at this closely, before it is believed.
        Scans everything. Refuses: storage_damaged.
        """
        tip = self._tip
        if tip is None:
            return
        parent_id = ZERO_HASH
        for height in range(tip.height + 1):
            found = self._header_row(height)
            if found is None or found[1].parent_id != parent_id:
                raise self._damaged(f"block {height} is missing between others")
            parent_id = found[0]
        if parent_id != tip.block_id:
            raise self._damaged("the last block is another than the tip")
        wrong = next(self._damaged_buckets(None), None)
        if wrong is not None or root_over(self.bucket_hashes()) != tip.state_root:
            raise self._damaged(f"its rows are not the state of block {tip.height}")

    # -- inside

    def _scan_from(
        self, letter: bytes, place: int, source: Any = None
    ) -> Iterator[tuple[bytes, bytes]]:
        after = bytes((letter[0] + 1,))
        return self._scan(source, start=layout.height_key(letter, place), stop=after)

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

    def _bucket_hashes(self, source: Any) -> list[bytes]:
        """Return the hash of every bucket: those of its branch, then what blocks changed since."""
        hashes = [ZERO_HASH] * BUCKETS_COUNT
        for key, data in self._scan(source, prefix=layout.BRANCH):
            start, branch = self._parsed("a branch", partial(layout.branch_from, key), data)
            hashes[start : start + len(branch)] = branch
        for _, data in self._scan(source, prefix=layout.BUCKETS):
            for bucket, node in self._parsed("buckets", layout.buckets_from, data).items():
                hashes[bucket] = node
        return hashes

    def _buckets_of(self, height: int) -> dict[int, bytes]:
        """Return the hashes of the buckets that a block changed; none where it is too far back."""
        data = self._get(layout.height_key(layout.BUCKETS, height))
        return {} if data is None else self._parsed("buckets", layout.buckets_from, data)

    def _changes_in(self, height: int, data: bytes) -> tuple[Change, ...]:
        rows = self._parsed(f"what block {height} changed", _changes_from, data)
        return tuple(Change(key_hash_of(row.key), row.key, row.old, row.new) for row in rows)

    def _parsed(self, what: str, parse: Callable[[bytes], T], data: bytes) -> T:
        try:
            return parse(data)
        except (MalformedRecord, struct.error, ValueError) as fault:
            raise self._damaged(f"{what} cannot be read: {fault}") from fault

    def _damaged(self, what: str) -> StorageFault:
        return damaged(self.path, what)


def _certificate_from(data: bytes) -> Certificate:
    return decode(Certificate, data)


def _changes_from(data: bytes) -> tuple[ChangeRow, ...]:
    return decode(tuple[ChangeRow, ...], data, ROW_BYTES_MAX)


def _tip_from(data: bytes) -> Tip:
    return decode(Tip, data)
