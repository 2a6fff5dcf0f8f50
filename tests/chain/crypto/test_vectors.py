"""The vectors themselves, held against an arithmetic of the curve that no library shares."""

import hashlib

import pytest

from chain.crypto.vectors import SIGNATURE_VECTORS, SignatureVector
from tests.curve import BASE, IDENTITY, L, add, decoded, encoded, multiply


def verdict(vector: SignatureVector) -> bool:
    """SIG-010, written as it reads."""
    r_bytes, s = vector.signature[:32], int.from_bytes(vector.signature[32:], "little")
    a, r = decoded(vector.public_key), decoded(r_bytes)
    if a is None or r is None or s >= L or IDENTITY in {multiply(8, a), multiply(8, r)}:
        return False
    hashed = hashlib.sha512(r_bytes + vector.public_key + vector.message).digest()
    k = int.from_bytes(hashed, "little") % L
    return encoded(add(multiply(s, BASE), multiply(L * 8 - k, a))) == r_bytes


@pytest.mark.parametrize("vector", SIGNATURE_VECTORS, ids=lambda vector: vector.name)
def test_the_written_rule_gives_the_vectors_verdict(vector: SignatureVector) -> None:
    """SIG-010."""
    assert vector.genuine == verdict(vector)
