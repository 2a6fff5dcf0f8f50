"""EVIDENCE-001 to EVIDENCE-005, with real signatures."""

import msgspec
import pytest

from chain.block.evidence import (
    EVIDENCE_BYTES_MAX,
    Offence,
    check_evidence,
    evidence_of,
    offence_of,
    parse_evidence,
)
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY, Vote, vote_bytes
from chain.codec.canonical import encode
from chain.codec.record import MalformedRecord
from chain.crypto.digest import ZERO_HASH
from chain.crypto.signing import SigningKey
from tests.given import golden

CHAIN_ID = b"\x01" * 32
KEY = SigningKey.from_seed(b"\x03" * 32)
ONE, OTHER = b"\x0a" * 32, b"\x0b" * 32


def vote(kind: int, block_id: bytes, view: int = 6, signer_index: int = 2) -> Vote:
    message = vote_bytes(CHAIN_ID, 5, view, kind, block_id)
    return Vote(5, view, kind, block_id, signer_index, KEY.sign(message))


def test_bytes_are_the_golden_ones() -> None:
    evidence = evidence_of(vote(NOTARIZE, OTHER), vote(NOTARIZE, ONE), KEY.public_key)

    found = {"evidence": encode(evidence).hex()}
    assert golden("consensus_evidence", found) == found


@pytest.mark.parametrize(
    ("first", "second", "offence"),
    [
        ((NOTARIZE, ONE), (NOTARIZE, OTHER), Offence.TWO_NOTARIZE),
        ((FINALIZE, ONE), (FINALIZE, OTHER), Offence.TWO_FINALIZE),
        ((NULLIFY, ZERO_HASH), (FINALIZE, ONE), Offence.NULLIFY_AND_FINALIZE),
        ((NOTARIZE, ONE), (NOTARIZE, ONE), None),
        ((NOTARIZE, ONE), (NULLIFY, ZERO_HASH), None),
        ((NOTARIZE, ONE), (FINALIZE, OTHER), None),
        ((NULLIFY, ZERO_HASH), (NULLIFY, ZERO_HASH), None),
    ],
)
def test_offences_are_the_three(
    first: tuple[int, bytes], second: tuple[int, bytes], offence: Offence | None
) -> None:
    evidence = evidence_of(vote(*first), vote(*second), KEY.public_key)

    assert offence == offence_of(*first, *second) == offence_of(*second, *first)
    assert (offence is not None) == (evidence is not None)
    assert evidence is None or check_evidence(evidence, CHAIN_ID)


def test_one_offence_has_one_form() -> None:
    forwards = evidence_of(vote(FINALIZE, ONE), vote(NULLIFY, ZERO_HASH), KEY.public_key)
    backwards = evidence_of(vote(NULLIFY, ZERO_HASH), vote(FINALIZE, ONE), KEY.public_key)

    assert forwards == backwards
    assert forwards is not None
    swapped = msgspec.structs.replace(forwards, first=forwards.second, second=forwards.first)
    assert not check_evidence(swapped, CHAIN_ID)


def test_votes_of_two_views_or_signers_prove_nothing() -> None:
    other_view = evidence_of(vote(NOTARIZE, ONE), vote(NOTARIZE, OTHER, view=7), KEY.public_key)
    other_signer = evidence_of(
        vote(NOTARIZE, ONE), vote(NOTARIZE, OTHER, signer_index=3), KEY.public_key
    )

    assert (None, None) == (other_view, other_signer)


def test_a_false_signature_another_chain_or_key_proves_nothing() -> None:
    evidence = evidence_of(vote(NOTARIZE, ONE), vote(NOTARIZE, OTHER), KEY.public_key)
    assert evidence is not None
    unsigned = msgspec.structs.replace(evidence.first, signature=bytes(64))

    assert check_evidence(evidence, CHAIN_ID)
    assert not check_evidence(evidence, b"\x02" * 32)
    assert not check_evidence(msgspec.structs.replace(evidence, signer=ONE), CHAIN_ID)
    assert not check_evidence(msgspec.structs.replace(evidence, view=7), CHAIN_ID)
    assert not check_evidence(msgspec.structs.replace(evidence, first=unsigned), CHAIN_ID)


def test_bytes_are_bounded_and_canonical() -> None:
    evidence = evidence_of(vote(NOTARIZE, ONE), vote(NOTARIZE, OTHER), KEY.public_key)
    data = encode(evidence)

    assert evidence == parse_evidence(data)
    assert len(data) < EVIDENCE_BYTES_MAX
    for wrong in (data + b"\x00", data[:-1], b"", bytes(EVIDENCE_BYTES_MAX + 1)):
        with pytest.raises(MalformedRecord):
            parse_evidence(wrong)
