"""Greets with votes of the other that the other never signed, or signed long ago."""

from msgspec.structs import replace

from chain.block.vote import NOTARIZE, NULLIFY, Vote
from chain.codec.canonical import decode, encode
from node.consensus.hello import Hello
from p2p.limits import HELLO_MAX_BYTES
from p2p.network import Greeter, Member, PeerId
from tests.simulation.nodes.liars.liar import Liar, NodeSin


class GreetsFalsely(NodeSin):
    """A vote that is not in your log makes you stop for ever: if only you had signed it."""

    def greeter(self, liar: Liar, honest: Greeter) -> Greeter:
        return _Greeter(liar, honest)


class _Greeter:
    def __init__(self, liar: Liar, honest: Greeter) -> None:
        self._liar = liar
        self._honest = honest

    def hello_for(self, peer_id: PeerId) -> bytes:
        """Return a hello whose votes are forged: nothing that the liar signs covers them."""
        rng = self._liar.rng
        hello = decode(Hello, self._honest.hello_for(peer_id), HELLO_MAX_BYTES)
        view, block_id = rng.choice((1, 50, 2**40)), rng.randbytes(32)
        forged = [
            Vote(0, view, NOTARIZE, block_id, rng.randrange(4), rng.randbytes(64)),
            Vote(rng.choice((0, 1)), view, NULLIFY, bytes(32), 0, bytes(64)),
        ]
        forged += [replace(vote, view=vote.view + 1) for vote in hello.votes[:1]]
        return encode(replace(hello, votes=tuple(forged)))

    def judge(self, peer_id: PeerId, hello: bytes) -> Member:
        """Judge as the node does."""
        return self._honest.judge(peer_id, hello)
