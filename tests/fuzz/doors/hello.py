"""The first words of a peer."""

from chain.block.vote import FINALIZE, Vote
from chain.crypto.signing import SigningKey
from chain.crypto.verification import is_genuine
from node.consensus.hello import BadHello, hello_bytes, parse_hello
from tests.fuzz.door import Door, said
from tests.fuzz.tree import PACKED

_CHAIN = bytes([3]) * 32
_KEY = SigningKey.from_seed(bytes(32))


def _strike(data: bytes) -> None:
    try:
        hello = parse_hello(data, _CHAIN, "speaker", "listener", is_genuine)
    except BadHello as bad:
        said(bad)
        return
    assert hello.consensus_key in {b"", _KEY.public_key}, "a hello that nobody signed"


def _seeds() -> list[bytes]:
    votes = (Vote(0, 3, FINALIZE, bytes(32), 1, bytes(64)),)
    key = (_KEY.public_key, _KEY.sign)
    return [
        hello_bytes(_CHAIN, "auth0", "speaker", "listener", votes=votes, key=key),
        hello_bytes(_CHAIN, "follower", "speaker", "listener", votes=(), key=None),
    ]


DOORS = (Door("hello", _seeds, _strike, form=PACKED),)
