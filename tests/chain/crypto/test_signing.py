"""Signing: deterministic, of the standard, and silent about the secret."""

import pytest

from chain.crypto.signing import SigningKey

# RFC 8032, 7.1, TEST 2.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_a_signature_is_that_of_the_standard_every_time() -> None:
    """SIG-002."""
    key = SigningKey.from_seed(SEED)

    assert PUBLIC == key.public_key
    assert SIGNATURE == key.sign(b"\x72")
    assert SIGNATURE == key.sign(b"\x72")


def test_a_key_never_shows_its_seed_when_printed() -> None:
    shown = repr(SigningKey.from_seed(SEED)) + str(SigningKey.from_seed(SEED))

    assert PUBLIC.hex() in shown
    assert SEED.hex() not in shown


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="has 32 bytes, this one has 31"):
        SigningKey.from_seed(bytes(31))
