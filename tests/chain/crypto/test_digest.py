"""Tags: each purpose has its own, and none is the beginning of another."""

from hashlib import sha256

from chain.crypto import digest
from chain.crypto.digest import ZERO_HASH, tagged


def test_a_tagged_hash_is_over_tag_and_parts() -> None:
    """SIG-001."""
    assert sha256(b"NOVATION/vote/1" + b"ab").digest() == tagged(digest.TAG_VOTE, b"a", b"b")


def test_no_tag_begins_another() -> None:
    """SIG-001."""
    tags = [value for name, value in vars(digest).items() if name.startswith("TAG_")]

    assert 11 == len(tags)
    assert [] == [(a, b) for a in tags for b in tags if a is not b and b.startswith(a)]


def test_nothing_hashes_to_zero() -> None:
    assert bytes(32) == ZERO_HASH
