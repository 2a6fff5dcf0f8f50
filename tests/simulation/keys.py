"""Signatures that cost a microsecond: a keyed hash, which no member signs for another."""

from collections.abc import Callable
from hashlib import blake2b


def key_of(number: int) -> bytes:
    """Return the public key of authority `number`; ascending numbers, ascending keys."""
    return number.to_bytes(4, "big") + blake2b(number.to_bytes(4, "big"), digest_size=28).digest()


def signer(public_key: bytes) -> Callable[[bytes], bytes]:
    """Return what signs with this key."""

    def sign(message: bytes) -> bytes:
        return blake2b(message, key=public_key, digest_size=64).digest()

    return sign


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether a signature is this key's over these bytes."""
    return blake2b(message, key=public_key, digest_size=64).digest() == signature
