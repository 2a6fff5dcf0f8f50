"""Give the one verdict on an ed25519 signature.  Nothing else in the chain verifies one.

A signature (R, S) by A on m is genuine if, and only if, A and R are canonical encodings,
neither has small order, S < L, and [S]B - [k]A encodes to R byte for byte, where k is
SHA-512(R | A | m) mod L.  The libsodium that PyNaCl 1.6.2 carries checks all of
this: S, the order of R and the form and order of A by themselves, the form of R because
it compares bytes.  A library that answers otherwise is found at start by the vectors.

Source: docs/specs/signatures.md, SIG-010 to SIG-014.
"""

from collections.abc import Sequence

from nacl._sodium import ffi, lib
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from chain.crypto.vectors import SIGNATURE_VECTORS
from chain.kernel.level import kernel

PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64


class WrongVerdict(RuntimeError):
    """The library at hand judges a signature otherwise than the chain does."""


def is_genuine(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether the holder of this key signed this message.

    Wrong lengths are simply not genuine.  Releases the interpreter lock meanwhile.
    """
    if len(public_key) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return True


def are_genuine(asked: Sequence[tuple[bytes, bytes, bytes]]) -> list[bool]:
    """Return for each (public key, message, signature) what `is_genuine` says of it.

    They are verified one by one.  Releases the interpreter lock once for all of them.
    """
    if kernel is None:
        return [is_genuine(*each) for each in asked]
    verdicts: list[bool] = kernel.genuine(asked)
    return verdicts


def check_verdicts() -> None:
    """Hold the library at hand against every vector of the specification.

    Refuses: WrongVerdict, naming the vector; a node that meets it must not run.
    """
    asked = [(each.public_key, each.message, each.signature) for each in SIGNATURE_VECTORS]
    together = are_genuine(asked)
    for vector, alike in zip(SIGNATURE_VECTORS, together, strict=True):
        answer = is_genuine(vector.public_key, vector.message, vector.signature)
        if not answer == alike == vector.genuine:
            raise WrongVerdict(
                f"the signature {vector.name!r} is judged {answer} and must be {vector.genuine}:"
                " this libsodium is not the one that the protocol is written for;"
                " install the locked PyNaCl and remove any override by the system's library"
            )


if kernel is not None:  # the very function that PyNaCl calls, where it has it
    kernel.use_verification(int(ffi.cast("uintptr_t", ffi.addressof(lib, "crypto_sign_open"))))
