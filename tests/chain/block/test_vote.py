"""VOTE-001 to VOTE-004."""

import pytest

from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY, Vote, is_well_formed, vote_bytes
from chain.codec.canonical import decode, encode
from chain.crypto.digest import ZERO_HASH
from chain.crypto.signing import SigningKey
from tests.given import golden

CHAIN_ID, BLOCK_ID = b"\x01" * 32, b"\x02" * 32
KEY = SigningKey.from_seed(b"\x03" * 32)


def vote() -> Vote:
    message = vote_bytes(CHAIN_ID, 5, 6, NOTARIZE, BLOCK_ID)
    return Vote(5, 6, NOTARIZE, BLOCK_ID, 7, KEY.sign(message))


def test_bytes_are_the_golden_ones() -> None:
    signed = vote_bytes(CHAIN_ID, 5, 6, NOTARIZE, BLOCK_ID)
    found = {"signed": signed.hex(), "record": encode(vote()).hex()}

    assert golden("consensus_vote", found) == found


def test_signed_bytes_are_the_six_fields_one_after_the_other() -> None:
    data = vote_bytes(CHAIN_ID, 2**63 - 1, 1, FINALIZE, BLOCK_ID)

    place = (2**63 - 1).to_bytes(8, "big") + (1).to_bytes(8, "big")
    assert b"NOVATION/vote/1" + CHAIN_ID + place + b"\x03" + BLOCK_ID == data
    assert 96 == len(data)


def test_the_same_vote_twice_is_the_same_bytes() -> None:
    assert encode(vote()) == encode(vote())
    assert vote() == decode(Vote, encode(vote()))


@pytest.mark.parametrize(
    ("kind", "block_id", "expected"),
    [
        (NOTARIZE, BLOCK_ID, True),
        (FINALIZE, BLOCK_ID, True),
        (NULLIFY, ZERO_HASH, True),
        (NULLIFY, BLOCK_ID, False),
        (NOTARIZE, ZERO_HASH, False),
        (FINALIZE, ZERO_HASH, False),
        (0, BLOCK_ID, False),
        (4, BLOCK_ID, False),
        (300, BLOCK_ID, False),
    ],
)
def test_only_a_nullify_names_no_block(kind: int, block_id: bytes, expected: bool) -> None:
    assert expected == is_well_formed(kind, block_id)
