"""AUTH-010 to AUTH-015."""

from dataclasses import replace

import pytest

from chain.block.block import body_roots
from chain.block.evidence import Evidence, evidence_of
from chain.block.vote import FINALIZE, NOTARIZE, NULLIFY, Vote, vote_bytes
from chain.codec.canonical import encode
from chain.crypto.digest import ZERO_HASH
from chain.kit import InvalidBlock
from chain.modules.authorities.events import OffenceRecorded
from chain.modules.authorities.hooks import evidence_fault
from chain.modules.authorities.state import OFFENCES, OffenceRecord
from chain.modules.registry import BASE_MODULES
from tests import given

A, B = b"a" * 32, b"b" * 32


def world() -> given.World:
    return given.world(modules=BASE_MODULES)


CHAIN_ID = world().chain_id


def proof(
    name: str,
    first: tuple[int, bytes] = (NOTARIZE, A),
    second: tuple[int, bytes] = (NOTARIZE, B),
    view: int = 9,
    epoch: int = 0,
) -> Evidence:
    key = given.key(name)
    votes = [
        Vote(
            epoch,
            view,
            kind,
            block_id,
            0,
            key.sign(vote_bytes(CHAIN_ID, epoch, view, kind, block_id)),
        )
        for kind, block_id in (first, second)
    ]
    evidence = evidence_of(votes[0], votes[1], key.public_key)
    assert evidence is not None
    return evidence


AUTH0, AUTH1 = "auth0/consensus", "auth1/consensus"


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        (1, (NOTARIZE, A), (NOTARIZE, B)),
        (2, (FINALIZE, A), (FINALIZE, B)),
        (3, (NULLIFY, ZERO_HASH), (FINALIZE, A)),
    ],
)
def test_offence_is_recorded_and_told(
    kind: int, first: tuple[int, bytes], second: tuple[int, bytes]
) -> None:
    chain = world()
    key = given.key(AUTH0).public_key

    chain.open_block(evidence=[encode(proof(AUTH0, first, second))])
    chain.close_block()

    assert OffenceRecord(kind, 0, 9, 1) == chain.tables.get(OFFENCES, key)
    [receipt] = chain.outcomes[-1].receipts
    assert (OffenceRecorded(key, kind, 0, 9),) == chain.events_of(receipt)


def test_two_offenders_may_stand_in_one_block_ascending() -> None:
    both = sorted([encode(proof(AUTH0)), encode(proof(AUTH1))])
    chain = world()
    chain.open_block(evidence=both)
    chain.close_block()

    with pytest.raises(InvalidBlock, match="does not ascend"):
        world().open_block(evidence=both[::-1])
    with pytest.raises(InvalidBlock, match="does not ascend"):
        world().open_block(evidence=[both[0], both[0]])


def test_repeated_evidence_against_a_key_is_invalid() -> None:
    again = sorted([encode(proof(AUTH0)), encode(proof(AUTH0, view=10))])
    with pytest.raises(InvalidBlock, match="repeated evidence"):
        world().open_block(evidence=again)

    chain = world()
    chain.open_block(evidence=again[:1])
    chain.close_block()
    with pytest.raises(InvalidBlock, match="repeated evidence"):
        chain.open_block(evidence=again[1:])


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (encode(proof("alice")), "no authority then"),
        (encode(proof(AUTH0, epoch=1)), "evidence of epoch 1 in epoch 0"),
        (b"junk", "evidence: "),
    ],
)
def test_evidence_against_nobody_is_invalid(evidence: bytes, said: str) -> None:
    with pytest.raises(InvalidBlock, match=said):
        world().open_block(evidence=[evidence])


def test_evidence_with_a_false_signature_is_invalid_for_everybody_else() -> None:
    good = proof(AUTH0)
    false = encode(
        Evidence(
            good.epoch,
            good.view,
            good.signer,
            good.first,
            type(good.second)(good.second.kind, good.second.block_id, bytes(64)),
        )
    )
    chain = world()
    block = world().close_block()
    roots = body_roots((), b"", (false,))
    header = replace(block.header, body_bytes=roots.body_bytes, evidence_root=roots.evidence_root)

    with pytest.raises(InvalidBlock, match="evidence proves nothing"):
        chain.judge(replace(block, header=header, evidence=(false,)))


def test_fault_is_nothing_for_good_evidence() -> None:
    chain = world()

    assert "" == evidence_fault(chain.view, 0, proof(AUTH0))
    assert "epoch" in evidence_fault(chain.view, 3, proof(AUTH0))
