"""Which row holds what, and in which bytes.

Every key is one letter and a place; every number in a key is big-endian, so that rows of one
letter lie in order of their place.

    m                  -> [version, chain id]
    t                  -> tip  [epoch, height, view, block id, state root, event sequence,
                                settled height]
    f                  -> fin  [epoch, height, view, block id]
    s | key hash 32    -> key length u16 | key | record, if no block above the settled height
                          changed it; otherwise whatever it was
    d | height u64     -> block id 32 | header 397
    b | height u64     -> block as it travels: [header, [transactions, oracle section, evidence]]
    r | height u64     -> [changes root, [receipt, ...]]; none for genesis
    c | height u64     -> Finalize certificate of the block at this height
    u | height u64     -> [[key, value before the block or nil, after it or nil], ...];
                          the last 1,000 blocks
    h | height u64     -> numbers u16 of the buckets that the block changed | their hashes;
                          the last 256 blocks, and genesis among them
    k | branch u8      -> hashes of its 256 buckets, as they were when it was last written
    i | block id 32    -> height u64
    x | tx id 32       -> height u64 | index u32
    e | sequence u64   -> height u64, for the first event of each block that has any
    g | epoch u64      -> height u64 of the block that closed the epoch

Source: docs/specs/storage.md, STORE-001 to STORE-004.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct

from chain.block.receipt import Receipt, decode_receipt
from chain.codec.record import Blob, Hash, record
from chain.state.commitment import BUCKETS_COUNT, HASH_BYTES

VERSION = 2

META = b"m"
TIP = b"t"
FIN = b"f"
STATE = b"s"
BUCKETS = b"h"
BRANCH = b"k"
HEADER = b"d"
BLOCK = b"b"
RECEIPTS = b"r"
CERTIFICATE = b"c"
CHANGES = b"u"
BLOCK_ID = b"i"
TRANSACTION = b"x"
EVENT = b"e"
EPOCH = b"g"

_HEIGHT = Struct(">Q")
_LOCATION = Struct(">QI")
KEY_LENGTH_BYTES = 2

BRANCHES_COUNT = 256
BRANCH_BUCKETS_COUNT = BUCKETS_COUNT // BRANCHES_COUNT
BRANCH_EMPTY = bytes(BRANCH_BUCKETS_COUNT * HASH_BYTES)
"""A branch that was never written: genesis and later blocks say all of it, or it holds nothing."""

BUCKET_NUMBER_BYTES = 2


@record
class Meta:
    """Whose rows these are, and how they are written."""

    version: int
    chain_id: Hash


@record
class Tip:
    """The last block whose state is in the rows; always final, not always with its own certificate.

    `event_sequence` is the number of the next event that will be told. What blocks above
    `settled_height` changed is in their rows alone, not in state rows.
    """

    epoch: int
    height: int
    view: int
    block_id: Hash
    state_root: Hash
    event_sequence: int
    settled_height: int


@record
class Fin:
    """The highest block with its own Finalize certificate; `view` is the certificate's."""

    epoch: int
    height: int
    view: int
    block_id: Hash


@record
class ChangeRow:
    """What a key held before a block and after it; nil where it was absent."""

    key: Blob
    old: Blob | None
    new: Blob | None


@record
class ReceiptsRow:
    """Receipts of a block, each as it was hashed, and the root over the block's changes.

    Together they hash to the header's `receipts_root`, so that each proves itself.
    """

    changes_root: Hash
    receipts: tuple[Blob, ...]


@record
class StoredEvent:
    """One event with its number since genesis and where it happened.

    `index` is that of its receipt; module and number name the event (docs/reference).
    """

    sequence: int
    height: int
    index: int
    module_number: int
    number: int
    payload: Blob


@dataclass(frozen=True, slots=True)
class ToldBlock:
    """A block that has events: the number of the first, how many, and its receipts as stored."""

    height: int
    first_seq: int
    events_count: int
    encoded_receipts: tuple[bytes, ...]

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """What came of its transactions and hooks. Refuses: MalformedRecord."""
        return tuple(map(decode_receipt, self.encoded_receipts))


def height_key(letter: bytes, height: int) -> bytes:
    """Return the key of a row by height; or by sequence, or epoch."""
    return letter + _HEIGHT.pack(height)


def height_of_key(key: bytes) -> int:
    """Return the height, or sequence, in a row's key."""
    return int(_HEIGHT.unpack(key[1:])[0])


def height_bytes(height: int) -> bytes:
    """Return a height as a row holds it."""
    return _HEIGHT.pack(height)


def height_from(data: bytes) -> int:
    """Return the height that a row holds. Refuses: struct.error."""
    return int(_HEIGHT.unpack(data)[0])


def branch_key(branch: int) -> bytes:
    """Return the key of the hashes of a branch's buckets."""
    return BRANCH + bytes((branch,))


def branch_from(key: bytes, data: bytes) -> tuple[int, list[bytes]]:
    """Return the first bucket of a branch, and the hashes that its row holds.

    Refuses: ValueError, for anything but a hash for each.
    """
    (branch,) = key[1:]
    if len(data) != BRANCH_BUCKETS_COUNT * HASH_BYTES:
        raise ValueError(f"{len(data)} bytes are not the hashes of a branch")
    starts = range(0, len(data), HASH_BYTES)
    return branch * BRANCH_BUCKETS_COUNT, [data[at : at + HASH_BYTES] for at in starts]


def buckets_bytes(hashes: Mapping[int, bytes]) -> bytes:
    """Return buckets and their hashes as a row holds them: all numbers, then all hashes."""
    return Struct(f">{len(hashes)}H").pack(*hashes) + b"".join(hashes.values())


def buckets_from(data: bytes) -> dict[int, bytes]:
    """Return the buckets and hashes that a row holds. Refuses: struct.error."""
    count = len(data) // (BUCKET_NUMBER_BYTES + HASH_BYTES)
    *numbers, hashes = Struct(f">{count}H{count * HASH_BYTES}s").unpack(data)
    starts = range(0, len(hashes), HASH_BYTES)
    return dict(zip(numbers, (hashes[at : at + HASH_BYTES] for at in starts), strict=True))


def location_bytes(height: int, index: int) -> bytes:
    """Return where a transaction is, as a row holds it."""
    return _LOCATION.pack(height, index)


def location_from(data: bytes) -> tuple[int, int]:
    """Return the height and index that a row holds. Refuses: struct.error."""
    height, index = _LOCATION.unpack(data)
    return height, index


def state_value(encoded_key: bytes, data: bytes) -> bytes:
    """Return the value of a state row: the key, then the record."""
    return len(encoded_key).to_bytes(KEY_LENGTH_BYTES, "big") + encoded_key + data


def state_row(value: bytes) -> tuple[bytes, bytes]:
    """Return the key and the record of a state row.

    Refuses: ValueError, for bytes too short for their own key.
    """
    size_bytes = len(value)
    # Asked a million times at a start: two bytes are read faster than a slice of them.
    end = 2 + (value[0] << 8 | value[1]) if size_bytes >= KEY_LENGTH_BYTES else size_bytes + 1
    if end > size_bytes:
        raise ValueError(f"a state row of {size_bytes} bytes cannot hold its key")
    return value[KEY_LENGTH_BYTES:end], value[end:]
