"""SHA-256 under a tag, so that bytes hashed for one purpose prove nothing elsewhere.

Source: docs/specs/signatures.md, SIG-001.
"""

from hashlib import sha256 as _sha256

from chain.kernel.level import kernel

ZERO_HASH = bytes(32)
"""What stands where there is nothing to hash: an empty tree, an absent value, no parent."""

TAG_GENESIS = b"NOVATION/genesis/1"
TAG_TRANSACTION = b"NOVATION/tx/1"
TAG_HEADER = b"NOVATION/hdr/1"
TAG_VOTE = b"NOVATION/vote/1"
TAG_HELLO = b"NOVATION/hello/1"
TAG_ORACLE = b"NOVATION/oracle/1"
TAG_READY = b"NOVATION/ready/1"
TAG_RECEIPTS = b"NOVATION/receipts/1"
TAG_AUTHORITIES = b"NOVATION/authorities/1"
TAG_PARAMETERS = b"NOVATION/parameters/1"
TAG_KEY = b"NOVATION/key/1"


def sha256(data: bytes) -> bytes:
    """Return the 32 bytes of SHA-256.

    >>> sha256(b"").hex()[:16]
    'e3b0c44298fc1c14'
    """
    return _sha256(data).digest()


def tagged(tag: bytes, *parts: bytes) -> bytes:
    """Return SHA-256 of the tag and the parts, one after the other.

    Parts are joined without lengths: at most one of them may vary in length.

    >>> tagged(b"NOVATION/", b"tx/1") == sha256(b"NOVATION/tx/1")
    True
    """
    return _sha256(tag + b"".join(parts)).digest()


if kernel is not None:  # the same, without a call of Python around it
    sha256 = kernel.sha256
    tagged = kernel.sha256
