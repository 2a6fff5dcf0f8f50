"""HELLO-001 to HELLO-006: a hello is worth something at one peer, on one chain, once signed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.block.vote import Vote
from chain.codec.canonical import decode, encode
from chain.crypto.signing import SigningKey
from chain.crypto.verification import is_genuine
from node.consensus.hello import (
    BadHello,
    Hello,
    hello_bytes,
    hello_sign_bytes,
    parse_hello,
)
from tests.given import golden

CHAIN = bytes([7]) * 32
KEY = SigningKey.from_seed(bytes([1]) * 32)
OWN = (KEY.public_key, KEY.sign)
VOTES = (Vote(0, 5, 1, bytes([2]) * 32, 0, bytes(64)),)


def said(**changes: object) -> bytes:
    fields: dict[str, object] = {
        "chain_id": CHAIN,
        "name": "auth0",
        "speaker": "me",
        "listener": "you",
        "votes": VOTES,
        "key": OWN,
    }
    return hello_bytes(**(fields | changes))  # type: ignore[arg-type]


def heard(data: bytes, *, speaker: str = "me", listener: str = "you") -> Hello:
    return parse_hello(data, CHAIN, speaker, listener, is_genuine)


def test_a_hello_is_heard_as_it_was_said() -> None:
    hello = heard(said())

    assert ("auth0", KEY.public_key, VOTES) == (hello.name, hello.consensus_key, hello.votes)


def test_a_follower_says_hello_without_a_key() -> None:
    hello = heard(said(key=None, votes=()))

    assert (b"", b"") == (hello.consensus_key, hello.signature)


def test_a_hello_heard_from_another_peer_is_not_believed() -> None:
    with pytest.raises(BadHello, match="did not sign"):
        heard(said(), speaker="thief")


def test_a_hello_made_for_another_listener_is_not_believed() -> None:
    with pytest.raises(BadHello, match="did not sign"):
        heard(said(), listener="somebody else")


def test_a_hello_of_another_chain_is_not_believed() -> None:
    with pytest.raises(BadHello, match="of chain"):
        heard(said(chain_id=bytes(32)))


def test_a_key_cannot_be_claimed_without_signing() -> None:
    hello = decode(Hello, said())

    claimed = encode(Hello(*(getattr(hello, f) for f in hello.__struct_fields__[:-1]), bytes(64)))

    with pytest.raises(BadHello, match="did not sign"):
        heard(claimed)


@pytest.mark.parametrize("changes", [{"name": "x" * 65}, {"votes": VOTES * 4}])
def test_a_hello_that_says_too_much_is_not_believed(changes: dict[str, object]) -> None:
    with pytest.raises(BadHello, match="unreadable"):
        heard(said(**changes))


@given(st.binary(max_size=200))
def test_no_bytes_of_a_hello_raise_anything_but_bad(data: bytes) -> None:
    with pytest.raises(BadHello):
        heard(data)


def test_what_is_signed_is_no_vote_and_no_transaction() -> None:
    message = hello_sign_bytes(CHAIN, 1, "me", "you")

    assert message.startswith(b"NOVATION/hello/1" + CHAIN)
    assert 16 + 32 + 2 + 64 == len(message)


def test_bytes_of_a_hello_are_those_of_the_golden() -> None:
    written = {
        "sign_bytes": hello_sign_bytes(CHAIN, 1, "me", "you").hex(),
        "authority": said().hex(),
        "follower": said(key=None, votes=()).hex(),
    }

    assert golden("hello", written) == written
