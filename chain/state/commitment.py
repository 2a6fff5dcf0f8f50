"""The bucketed Merkle tree under the state root, which depends on content alone.

A key's hash puts it into one of 65,536 buckets by its first 16 bits.  A bucket is the
sorted run of its entries, key hash and value hash, and its hash covers their count.
Above the buckets stands a perfect binary tree.  A bucket of more than 256 entries, which
only someone grinding keys can make, hashes as 16 parts by the next four bits, and so on.

The bottom tree is whole and flat; each block over it is a thin layer of what differs.

Source: docs/specs/state.md, STATE-010 to STATE-016.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
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


def changed_entries(entries: bytes, changes: Sequence[HashedChange]) -> bytes:
    """Return a bucket's entries after changes, which come in ascending order of key hash."""
    if len(changes) == 1:  # nearly always: another value under a key that is there
        key_hash, value_hash = changes[0]
        start = entries.find(key_hash)
        if start & 63 == 0 and value_hash is not None:
            return entries[: start + HASH_BYTES] + value_hash + entries[start + ENTRY_BYTES :]
    pieces: list[bytes] = []
    done = 0
    for key_hash, value_hash in changes:
        start, present = _start_of(entries, key_hash)
        pieces.append(entries[done:start])
        if value_hash is not None:
            pieces.append(key_hash)
            pieces.append(value_hash)
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
    """What differs from the tree below: buckets by number, node hashes by heap place.

    In a heap the root is 1, the children of a node are at twice its place and one more,
    and bucket b is at 65,536 + b.
    """

    __slots__ = ("buckets", "nodes", "root")

    def __init__(self, buckets: dict[int, bytes], nodes: Nodes, root: bytes) -> None:
        self.buckets = buckets
        self.nodes = nodes
        self.root = root


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
            kernel.fold(self.buckets, nodes, layer.buckets, layer.nodes)
            return
        for bucket, entries in layer.buckets.items():
            self.buckets[bucket] = entries
        for place, node in layer.nodes.items():
            nodes[place << 5 : (place << 5) + HASH_BYTES] = node


def entries_at(tree: BucketTree, layers: Sequence[Layer], bucket: int) -> bytes:
    """Return the entries of a bucket as the topmost layer that changed it has them."""
    for layer in reversed(layers):
        entries = layer.buckets.get(bucket)
        if entries is not None:
            return entries
    return tree.buckets[bucket]


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
        return Layer({}, {}, node_at(tree, layers, 1))
    if kernel is not None:
        below = tuple([(layer.buckets, layer.nodes) for layer in layers])
        return Layer(*kernel.derive_layer(tree.buckets, tree.nodes, below, list(changes)))
    below_buckets, below_nodes = _merged(layers)
    buckets: dict[int, bytes] = {}
    nodes: dict[int, bytes] = {}
    group: list[HashedChange] = []
    current = bucket_of(changes[0][0])
    for change in (*changes, None):
        bucket = -1 if change is None else bucket_of(change[0])
        if bucket != current:
            entries = below_buckets.get(current)
            if entries is None:
                entries = tree.buckets[current]
            entries = changed_entries(entries, group)
            buckets[current] = entries
            nodes[BUCKETS_COUNT + current] = bucket_hash(entries)
            current, group = bucket, []
        if change is not None:
            group.append(change)
    _climb(tree.nodes, below_nodes.get, nodes)
    return Layer(buckets, nodes, nodes[1])


def _merged(layers: Sequence[Layer]) -> tuple[dict[int, bytes], Nodes]:
    if len(layers) == 1:
        return layers[0].buckets, layers[0].nodes
    buckets: dict[int, bytes] = {}
    nodes: dict[int, bytes] = {}
    for layer in layers:
        buckets.update(layer.buckets)
        nodes.update(layer.nodes.items())
    return buckets, nodes


def _climb(base: bytearray, below: Callable[[int], bytes | None], nodes: dict[int, bytes]) -> None:
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
            other: bytes | bytearray | None = nodes.get(sibling)
            if other is None:
                other = below(sibling)
                if other is None:
                    other = base[sibling << 5 : (sibling << 5) + HASH_BYTES]
            if place & 1:
                nodes[parent] = sha256(b"\x01" + other + nodes[place]).digest()
            else:
                nodes[parent] = sha256(b"\x01" + nodes[place] + other).digest()
            above.append(parent)
        level = above
