"""What a node may ask of its peers: six verbs, a link for consensus, and what it is told.

Two things have this shape: the network over libp2p (`p2p.host`) and the one in memory
(`p2p.memory`). Nothing above this file knows which of them it holds.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from importlib import import_module
from typing import Any, Protocol, TypeAlias

import trio

from p2p import limits

PeerId = str
"""A peer's identity as libp2p writes it: base58 of the multihash of its public key."""


class Standing(Enum):
    """What the judge of hellos says a peer is."""

    AUTHORITY = "authority"
    FOLLOWER = "follower"


@dataclass(frozen=True)
class Member:
    """A peer whose hello was accepted."""

    standing: Standing
    name: str


class Rejected(Exception):
    """The judge refuses a hello; the message says why."""


class Unreachable(Exception):
    """A peer did not answer: no connection, connection closed, or time ran out."""

    def __init__(self, peer: PeerId, why: str) -> None:
        super().__init__(f"peer {peer} is unreachable: {why}")
        self.peer = peer
        self.why = why


class TooLarge(Exception):
    """A request or an answer is larger than its limit."""


class Refused(Exception):
    """The other side answered with a refusal; the message is its text."""


class CannotListen(Exception):
    """The address to listen on is taken or is not ours; nothing was started."""


class Greeter(Protocol):
    """Makes and judges hellos, which are opaque bytes here."""

    def hello_for(self, peer_id: PeerId) -> bytes:
        """Return our hello to this peer. Asked at each new connection, whoever dialled."""
        ...

    def judge(self, peer_id: PeerId, hello: bytes) -> Member:
        """Return who sent this hello, or raise `Rejected`."""
        ...


class Observer(Protocol):
    """Is told what happens, since p2p does not log."""

    def told(self, event: str, **facts: str | int) -> None:
        """Take note of a past fact. Must neither wait nor raise."""
        ...


@dataclass(frozen=True)
class Frame:
    """One message of a link: its kind and its bytes."""

    kind: int
    payload: bytes


@dataclass(frozen=True)
class Arrival:
    """Frames that one read brought from one peer, in the order they were sent."""

    peer: PeerId
    frames: list[Frame]


@dataclass(frozen=True)
class Linked:
    """A peer's hello was accepted and the link to it is open."""

    peer: PeerId
    member: Member


@dataclass(frozen=True)
class Unlinked:
    """The link to a peer is gone; what was queued for it is dropped."""

    peer: PeerId
    why: str


class TrafficClass(IntEnum):
    """What a frame is for: the lower number is sent first and dropped last."""

    VOTES = 0
    PROPOSALS = 1
    SYNC = 2
    TRANSACTIONS = 3


@dataclass(frozen=True)
class PeerStatus:
    """What is known of one peer now."""

    peer: PeerId
    name: str
    standing: Standing | None
    """None: a stranger, or a configured peer that has not said hello yet."""
    address: str
    connected: bool
    linked: bool
    rtt_ms: int | None
    score: int
    queued_bytes: int
    last_error: str


News: TypeAlias = Arrival | Linked | Unlinked
Arrivals = trio.MemoryReceiveChannel[News]
Hearer = Callable[[News], bool]
"""Takes news and returns True, or leaves it to whoever reads `Link.arrivals`. Never waits."""

Deliveries = trio.MemoryReceiveChannel[list[tuple[PeerId, bytes]]]
Handler = Callable[[PeerId, Member, bytes], Awaitable[bytes]]


class Link(Protocol):
    """Long-lived direct streams between authorities, one for each direction."""

    @property
    def arrivals(self) -> Arrivals:
        """What came in, in order for each peer. Bounded: a slow reader slows the peers."""
        ...

    def hear(self, hearer: Hearer) -> None:
        """Offer what comes in to a hearer first, in the turn in which it comes."""
        ...

    def send(self, peer: PeerId, kind: int, payload: bytes, traffic: TrafficClass) -> bool:
        """Queue a frame for a peer and return True, or False when it was dropped. Never waits."""
        ...

    def broadcast(self, kind: int, payload: bytes, traffic: TrafficClass) -> None:
        """Queue a frame for every linked authority. Never waits."""
        ...


class Network(Protocol):
    """The six verbs, and what the node needs beside them."""

    @property
    def me(self) -> PeerId:
        """Our own peer id."""
        ...

    async def publish(self, topic: str, data: bytes) -> None:
        """Gossip a batch to everybody on the topic, ourselves excepted.

        Raises `TooLarge` above `limits.PUBLISH_MAX_BYTES`.
        """
        ...

    async def pass_on(self, topic: str, author: PeerId, data: bytes) -> None:  # noqa: ARG002
        """Let those hear what an author published who could not hear it from itself.

        For whoever has looked at it: from here on it is in our name. Does nothing where everybody
        heard it, as in memory.
        """
        await trio.lowlevel.checkpoint()

    def subscribe(self, topic: str) -> Deliveries:
        """Return what others publish on a topic, as lists of (author, data).

        Bounded: when its reader is slow, the newest are dropped and the observer is told.
        """
        ...

    async def ask(
        self,
        peer: PeerId,
        protocol: str,
        request: bytes,
        *,
        timeout_s: float,
        limit_bytes: int,
    ) -> bytes:
        """Return a peer's answer.

        Raises `Unreachable`, `Refused` with the peer's text, or `TooLarge` when the answer would
        be larger than `limit_bytes`.
        """
        ...

    def answer(self, protocol: str, handler: Handler) -> None:
        """Serve a protocol to every member.

        The handler may raise `Refused`, whose text is the answer. Anything else that it raises
        closes that stream only, and the observer is told.
        """
        ...

    def link(self) -> Link:
        """Return the link to all authorities; it is one and the same for each call."""
        ...

    def peers(self) -> list[PeerStatus]:
        """Return the status of every configured and every connected peer, ascending by id."""
        ...

    def charge(self, peer: PeerId, offence: str) -> None:
        """Note misbehaviour; below the threshold the peer is disconnected and banned."""
        ...

    def isolate(self, peers: frozenset[PeerId]) -> None:
        """Drop and refuse every connection with these peers; the empty set heals."""
        ...

    def statistics(self) -> dict[str, int]:
        """Return counts by name, for metrics; see `statistics.NetworkStatistics`."""
        ...


@dataclass(frozen=True)
class PeerAddress:
    """Where a configured peer listens, and whether its slot is reserved."""

    peer_id: PeerId
    host: str
    port: int
    authority: bool


@dataclass(frozen=True)
class NetworkConfiguration:
    """All that a network needs to be told; nothing is read from elsewhere."""

    identity_seed: bytes = field(repr=False)
    """The 32 bytes of the ed25519 identity key. Not the consensus key."""
    listen_host: str
    listen_port: int
    peers: tuple[PeerAddress, ...]
    counter_start: int
    """Above every number our gossip messages ever carried: the wall clock in nanoseconds.

    After a restart with a smaller one, peers take our messages for duplicates.
    """
    frame_limits: Mapping[int, int] = field(default_factory=dict[int, int])
    """Largest payload of each kind of link frame; an unknown kind is an offence."""
    topic_limits: Mapping[str, int] = field(default_factory=dict[str, int])
    """Largest message of each topic, where it is less than `limits.PUBLISH_MAX_BYTES`."""
    followers_max_count: int = limits.FOLLOWERS_MAX_COUNT
    request_max_bytes: int = limits.REQUEST_MAX_BYTES
    """Largest request that is read from a member."""


async def run_network(
    configuration: NetworkConfiguration,
    greeter: Greeter,
    observer: Observer,
    *,
    task_status: Any = trio.TASK_STATUS_IGNORED,
) -> None:
    """Run a network over libp2p until cancelled; `nursery.start` returns the `Network`.

    Raises `CannotListen` before anything is started.
    """
    # By name, since the interface depends on nothing that implements it; and late, since importing
    # libp2p takes seconds, which only those who run a network should wait.
    host = import_module("p2p.host")
    await host.run(configuration, greeter, observer, task_status=task_status)
