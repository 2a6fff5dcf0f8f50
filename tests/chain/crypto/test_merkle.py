"""Merkle trees: roots by the written rule, paths that prove, peaks that agree."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.crypto.merkle import (
    MalformedPath,
    Peaks,
    merkle_path,
    merkle_root,
    mountain_append,
    mountain_path,
    mountain_root,
    path_root,
)

leaves_lists = st.lists(st.binary(max_size=5), min_size=1, max_size=40)


def plain_root(leaves: list[bytes]) -> bytes:
    """The tree as a recursion: the left side is the largest power of two below the count."""
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    left = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + plain_root(leaves[:left]) + plain_root(leaves[left:])).digest()


def peaks_of(leaves: list[bytes]) -> Peaks:
    peaks: Peaks = ()
    for count, leaf in enumerate(leaves):
        peaks = mountain_append(peaks, count, leaf)
    return peaks


def test_root_of_no_leaves_is_zero() -> None:
    """STATE-020."""
    assert bytes(32) == merkle_root([])
    assert bytes(32) == mountain_root(())


@given(leaves_lists)
def test_root_of_leaves_is_that_of_the_recursion_and_of_the_peaks(leaves: list[bytes]) -> None:
    """STATE-021, STATE-023."""
    assert plain_root(leaves) == merkle_root(leaves)
    assert plain_root(leaves) == mountain_root(peaks_of(leaves))


@given(leaves_lists, st.data())
def test_a_path_proves_its_leaf_at_its_place_and_no_other(
    leaves: list[bytes], data: st.DataObject
) -> None:
    """STATE-022."""
    index = data.draw(st.integers(0, len(leaves) - 1))
    root = merkle_root(leaves)
    path = merkle_path(leaves, index)

    assert root == path_root(leaves[index], index, len(leaves), path)
    assert root != path_root(leaves[index] + b"x", index, len(leaves), path)
    for place, sibling in enumerate(path):
        changed = (
            *path[:place],
            bytes(sibling[:-1] + bytes([sibling[-1] ^ 1])),
            *path[place + 1 :],
        )
        assert root != path_root(leaves[index], index, len(leaves), changed)


@given(leaves_lists, st.data())
def test_a_path_of_the_wrong_length_is_refused(leaves: list[bytes], data: st.DataObject) -> None:
    """STATE-022."""
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle_path(leaves, index)

    with pytest.raises(MalformedPath, match="too many"):
        path_root(leaves[index], index, len(leaves), (*path, bytes(32)))
    if path:
        with pytest.raises(MalformedPath, match="too few"):
            path_root(leaves[index], index, len(leaves), path[:-1])
    with pytest.raises(MalformedPath, match="leaf"):
        path_root(leaves[index], len(leaves), len(leaves), path)


@given(leaves_lists, st.data())
def test_a_path_from_kept_subtrees_is_the_path_of_the_whole_list(
    leaves: list[bytes], data: st.DataObject
) -> None:
    """STATE-024."""
    index = data.draw(st.integers(0, len(leaves) - 1))

    def subtree(level: int, place: int) -> bytes:
        part = leaves[place << level : (place + 1) << level]
        assert len(part) == 1 << level
        return merkle_root(part)

    assert merkle_path(leaves, index) == mountain_path(index, len(leaves), subtree)
