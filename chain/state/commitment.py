"""The bucketed Merkle tree under the state root, which depends on content alone.

A key's hash puts it into one of 65,536 buckets by its first 16 bits.  A bucket is the
sorted run of its entries, key hash and value hash, and its hash covers their count.
Above the buckets stands a perfect binary tree.  A bucket of more than 256 entries, which
only someone grinding keys can make, hashes as 16 parts by the next four bits, and so on.

The bottom tree is whole and flat; each block over it is a thin layer of what differs.

Source: docs/specs/state.md, STATE-010 to STATE-016.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Protocol, TypeAlias

from chain.crypto.digest import TAG_KEY, ZERO_HASH, tagged
from chain.kernel.level import kernel

DEPTH = 16
BUCKETS_COUNT = 1 << DEPTH
BUCKET_ENTRIES_MAX_COUNT = 256
BUCKET_NIBBLES = 4
FANOUT = 16
ENTRY_BYTES = 64
HASH_BYTES = 32

HashedChange: TypeAlias = tuple[bytes, bytes | None]
"""Hash of a key, and hash of its new value; None where the key goes."""


def key_hash_of(encoded_key: bytes) -> bytes:
    """Return the hash that places a key: SHA-256 of the key's tag and its encoding."""
    return tagged(TAG_KEY, encoded_key)


def bucket_of(key_hash: bytes) -> int:
    """Return the bucket of a key: the first 16 bits of its hash."""
    return key_hash[0] << 8 | key_hash[1]


def _place_of(entries: bytes, key_hash: bytes) -> int:
    """Return how many entries are smaller than this key hash."""
    low, high = 0, len(entries) >> 6
    while low < high:
        middle = (low + high) >> 1
        start = middle << 6
        if entries[start : start + HASH_BYTES] < key_hash:
            low = middle + 1
        else:
            high = middle
    return low


def _start_of(entries: bytes, key_hash: bytes) -> tuple[int, bool]:
    """Return where an entry is or belongs, in bytes, and whether it is there."""
    start = entries.find(key_hash)
    if start & 63 == 0:  # not for -1, nor for a match across two entries
        return start, True
    start = _place_of(entries, key_hash) << 6
    return start, entries[start : start + HASH_BYTES] == key_hash


def value_hash_in(entries: bytes, key_hash: bytes) -> bytes | None:
    """Return the value hash that a bucket holds under a key hash, or None."""
    start, present = _start_of(entries, key_hash)
    return entries[start + HASH_BYTES : start + ENTRY_BYTES] if present else None


def packed_changes(changes: Sequence[HashedChange]) -> bytes:
    """Return changes as entries, one after the other: zeros for the value hash where a key goes."""
    return b"".join([key_hash + (value_hash or ZERO_HASH) for key_hash, value_hash in changes])


def changed_entries(entries: bytes, changes: bytes) -> bytes:
    """Return a bucket's entries after packed changes; both ascend by key hash."""
    pieces: list[bytes] = []
    done = 0
    for at in range(0, len(changes), ENTRY_BYTES):
        change = changes[at : at + ENTRY_BYTES]
        start, present = _start_of(entries, change[:HASH_BYTES])
        pieces.append(entries[done:start])
        if change[HASH_BYTES:] != ZERO_HASH:
            pieces.append(change)
        done = start + ENTRY_BYTES if present else start
    pieces.append(entries[done:])
    return b"".join(pieces)


def nibble_of(key_hash: bytes, depth: int) -> int:
    """Return four bits of a key hash, the first four at depth 0."""
    byte = key_hash[depth >> 1]
    return byte & 15 if depth & 1 else byte >> 4


def parts_of(entries: bytes, depth: int) -> list[bytes]:
    """Return the 16 runs into which entries fall by the four bits at this depth."""
    first = entries[:HASH_BYTES]
    whole_bytes = depth >> 1
    starts: list[int] = []
    for nibble in range(FANOUT):
        byte = (first[whole_bytes] & 0xF0) | nibble if depth & 1 else nibble << 4
        bound = first[:whole_bytes] + bytes((byte,))
        starts.append(_place_of(entries, bound) << 6)
    starts.append(len(entries))
    return [entries[start:end] for start, end in pairwise(starts)]


def bucket_hash(entries: bytes, depth: int = BUCKET_NIBBLES) -> bytes:
    """Return the hash of a sorted run of entries that agree on their first nibbles.

    empty        32 zero bytes
    up to 256    SHA-256(0x00 | count u32 | entries)
    more         SHA-256(0x02 | hashes of its 16 parts by the next four bits)
    """
    if kernel is not None:
        found: bytes = kernel.bucket_hash(entries, depth)
        return found
    if not entries:
        return ZERO_HASH
    count = len(entries) >> 6
    if count <= BUCKET_ENTRIES_MAX_COUNT:
        return sha256(b"\x00" + count.to_bytes(4, "big") + entries).digest()
    children = [bucket_hash(part, depth + 1) for part in parts_of(entries, depth)]
    return sha256(b"\x02" + b"".join(children)).digest()


class Nodes(Protocol):
    """Hashes by heap place: a dict, or what the kernel packs."""

    def get(self, place: int, /) -> bytes | None:
        """Return the hash at a place, or None."""
        ...

    def items(self) -> Iterable[tuple[int, bytes]]:
        """Return every place and its hash."""
        ...

    def __getitem__(self, place: int, /) -> bytes:
        """Return the hash at a place where there is one."""
        ...

    def __contains__(self, place: object, /) -> bool:
        """Return whether there is one."""
        ...


class Layer:
    """What differs from the tree below: packed changes, and node hashes by heap place.

    In a heap the root is 1, the children of a node are at twice its place and one more,
    and bucket b is at 65,536 + b.
    """

    __slots__ = ("changes", "nodes", "root")

    def __init__(self, changes: bytes, nodes: Nodes, root: bytes) -> None:
        self.changes = changes
        self.nodes = nodes
        self.root = root

    def changes_in(self, bucket: int) -> bytes:
        """Return what differs in one bucket."""
        start = _place_of(self.changes, bucket.to_bytes(2, "big")) << 6
        end = len(self.changes)
        if bucket < BUCKETS_COUNT - 1:
            end = _place_of(self.changes, (bucket + 1).to_bytes(2, "big")) << 6
        return self.changes[start:end]


def _by_bucket(changes: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each bucket that changes are in, ascending, and those in it."""
    start = 0
    for end in range(ENTRY_BYTES, len(changes) + ENTRY_BYTES, ENTRY_BYTES):
        if changes[end : end + 2] != changes[start : start + 2]:
            yield bucket_of(changes[start : start + 2]), changes[start:end]
            start = end


@cache
def _empty_nodes() -> bytes:
    """Return the heap of a tree of no rows, made once: four megabytes."""
    levels: list[bytes] = []
    width, running = BUCKETS_COUNT, ZERO_HASH
    while width:
        levels.append(running * width)
        running = sha256(b"\x01" + running + running).digest()
        width >>= 1
    levels.append(ZERO_HASH)  # heap place 0 is nobody's
    return b"".join(reversed(levels))


class BucketTree:
    """The whole tree over what is final."""

    __slots__ = ("buckets", "nodes")

    def __init__(self) -> None:
        self.buckets: list[bytes] = [b""] * BUCKETS_COUNT
        self.nodes = bytearray(_empty_nodes())

    @property
    def root(self) -> bytes:
        """Return the root of the tree."""
        return bytes(self.nodes[HASH_BYTES : 2 * HASH_BYTES])

    def fill(self, joined: bytes) -> None:
        """Become the tree of these entries, joined, which strictly ascend by key hash."""
        if kernel is not None:
            self.buckets, self.nodes = kernel.filled(joined)
            return
        starts = range(0, len(joined), ENTRY_BYTES)
        key_hashes = [joined[start : start + HASH_BYTES] for start in starts]
        place = 0
        level: list[bytes] = []
        for bucket in range(BUCKETS_COUNT):
            last = bucket == BUCKETS_COUNT - 1
            bound = b"" if last else (bucket + 1).to_bytes(2, "big")
            end = len(key_hashes) if last else bisect_left(key_hashes, bound, place)
            self.buckets[bucket] = joined[place << 6 : end << 6]
            level.append(bucket_hash(self.buckets[bucket]))
            place = end
        levels = [b"".join(level)]
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=True)
            level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
            levels.append(b"".join(level))
        levels.append(ZERO_HASH)
        self.nodes[:] = b"".join(reversed(levels))

    def fold(self, layer: Layer) -> None:
        """Take over what a layer changes."""
        nodes = self.nodes
        if kernel is not None:
            kernel.fold(self.buckets, nodes, layer.changes, layer.nodes)
            return
        for bucket, changes in _by_bucket(layer.changes):
            self.buckets[bucket] = changed_entries(self.buckets[bucket], changes)
        for place, node in layer.nodes.items():
            nodes[place << 5 : (place << 5) + HASH_BYTES] = node


def entries_at(tree: BucketTree, layers: Sequence[Layer], bucket: int) -> bytes:
    """Return the entries of a bucket with what every layer changes in it."""
    entries = tree.buckets[bucket]
    for layer in layers:
        entries = changed_entries(entries, layer.changes_in(bucket))
    return entries


def node_at(tree: BucketTree, layers: Sequence[Layer], place: int) -> bytes:
    """Return the hash at a heap place as the topmost layer that changed it has it."""
    for layer in reversed(layers):
        node = layer.nodes.get(place)
        if node is not None:
            return node
    return bytes(tree.nodes[place << 5 : (place << 5) + HASH_BYTES])


def derive_layer(
    tree: BucketTree, layers: Sequence[Layer], changes: Sequence[HashedChange]
) -> Layer:
    """Return the layer that these changes make over those layers.

    Changes are strictly ascending by key hash.
    """
    if not changes:
        return Layer(b"", {}, node_at(tree, layers, 1))
    packed = packed_changes(changes)
    if kernel is not None:
        below = tuple([(layer.changes, layer.nodes) for layer in layers])
        return Layer(packed, *kernel.derive_layer(tree.buckets, tree.nodes, below, packed))
    nodes: dict[int, bytes] = {}
    for bucket, changed in _by_bucket(packed):
        entries = changed_entries(entries_at(tree, layers, bucket), changed)
        nodes[BUCKETS_COUNT + bucket] = bucket_hash(entries)
    _climb(tree, layers, nodes)
    return Layer(packed, nodes, nodes[1])


def _climb(tree: BucketTree, layers: Sequence[Layer], nodes: dict[int, bytes]) -> None:
    """Add to the changed leaves, which are in ascending order, every node above them."""
    level = list(nodes)
    while level[0] != 1:
        above: list[int] = []
        last = 0
        for place in level:
            parent = place >> 1
            if parent == last:
                continue  # its left sibling has already made it
            last = parent
            sibling = place ^ 1
            other = nodes.get(sibling)
            if other is None:
                other = node_at(tree, layers, sibling)
            if place & 1:
                nodes[parent] = sha256(b"\x01" + other + nodes[place]).digest()
            else:
                nodes[parent] = sha256(b"\x01" + nodes[place] + other).digest()
            above.append(parent)
        level = above
