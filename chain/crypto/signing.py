"""Sign with ed25519.  Signatures are deterministic; nothing here judges one.

Source: docs/specs/signatures.md, SIG-002.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEED_BYTES = 32


class SigningKey:
    """A private ed25519 key that signs, and never shows itself when printed."""

    __slots__ = ("_private", "public_key")

    public_key: bytes

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public_key = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """Return the key that these 32 bytes are the seed of.

        Refuses: ValueError, for any other length.
        """
        if len(seed) != SEED_BYTES:
            raise ValueError(f"an ed25519 seed has {SEED_BYTES} bytes, this one has {len(seed)}")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature: the same for the same message, always."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        """Return the public half alone."""
        return f"SigningKey(public_key={self.public_key.hex()})"
