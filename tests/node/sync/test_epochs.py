"""SYNC-040 to SYNC-043: each set of authorities is proven by the one before it."""

import dataclasses

import pytest

from chain.block.certificate import AuthoritySet, certificate_of
from chain.block.header import EPOCH_END, Header, block_id_of, header_bytes
from chain.block.vote import FINALIZE, Vote, vote_bytes
from chain.codec.canonical import encode
from chain.crypto.signing import SigningKey
from chain.modules.authorities.sets import authorities_hash_of
from chain.modules.authorities.state import Authority, AuthorityList
from node.sync.epochs import EpochSets
from node.sync.library import read_authorities
from node.sync.ranges import WrongRange
from node.sync.wire import EpochEnd

CHAIN = bytes([9]) * 32


def keys_of(epoch: int) -> list[SigningKey]:
    seeds = (bytes([10 * epoch + place + 1]) * 32 for place in range(4))
    return sorted(map(SigningKey.from_seed, seeds), key=lambda key: key.public_key)


def set_of(epoch: int) -> AuthoritySet:
    return AuthoritySet(epoch, tuple(key.public_key for key in keys_of(epoch)))


def listed(epoch: int) -> AuthorityList:
    return AuthorityList(
        tuple(
            Authority(f"auth{place}", key.public_key, bytes(32))
            for place, key in enumerate(keys_of(epoch))
        )
    )


def end_of(epoch: int, signers: int = 3, flags: int = EPOCH_END) -> EpochEnd:
    roots = [bytes(32)] * 3
    header = Header(
        1, CHAIN, epoch, 10 * epoch + 10, 5, bytes(32), 0, 1, bytes(32), 0, 0, bytes(32),
        bytes(32), *roots, bytes(32), authorities_hash_of(listed(epoch + 1)), bytes(32), flags,
    )  # fmt: skip
    block_id = block_id_of(header)
    message = vote_bytes(CHAIN, epoch, 5, FINALIZE, block_id)
    keys = keys_of(epoch)
    votes = [Vote(epoch, 5, FINALIZE, block_id, i, keys[i].sign(message)) for i in range(signers)]
    certificate = certificate_of(votes, set_of(epoch))
    return EpochEnd(header_bytes(header), encode(certificate), encode(listed(epoch + 1)))


def test_boundaries_lead_from_set_to_set() -> None:
    epochs = EpochSets(CHAIN, set_of(0))

    count = epochs.extend([end_of(0), end_of(1), end_of(2)], read_authorities)

    assert (3, 3) == (count, epochs.newest_epoch)
    assert set_of(3) == epochs.sets[3]


def test_what_the_own_state_says_needs_no_proof() -> None:
    epochs = EpochSets(CHAIN, set_of(0))

    epochs.learn(set_of(1))

    assert set_of(1) == epochs.sets[1]


@pytest.mark.parametrize(
    "ends",
    [
        [end_of(1)],
        [end_of(0), end_of(2)],
        [end_of(0, flags=0)],
        [dataclasses.replace(end_of(0), authorities=encode(listed(2)))],
        [dataclasses.replace(end_of(0), authorities=b"\x90")],
        [dataclasses.replace(end_of(0), certificate=end_of(1).certificate)],
        [dataclasses.replace(end_of(0), header=b"")],
    ],
)
def test_one_wrong_boundary_and_nothing_is_learned(ends: list[EpochEnd]) -> None:
    epochs = EpochSets(CHAIN, set_of(0))

    with pytest.raises(WrongRange):
        epochs.extend(ends, read_authorities)

    assert 0 == epochs.newest_epoch
