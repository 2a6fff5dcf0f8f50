"""What one node says to another on every new connection, and what makes it believable. Pure.

An authority signs chain, version and both peer ids with its consensus key, so that a hello
heard from one peer is worth nothing at another. It brings the newest votes of the *other* that
it holds: whoever finds among them a vote that it does not remember has lost its log and must
not sign again.

Source: docs/specs/hello.md, HELLO-001 to HELLO-006.
"""

from collections.abc import Callable
from hashlib import sha256

from chain.block.certificate import Verify
from chain.block.vote import Vote
from chain.codec.canonical import decode, encode
from chain.codec.record import Blob, Hash, MalformedRecord, record
from chain.crypto.digest import TAG_HELLO
from p2p.limits import HELLO_MAX_BYTES

HELLO_VERSION = 1
NAME_MAX_BYTES = 64
VOTES_MAX_COUNT = 3
"""The newest Notarize, Nullify and Finalize."""


@record
class Hello:
    """Who speaks, of which chain, and what it holds of whom it speaks to.

    A node without a consensus key leaves key and signature empty.
    """

    version: int
    chain_id: Hash
    name: str
    consensus_key: Blob
    votes: tuple[Vote, ...]
    signature: Blob


class BadHello(Exception):
    """A hello that is not to be believed; the message says why."""


def hello_sign_bytes(chain_id: bytes, version: int, speaker: str, listener: str) -> bytes:
    """Return what the consensus key signs: tag, chain, version, and hashes of both peer ids."""
    ids = sha256(speaker.encode()).digest() + sha256(listener.encode()).digest()
    return TAG_HELLO + chain_id + version.to_bytes(2, "big") + ids


def hello_bytes(
    chain_id: bytes,
    name: str,
    speaker: str,
    listener: str,
    *,
    votes: tuple[Vote, ...],
    key: tuple[bytes, Callable[[bytes], bytes]] | None,
) -> bytes:
    """Return a hello from one peer id to another, signed when there is a consensus key."""
    public_key, signature = b"", b""
    if key is not None:
        public_key, sign = key
        signature = sign(hello_sign_bytes(chain_id, HELLO_VERSION, speaker, listener))
    return encode(Hello(HELLO_VERSION, chain_id, name, public_key, votes, signature))


def parse_hello(data: bytes, chain_id: bytes, speaker: str, listener: str, verify: Verify) -> Hello:
    """Return a hello that this speaker really made for this listener on this chain.

    Raises `BadHello` otherwise. The votes in it are not judged here: they are signed.
    """
    try:
        hello = decode(Hello, data, HELLO_MAX_BYTES)
    except MalformedRecord as fault:
        raise BadHello("unreadable hello") from fault
    if hello.chain_id != chain_id:
        raise BadHello(f"of chain {hello.chain_id.hex()[:16]}, this is {chain_id.hex()[:16]}")
    if hello.version != HELLO_VERSION:
        raise BadHello(f"speaks version {hello.version}, this node speaks {HELLO_VERSION}")
    if len(hello.name.encode()) > NAME_MAX_BYTES or len(hello.votes) > VOTES_MAX_COUNT:
        raise BadHello("unreadable hello")
    if not hello.consensus_key and not hello.signature:
        return hello
    if len(hello.consensus_key) != 32 or len(hello.signature) != 64:
        raise BadHello("unreadable hello")
    message = hello_sign_bytes(chain_id, HELLO_VERSION, speaker, listener)
    if not verify(hello.consensus_key, message, hello.signature):
        raise BadHello("its consensus key did not sign this hello")
    return hello
