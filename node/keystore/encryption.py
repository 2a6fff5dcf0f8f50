"""Lock 32 secret bytes under a passphrase, and open them again.

scrypt makes the passphrase expensive to guess (n = 2^17, r = 8, p = 1: 128 MiB and about 0.7 s
a guess); ChaCha20-Poly1305 locks, and binds the lock to what stands in clear beside it.  Both
block for as long as they take: a caller with an event loop runs them in a thread.

Source: docs/specs/keystore.md, KEY-003, KEY-004; RFC 7914; RFC 8439.
"""

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

SALT_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


class WrongPassphrase(ValueError):
    """The passphrase does not open the lock, or what it locks was changed."""


@dataclass(frozen=True)
class Cost:
    """How expensive one guess is. What others wrote is opened within bounds, never beyond.

    The bounds keep a hostile file from asking for all memory, and a weak one from passing.
    """

    n: int = 2**17
    r: int = 8
    p: int = 1

    N_MIN = 2**14
    N_MAX = 2**20
    R = 8
    P_MAX = 4

    def is_bounded(self) -> bool:
        """Return whether a file may ask for this."""
        power_of_two = self.n & (self.n - 1) == 0
        return (
            self.N_MIN <= self.n <= self.N_MAX
            and power_of_two
            and self.r == self.R
            and 1 <= self.p <= self.P_MAX
        )


@dataclass(frozen=True)
class Lock:
    """What a locked secret looks like."""

    cost: Cost
    salt: bytes
    nonce: bytes
    text: bytes


def _key_of(passphrase: bytes, salt: bytes, cost: Cost) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost.n, r=cost.r, p=cost.p).derive(passphrase)


def lock(secret: bytes, passphrase: bytes, beside: bytes, cost: Cost) -> Lock:
    """Return the secret, locked with fresh salt and nonce, bound to what stands beside it."""
    salt = secrets.token_bytes(SALT_BYTES)
    nonce = secrets.token_bytes(NONCE_BYTES)
    text = ChaCha20Poly1305(_key_of(passphrase, salt, cost)).encrypt(nonce, secret, beside)
    return Lock(cost, salt, nonce, text)


def unlock(locked: Lock, passphrase: bytes, beside: bytes) -> bytes:
    """Return the secret. Refuses: WrongPassphrase."""
    assert locked.cost.is_bounded()
    key = _key_of(passphrase, locked.salt, locked.cost)
    try:
        return ChaCha20Poly1305(key).decrypt(locked.nonce, locked.text, beside)
    except InvalidTag as fault:
        raise WrongPassphrase from fault
