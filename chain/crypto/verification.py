"""Give the one verdict on an ed25519 signature.  Nothing else in the chain verifies one.

A signature (R, S) by A on m is genuine if, and only if, A and R are canonical encodings,
neither has small order, S < L, and [S]B - [k]A encodes to R byte for byte, where k is
SHA-512(R | A | m) mod L.  The libsodium that PyNaCl 1.6.2 carries checks all of
this: S, the order of R and the form and order of A by themselves, the form of R because
it compares bytes.  A library that answers otherwise is found at start by the vectors.

A key that is met again costs a tenth: the kernel keeps multiples of it and forms the same sum
from them.  What they do not confirm, libsodium is asked, so they say "genuine" alone.

Source: docs/specs/signatures.md, SIG-010 to SIG-016.
"""

from collections.abc import Sequence

from nacl._sodium import ffi, lib
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from chain.crypto.vectors import SIGNATURE_VECTORS
from chain.kernel.level import kernel

PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64


_ROUNDS_UNTIL_MET = 3
"""Met in the first, made in the second, used from then on."""


class WrongVerdict(RuntimeError):
    """The library at hand judges a signature otherwise than the chain does."""


def is_genuine(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether the holder of this key signed this message.

    Wrong lengths are simply not genuine.  Releases the interpreter lock meanwhile.
    """
    return are_genuine(((public_key, message, signature),))[0]


def are_genuine(asked: Sequence[tuple[bytes, bytes, bytes]]) -> list[bool]:
    """Return for each (public key, message, signature) what `is_genuine` says of it.

    They are verified one by one.  Releases the interpreter lock once for all of them.
    """
    if kernel is None:
        return [is_genuine_by_library(*each) for each in asked]
    verdicts: list[bool] = kernel.genuine(asked)
    return verdicts


def is_genuine_by_library(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Return what `is_genuine` does, from libsodium alone, whatever is kept of the key."""
    if len(public_key) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return True


def check_verdicts() -> None:
    """Hold the library at hand, and what is kept of keys, against every vector.

    They are asked until all their keys have been met and their multiples were used.

    Refuses: WrongVerdict, naming the vector; a node that meets it must not run.
    """
    asked = [(each.public_key, each.message, each.signature) for each in SIGNATURE_VECTORS]
    rounds = [are_genuine(asked) for _ in range(_ROUNDS_UNTIL_MET)]
    for place, vector in enumerate(SIGNATURE_VECTORS):
        answers = {is_genuine_by_library(*asked[place]), *(each[place] for each in rounds)}
        if answers != {vector.genuine}:
            raise WrongVerdict(
                f"the signature {vector.name!r} is judged {not vector.genuine} and must be"
                f" {vector.genuine}: this libsodium is not the one that the protocol is written"
                " for; install the locked PyNaCl and remove any override by the system's library"
            )


def _address_of(name: str) -> int:
    """Return where a function of the libsodium that PyNaCl calls is in this process."""
    return int(ffi.cast("uintptr_t", ffi.addressof(lib, name)))


if kernel is not None:
    kernel.use_verification(
        _address_of("crypto_sign_open"),
        _address_of("crypto_hash_sha512"),
        _address_of("crypto_core_ed25519_scalar_reduce"),
    )
