"""Show one value, or that there is none, to someone who knows only the state root.

A proof is the whole bucket of the key, or the part of it where a ground bucket was split,
the hashes of its sibling parts, and the siblings up to the root.  The same proof shows
what a key holds and, because the bucket is whole, that it holds nothing.

Source: docs/specs/state.md, STATE-030 to STATE-034.
"""

from hashlib import sha256
from typing import Annotated

from chain.codec.record import Blob, Hash, Meta, record
from chain.state.commitment import (
    BUCKET_ENTRIES_MAX_COUNT,
    BUCKET_NIBBLES,
    BUCKETS_COUNT,
    DEPTH,
    ENTRY_BYTES,
    HASH_BYTES,
    bucket_hash,
    bucket_of,
    entries_at,
    key_hash_of,
    nibble_of,
    node_at,
    parts_of,
    value_hash_in,
)
from chain.state.view import CommittedView

PartHashes = Annotated[bytes, Meta(min_length=512, max_length=512, extra={"form": "blob"})]

SPLITS_MAX_COUNT = 2 * HASH_BYTES - BUCKET_NIBBLES


@record
class Proof:
    """What connects a key's bucket to the state root.

    `entries` are key hash and value hash, 64 bytes each, ascending, of everything that
    shares the key's bucket, at most 256.  `splits` are the hashes of the 16 parts of a
    bucket too large for that, from the bucket down.  `siblings` lead up to the root, the
    bucket's own sibling first.
    """

    entries: Blob
    splits: tuple[PartHashes, ...]
    siblings: tuple[Hash, ...]


def prove(view: CommittedView, encoded_key: bytes) -> Proof:
    """Return the proof of what is, or is not, under a key in a view with a root."""
    tree, layers = view.layers()
    key_hash = key_hash_of(encoded_key)
    bucket = bucket_of(key_hash)
    entries = entries_at(tree, layers, bucket)
    splits: list[bytes] = []
    depth = BUCKET_NIBBLES
    while len(entries) > BUCKET_ENTRIES_MAX_COUNT * ENTRY_BYTES:
        parts = parts_of(entries, depth)
        splits.append(b"".join([bucket_hash(part, depth + 1) for part in parts]))
        entries = parts[nibble_of(key_hash, depth)]
        depth += 1
    place = BUCKETS_COUNT + bucket
    siblings: list[bytes] = []
    while place > 1:
        siblings.append(node_at(tree, layers, place ^ 1))
        place >>= 1
    return Proof(entries=entries, splits=tuple(splits), siblings=tuple(siblings))


def verify_proof(root: bytes, encoded_key: bytes, value: bytes | None, proof: Proof) -> bool:
    """Return whether the state with this root holds this value under the key.

    A value of None asks whether it holds nothing there.
    """
    key_hash = key_hash_of(encoded_key)
    if len(proof.siblings) != DEPTH or len(proof.splits) > SPLITS_MAX_COUNT:
        return False
    depth = BUCKET_NIBBLES + len(proof.splits)
    if not _is_run(proof.entries, key_hash, depth):
        return False
    value_hash = None if value is None else sha256(value).digest()
    if value_hash_in(proof.entries, key_hash) != value_hash:
        return False
    running = bucket_hash(proof.entries, depth)
    for parts in reversed(proof.splits):
        depth -= 1
        start = nibble_of(key_hash, depth) * HASH_BYTES
        if parts[start : start + HASH_BYTES] != running:
            return False
        running = sha256(b"\x02" + parts).digest()
    place = BUCKETS_COUNT + bucket_of(key_hash)
    for sibling in proof.siblings:
        pair = sibling + running if place & 1 else running + sibling
        running = sha256(b"\x01" + pair).digest()
        place >>= 1
    return running == root


def _is_run(entries: bytes, key_hash: bytes, depth: int) -> bool:
    """Return whether these are whole entries, ascending, that share the key's nibbles."""
    if len(entries) % ENTRY_BYTES or len(entries) > BUCKET_ENTRIES_MAX_COUNT * ENTRY_BYTES:
        return False
    last = b""
    whole_bytes, odd = depth >> 1, depth & 1
    for start in range(0, len(entries), ENTRY_BYTES):
        entry = entries[start : start + HASH_BYTES]
        if entry <= last or entry[:whole_bytes] != key_hash[:whole_bytes]:
            return False
        if odd and entry[whole_bytes] >> 4 != key_hash[whole_bytes] >> 4:
            return False
        last = entry
    return True
