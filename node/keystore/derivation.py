"""Make many ed25519 keys of one seed, by SLIP-0010.

    m        = HMAC-SHA512("ed25519 seed", seed)            left half key, right half chain code
    child i  = HMAC-SHA512(chain code, 0x00 | key | i u32)  i >= 2^31 always

ed25519 has no public derivation, so every step is hardened and a path says so: `m/44'/7600'/0'`.

Source: SLIP-0010 of SatoshiLabs.
"""

import hashlib
import hmac
import re

HARDENED = 2**31
SEED_MIN_BYTES = 16
SEED_MAX_BYTES = 64
DEPTH_MAX = 16
_PATH = re.compile(r"m(/[0-9]{1,10}')*")


class MalformedPath(ValueError):
    """A text is no path of hardened steps."""


def steps_of(path: str) -> tuple[int, ...]:
    """Return the steps of a path, hardened.

    Refuses: MalformedPath.

    >>> steps_of("m/0'/1'")
    (2147483648, 2147483649)
    """
    if not _PATH.fullmatch(path):
        raise MalformedPath(f"{path!r}: a path is m/44'/7600'/0', every step with an apostrophe")
    steps = tuple(int(step) for step in re.findall(r"\d+", path))
    if len(steps) > DEPTH_MAX or any(step >= HARDENED for step in steps):
        raise MalformedPath(f"{path!r}: at most {DEPTH_MAX} steps, each below {HARDENED}")
    return tuple(step + HARDENED for step in steps)


def derived_seed(seed: bytes, path: str) -> bytes:
    """Return the 32-byte ed25519 seed at a path below a master seed of 16 to 64 bytes.

    Refuses: MalformedPath.
    """
    assert SEED_MIN_BYTES <= len(seed) <= SEED_MAX_BYTES
    both = hmac.digest(b"ed25519 seed", seed, hashlib.sha512)
    for step in steps_of(path):
        both = hmac.digest(both[32:], b"\0" + both[:32] + step.to_bytes(4, "big"), hashlib.sha512)
    return both[:32]
