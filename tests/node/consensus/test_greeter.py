"""HELLO-005: an authority is who signs with a key that votes now or next."""

import pytest

from chain.block.vote import Vote
from chain.crypto.signing import SigningKey
from chain.crypto.verification import is_genuine
from node.consensus.greeter import ChainGreeter
from p2p.network import Member, PeerId, Rejected, Standing

CHAIN = bytes([7]) * 32
KEYS = {name: SigningKey.from_seed(name.encode().ljust(32)) for name in ("auth0", "auth1")}
VOTE = Vote(0, 5, 1, bytes([2]) * 32, 1, bytes(64))


class FixedRoll:
    def name_of(self, consensus_key: bytes) -> str | None:
        return next((n for n, key in KEYS.items() if key.public_key == consensus_key), None)

    def key_of(self, name: str) -> bytes | None:
        return KEYS[name].public_key if name in KEYS else None


def greeter(
    me: PeerId,
    key: SigningKey | None,
    heard: list[tuple[PeerId, bytes, tuple[Vote, ...]]] | None = None,
    chain_id: bytes = CHAIN,
) -> ChainGreeter:
    told = heard if heard is not None else []
    return ChainGreeter(
        chain_id=chain_id,
        me=me,
        own_name=me,
        key=(key.public_key, key.sign) if key else None,
        peer_names={"peer1": "auth1"},
        roll=FixedRoll(),
        votes_of=lambda key: (VOTE,) if key == KEYS["auth1"].public_key else (),
        heard=lambda *what: told.append(what),
        verify=is_genuine,
    )


def test_a_signed_hello_of_a_listed_key_makes_an_authority() -> None:
    there, here = greeter("peer0", KEYS["auth0"]), greeter("peer1", KEYS["auth1"])

    member = here.judge("peer0", there.hello_for("peer1"))

    assert Member(Standing.AUTHORITY, "auth0") == member
    assert KEYS["auth0"].public_key == here.key_of("peer0")


def test_a_hello_brings_the_listener_its_own_newest_votes() -> None:
    heard: list[tuple[PeerId, bytes, tuple[Vote, ...]]] = []
    there, here = greeter("peer0", KEYS["auth0"]), greeter("peer1", KEYS["auth1"], heard)

    here.judge("peer0", there.hello_for("peer1"))

    assert [("peer0", KEYS["auth0"].public_key, (VOTE,))] == heard


def test_a_key_of_nobody_makes_a_follower() -> None:
    stranger = greeter("peer9", SigningKey.from_seed(bytes(32)))

    member = greeter("peer1", KEYS["auth1"]).judge("peer9", stranger.hello_for("peer1"))

    assert Member(Standing.FOLLOWER, "peer9") == member


def test_a_node_without_a_key_is_a_follower() -> None:
    follower = greeter("peer9", None)

    member = greeter("peer1", KEYS["auth1"]).judge("peer9", follower.hello_for("peer1"))

    assert Member(Standing.FOLLOWER, "peer9") == member


def test_a_node_of_another_chain_is_rejected() -> None:
    other = greeter("peer0", KEYS["auth0"], chain_id=bytes(32))

    with pytest.raises(Rejected):
        greeter("peer1", KEYS["auth1"]).judge("peer0", other.hello_for("peer1"))
