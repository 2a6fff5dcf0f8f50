"""Signatures under keys that were met and keys that were not: one verdict, libsodium's."""

from chain.crypto.vectors import SIGNATURE_VECTORS
from chain.crypto.verification import are_genuine, is_genuine_by_library
from tests import given
from tests.fuzz.door import Door

_KEY_BYTES = 32
_SIGNATURE_BYTES = 64


def _strike(data: bytes) -> None:
    """Take a key, a signature and a message."""
    key, rest = data[:_KEY_BYTES], data[_KEY_BYTES:]
    asked = (key, rest[_SIGNATURE_BYTES:], rest[:_SIGNATURE_BYTES])
    assert are_genuine([asked] * 2) == [is_genuine_by_library(*asked)] * 2, "two verdicts"


def _seeds() -> list[bytes]:
    names = [given.key(name) for name in ("alice", "bob", "carol")]
    honest = [
        (key.public_key, message, key.sign(message)) for key in names for message in (b"", b"pay")
    ]
    strange = [(one.public_key, one.message, one.signature) for one in SIGNATURE_VECTORS]
    for _ in range(3):  # until all that are genuine have been met
        are_genuine(honest + strange)
    return [key + signature + message for key, message, signature in honest + strange]


DOORS = (Door("signatures", _seeds, _strike),)
