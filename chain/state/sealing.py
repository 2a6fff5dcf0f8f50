"""What an open block comes to: its changes, what they make of the tree, and both roots.

This is what `chain.kernel` does in one call in C where it is built, and what says what is right.

Source: docs/specs/state.md, STATE-016 to STATE-018, STATE-056.
"""

from hashlib import sha256
from operator import itemgetter
from typing import Any, NamedTuple

from chain.codec.canonical import encode_bounded
from chain.crypto.digest import TAG_KEY, ZERO_HASH
from chain.crypto.merkle import merkle_root
from chain.kernel.level import kernel
from chain.state.commitment import BucketTree, HashedChange, Layer, derive_layer
from chain.state.journal import Change


class Sealed(NamedTuple):
    """Changes ascend by key hash; the layer is what they make over the tree."""

    changes: tuple[Change, ...]
    layer: Layer
    changes_root: bytes


def seal(journal: Any, tree: BucketTree, layers: tuple[Layer, ...]) -> Sealed:
    """Return what a journal comes to over a tree and layers, and forget how it came.

    Nothing can be undone any more.
    Refuses: OutOfBounds or MalformedKey, with nothing changed.
    """
    if kernel is None:
        return seal_plainly(journal, tree, layers)
    below = tuple([(layer.changes, layer.nodes) for layer in layers])
    changes, packed, nodes, root, changes_root = kernel.seal(
        journal, Change, tree.buckets, tree.nodes, below
    )
    return Sealed(changes, Layer(packed, nodes, root), changes_root)


def seal_plainly(journal: Any, tree: BucketTree, layers: tuple[Layer, ...]) -> Sealed:
    """Return the same as `seal`, in Python."""
    changes = _changes_of(journal)
    hashed: list[HashedChange] = [
        (change.key_hash, None if change.new is None else sha256(change.new).digest())
        for change in changes
    ]
    layer = derive_layer(tree, layers, hashed)
    journal._entries.clear()  # noqa: SLF001 - the one who seals it
    return Sealed(changes, layer, changes_root_of(changes))


def _changes_of(journal: Any) -> tuple[Change, ...]:
    """Return the keys whose bytes differ from the parent's, ascending by key hash."""
    found: list[Change] = []
    parent = journal._parent  # noqa: SLF001
    for table, rows in journal.changes.items():
        for key, record in rows.items():
            encoded_key = table.encoded(key)
            new = None if record is None else encode_bounded(record)
            old = parent.encoded_of(table, key)
            if old != new:
                key_hash = sha256(TAG_KEY + encoded_key).digest()
                found.append(Change(key_hash, encoded_key, old, new))
    found.sort(key=itemgetter(0))
    return tuple(found)


def changes_root_of(changes: tuple[Change, ...]) -> bytes:
    """Return the Merkle root over key hash, old and new value hash of these, in their order."""
    return merkle_root(
        [
            change.key_hash + _hash_or_zero(change.old) + _hash_or_zero(change.new)
            for change in changes
        ]
    )


def _hash_or_zero(data: bytes | None) -> bytes:
    return ZERO_HASH if data is None else sha256(data).digest()
