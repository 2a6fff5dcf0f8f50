"""CERT-001 to CERT-006, with real signatures."""

import msgspec
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from chain.block.certificate import (
    AuthoritySet,
    Certificate,
    bitmap_of,
    certificate_of,
    check_certificate,
    signers_of,
)
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY, Vote, vote_bytes
from chain.codec.canonical import decode, encode
from chain.crypto.digest import ZERO_HASH
from chain.crypto.signing import SigningKey
from tests.given import golden

CHAIN_ID, BLOCK_ID = b"\x01" * 32, b"\x02" * 32


def keys_of(count: int) -> list[SigningKey]:
    keys = [SigningKey.from_seed(bytes([seed]) * 32) for seed in range(count)]
    return sorted(keys, key=lambda key: key.public_key)


KEYS = keys_of(10)
SET = AuthoritySet(3, tuple(key.public_key for key in KEYS))


def votes_of(signers: range, kind: int = FINALIZE, block_id: bytes = BLOCK_ID) -> list[Vote]:
    message = vote_bytes(CHAIN_ID, 3, 4, kind, block_id)
    return [Vote(3, 4, kind, block_id, index, KEYS[index].sign(message)) for index in signers]


CERTIFICATE = certificate_of(votes_of(range(2, 9)), SET)


def test_bytes_are_the_golden_ones() -> None:
    found = {
        "keys": [key.hex() for key in SET.keys],
        "certificate": encode(CERTIFICATE).hex(),
        "bitmap": CERTIFICATE.bitmap.hex(),
    }

    assert golden("consensus_certificate", found) == found


@pytest.mark.parametrize(
    ("count", "fault_max", "quorum"),
    [(1, 0, 1), (2, 0, 2), (3, 0, 3), (4, 1, 3), (5, 1, 4), (6, 1, 5), (7, 2, 5), (100, 33, 67)],
)
def test_quorum_is_all_but_the_faulty(count: int, fault_max: int, quorum: int) -> None:
    authorities = AuthoritySet(0, tuple(bytes([index]) * 32 for index in range(count)))

    assert (fault_max, quorum) == (authorities.fault_max, authorities.quorum)


@examples(st.integers(1, 100))
def test_two_quorums_share_an_honest_authority(count: int) -> None:
    authorities = AuthoritySet(0, tuple(bytes([index]) * 32 for index in range(count)))

    assert 2 * authorities.quorum - count >= authorities.fault_max + 1


def test_leaders_take_turns_from_a_place_that_the_epoch_shifts() -> None:
    assert [4, 5, 9, 0] == [SET.leader(view) for view in (1, 2, 6, 7)]


def test_a_set_is_ascending_and_holds_no_key_twice() -> None:
    with pytest.raises(AssertionError):
        AuthoritySet(0, (b"\x02" * 32, b"\x01" * 32))
    with pytest.raises(AssertionError):
        AuthoritySet(0, (b"\x02" * 32, b"\x02" * 32))
    assert (4, None) == (SET.index_of(SET.keys[4]), SET.index_of(b"\x00" * 32))


@examples(st.sets(st.integers(0, 99), max_size=100))
def test_bitmap_says_who_signed(signers: set[int]) -> None:
    certificate = Certificate(
        FINALIZE, 0, 1, BLOCK_ID, bitmap_of(signers, 100), (bytes(64),) * len(signers)
    )

    assert tuple(sorted(signers)) == signers_of(certificate, 100)


def test_a_genuine_certificate_proves_itself() -> None:
    assert check_certificate(CERTIFICATE, CHAIN_ID, SET)
    assert CERTIFICATE == decode(Certificate, encode(CERTIFICATE))
    nulled = certificate_of(votes_of(range(7), NULLIFY, ZERO_HASH), SET)
    assert check_certificate(nulled, CHAIN_ID, SET)


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": 4},
        {"view": 5},
        {"view": 0},
        {"kind": NOTARIZE},
        {"kind": 0},
        {"kind": 300},
        {"block_id": b"\x09" * 32},
        {"bitmap": b""},
        {"bitmap": b"\xfc"},
        {"bitmap": b"\xfc\x05"},
        {"bitmap": b"\xfe\x00"},
        {"bitmap": b"\xfc\x01\x00"},
        {"signatures": CERTIFICATE.signatures[1:]},
        {"signatures": CERTIFICATE.signatures[::-1]},
        {"signatures": (*CERTIFICATE.signatures[:-1], bytes(64))},
    ],
)
def test_anything_changed_proves_nothing(change: dict[str, object]) -> None:
    changed = msgspec.structs.replace(CERTIFICATE, **change)

    assert not check_certificate(changed, CHAIN_ID, SET)


def test_one_signature_too_few_proves_nothing() -> None:
    few = Certificate(
        FINALIZE,
        3,
        4,
        BLOCK_ID,
        bitmap_of(range(2, 8), 10),
        CERTIFICATE.signatures[:6],
    )

    assert not check_certificate(few, CHAIN_ID, SET)
    assert not check_certificate(CERTIFICATE, b"\x07" * 32, SET)


def test_known_signatures_are_not_verified_again() -> None:
    asked: list[bytes] = []
    known = {(index, sig) for index, sig in zip(range(2, 9), CERTIFICATE.signatures, strict=True)}

    def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
        asked.append(public_key)
        return True

    known.discard((5, CERTIFICATE.signatures[3]))
    fine = check_certificate(
        CERTIFICATE, CHAIN_ID, SET, verify, lambda index, signature: (index, signature) in known
    )

    assert fine
    assert [SET.keys[5]] == asked
