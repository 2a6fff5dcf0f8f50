"""Binary Merkle trees, whole and growing, that prove a leaf at its place.

A leaf is hashed under 0x00 over its whole bytes, a node under 0x01 over its two
children, and an odd node is promoted as it is.  The tree of an ever longer list is kept
as its peaks, the roots of its perfect subtrees from left to right, largest first; folded
from the right they give the very root that the whole list has.

Source: docs/specs/state.md, STATE-020 to STATE-024.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeAlias

from chain.crypto.digest import ZERO_HASH
from chain.kernel.level import kernel

Peaks: TypeAlias = tuple[tuple[int, bytes], ...]
"""(level, hash) of each perfect subtree, left to right; the level of one leaf is 0."""


class MalformedPath(ValueError):
    """A Merkle path is not of the length that its leaf's place asks for."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node above two children."""
    return sha256(b"\x01" + left + right).digest()


def _next_level(hashes: list[bytes]) -> list[bytes]:
    above = [
        sha256(b"\x01" + left + right).digest()
        for left, right in zip(hashes[::2], hashes[1::2], strict=False)
    ]
    if len(hashes) % 2:
        above.append(hashes[-1])
    return above


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the leaves in their order; 32 zero bytes for none."""
    if kernel is not None:
        root: bytes = kernel.merkle_root(leaves)
        return root
    if not leaves:
        return ZERO_HASH
    hashes = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(hashes) > 1:
        hashes = _next_level(hashes)
    return hashes[0]


def merkle_path(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the siblings from the leaf at this index up to the root, lowest first.

    A promoted node has no sibling at its level and adds nothing to the path.
    """
    assert 0 <= index < len(leaves)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    path: list[bytes] = []
    while len(hashes) > 1:
        sibling = index ^ 1
        if sibling < len(hashes):
            path.append(hashes[sibling])
        hashes = _next_level(hashes)
        index >>= 1
    return tuple(path)


def path_root(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a leaf at this index of so many leaves has by this path.

    Refuses: MalformedPath, when the index is out of range or the path too short or long.
    """
    if not 0 <= index < count:
        raise MalformedPath(f"leaf {index} of {count}")
    running = leaf_hash(leaf)
    used_count = 0
    last = count - 1
    while last > 0:
        if index != last or index % 2 == 1:
            if used_count == len(path):
                raise MalformedPath(f"{len(path)} siblings are too few for a tree of {count}")
            sibling = path[used_count]
            used_count += 1
            running = node_hash(sibling, running) if index % 2 else node_hash(running, sibling)
        index >>= 1
        last >>= 1
    if used_count != len(path):
        raise MalformedPath(f"{len(path)} siblings are too many for a tree of {count}")
    return running


def mountain_append(peaks: Peaks, count: int, leaf: bytes) -> Peaks:
    """Return the peaks of the list that has this leaf after the `count` it had."""
    assert sum(1 << level for level, _ in peaks) == count
    level, running = 0, leaf_hash(leaf)
    kept = len(peaks)
    while kept and peaks[kept - 1][0] == level:
        running = node_hash(peaks[kept - 1][1], running)
        level += 1
        kept -= 1
    return (*peaks[:kept], (level, running))


def mountain_root(peaks: Peaks) -> bytes:
    """Return the root of the whole list, which is `merkle_root` of its leaves."""
    if not peaks:
        return ZERO_HASH
    running = peaks[-1][1]
    for _, peak in reversed(peaks[:-1]):
        running = node_hash(peak, running)
    return running


def mountain_path(
    index: int, count: int, subtree: Callable[[int, int], bytes]
) -> tuple[bytes, ...]:
    """Return the path of a leaf of a growing list, to be checked by `path_root`.

    `subtree(level, place)` gives the root of the perfect subtree over the leaves
    `place << level` and the `(1 << level) - 1` after it: what a store keeps or rehashes.
    """
    assert 0 <= index < count
    path: list[bytes] = []
    level, last = 0, count - 1
    while last > 0:
        if index != last or index % 2 == 1:
            path.append(_rightmost(index ^ 1, level, count, subtree))
        index >>= 1
        last >>= 1
        level += 1
    return tuple(path)


def _rightmost(place: int, level: int, count: int, subtree: Callable[[int, int], bytes]) -> bytes:
    """Return the hash of a node, which on the right edge may stand above fewer leaves."""
    first = place << level
    if first + (1 << level) <= count:
        return subtree(level, place)
    peaks: list[bytes] = []
    for lower in range(level - 1, -1, -1):
        if first + (1 << lower) <= count:
            peaks.append(subtree(lower, first >> lower))
            first += 1 << lower
    running = peaks[-1]
    for peak in reversed(peaks[:-1]):
        running = node_hash(peak, running)
    return running
