"""The core of consensus as one object: inputs in, effects out, nothing else touched.

Every input is (monotonic milliseconds, wall milliseconds, what happened) and returns the list
of effects to carry out, in order. No input raises, whatever the bytes said: a peer that lies is
charged.

Source: docs/specs/consensus_core.md; consensus.md a.2.
"""

from chain.block.block import Block
from chain.block.certificate import AuthoritySet, Certificate
from chain.block.header import Header
from chain.block.vote import Vote
from chain.consensus.effects import Effect, Peer, Verdict
from chain.consensus.messages import Message
from chain.consensus.settings import Recovered, Settings, Sign, Verify
from chain.consensus.standing import ConsensusStatus


class Simplex:
    """One node's consensus: see each method for the input it takes."""

    def __init__(
        self,
        settings: Settings,
        identity: bytes | None,
        sign: Sign,
        verify: Verify,
        recovered: Recovered,
    ) -> None: ...

    def start(self, now_ms: int, wall_ms: int) -> list[Effect]: ...

    def receive(
        self, now_ms: int, wall_ms: int, peer: Peer, message: Message
    ) -> list[Effect]: ...

    def tick(self, now_ms: int, wall_ms: int, token: int) -> list[Effect]: ...

    def built(
        self,
        now_ms: int,
        wall_ms: int,
        request: int,
        block: Block | None,
        next_authorities: AuthoritySet | None = None,
    ) -> list[Effect]: ...

    def judged(
        self,
        now_ms: int,
        wall_ms: int,
        block_id: bytes,
        verdict: Verdict,
        next_authorities: AuthoritySet | None = None,
    ) -> list[Effect]: ...

    def committed(self, now_ms: int, wall_ms: int, block_id: bytes) -> list[Effect]: ...

    def synced(
        self,
        now_ms: int,
        wall_ms: int,
        header: Header,
        certificate: Certificate,
        authorities: AuthoritySet,
    ) -> list[Effect]: ...

    def peer_up(
        self, now_ms: int, wall_ms: int, peer: Peer, authority_key: bytes
    ) -> list[Effect]: ...

    def hello_votes(
        self,
        now_ms: int,
        wall_ms: int,
        peer: Peer,
        authority_key: bytes,
        votes: tuple[Vote, ...],
    ) -> list[Effect]: ...

    def peer_down(self, now_ms: int, wall_ms: int, peer: Peer) -> list[Effect]: ...

    def peer_round_trip(
        self, now_ms: int, wall_ms: int, peer: Peer, round_trip_ms: int
    ) -> list[Effect]: ...

    def transactions_wait(self, now_ms: int, wall_ms: int) -> list[Effect]: ...

    def votes_held_of(self, authority_key: bytes) -> tuple[Vote, ...]: ...

    def status(self) -> ConsensusStatus: ...
