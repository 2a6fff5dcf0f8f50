"""AUTH-014."""

from chain.block.evidence import evidence_of
from chain.block.vote import NOTARIZE, Vote, vote_bytes
from chain.codec.canonical import encode
from chain.crypto.signing import SigningKey
from chain.machine.evidence import admissible_evidence
from chain.machine.genesis_development import development_seed
from tests import given

WORLD = given.world()


def proof(name: str, view: int = 9, epoch: int = 0, signed_for: bytes | None = None) -> bytes:
    key = SigningKey.from_seed(development_seed(name))
    votes = []
    for block_id in (b"a" * 32, b"b" * 32):
        message = vote_bytes(signed_for or WORLD.chain_id, epoch, view, NOTARIZE, block_id)
        votes.append(Vote(epoch, view, NOTARIZE, block_id, 0, key.sign(message)))
    return encode(evidence_of(votes[0], votes[1], key.public_key))


GOOD = proof("auth0/consensus")
OTHER = proof("auth1/consensus")


def test_good_evidence_stands_ascending() -> None:
    chosen = admissible_evidence(WORLD.view, WORLD.chain_id, [GOOD, OTHER])

    assert tuple(sorted((GOOD, OTHER))) == chosen


def test_what_may_not_stand_is_left_out() -> None:
    useless = [
        b"junk",
        proof("zoe"),
        proof("auth2/consensus", epoch=1),
        proof("auth3/consensus", signed_for=bytes(32)),
    ]

    assert (GOOD,) == admissible_evidence(WORLD.view, WORLD.chain_id, [*useless, GOOD])


def test_key_is_accused_once() -> None:
    chosen = admissible_evidence(WORLD.view, WORLD.chain_id, [GOOD, proof("auth0/consensus", 10)])

    assert 1 == len(chosen)


def test_key_on_record_is_not_accused_again() -> None:
    world = given.world()
    world.open_block(evidence=[GOOD])
    world.close_block()

    assert () == admissible_evidence(world.view, world.chain_id, [GOOD])
