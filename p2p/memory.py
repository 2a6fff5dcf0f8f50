"""The same network in memory, from one seed: latency, loss, partitions, crashes.

All networks of one hub live in one process and time. Whatever happens is one entry of one heap,
ordered by time and then by number, so a run depends on the seed and on trio alone. Under trio's
autojump clock hours pass in no time.

Hellos, standing, limits, bans and isolation are as over libp2p. Different are: everybody finds
everybody, a frame or message may be lost by itself, and queues have no bound.
Source: docs/specs/network.md, NET-080 to NET-085.
"""

import heapq
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import trio

from p2p import limits
from p2p.network import (
    Arrival,
    Deliveries,
    Frame,
    Greeter,
    Handler,
    Hearer,
    Linked,
    Member,
    Network,
    News,
    Observer,
    PeerId,
    PeerStatus,
    Refused,
    Rejected,
    Standing,
    TooLarge,
    TrafficClass,
    Unlinked,
    Unreachable,
)
from p2p.score import Scores
from p2p.statistics import NetworkStatistics

MILLION = 1_000_000


@dataclass
class _Tie:
    """A connection of two networks."""

    members: dict[PeerId, Member]
    """What the key's owner is held to be by the other."""
    is_linked: bool
    last_arrival: dict[PeerId, float]
    """When the last frame to each side arrives: a stream does not reorder."""


class MemoryHub:
    """Where the networks of one simulation meet."""

    def __init__(
        self, seed: int, *, latency_ms: tuple[int, int] = (5, 20), loss_ppm: int = 0
    ) -> None:
        """Draw every latency and loss from this seed; both may be changed while it runs."""
        self.latency_ms = latency_ms
        self.loss_ppm = loss_ppm
        self._random = Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.networks: dict[PeerId, MemoryNetwork] = {}
        self._ties: dict[frozenset[PeerId], _Tie] = {}
        self._groups: list[frozenset[PeerId]] = []
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self._more = trio.Event()
        self.nursery: trio.Nursery

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        """Let time pass in the hub until cancelled; `nursery.start` returns the hub."""
        async with trio.open_nursery() as self.nursery:
            task_status.started(self)
            while True:
                self._more = trio.Event()
                now = trio.current_time()
                while self._heap and self._heap[0][0] <= now:
                    heapq.heappop(self._heap)[2]()
                next_at = self._heap[0][0] if self._heap else math.inf
                with trio.move_on_at(next_at):
                    await self._more.wait()

    def join(
        self,
        peer: PeerId,
        greeter: Greeter,
        observer: Observer,
        *,
        frame_limits: Mapping[int, int],
        followers_max_count: int = limits.FOLLOWERS_MAX_COUNT,
    ) -> "MemoryNetwork":
        """Return a new network, which the others find after one latency."""
        assert peer not in self.networks, f"{peer} is here already"
        network = MemoryNetwork(
            self,
            peer,
            greeter,
            observer,
            frame_limits=frame_limits,
            followers_max_count=followers_max_count,
        )
        self.networks[peer] = network
        self.seek(peer)
        return network

    def leave(self, peer: PeerId) -> None:
        """Take a network away as a crash would: what is under way to and from it is lost."""
        for other in list(self.networks):
            self.untie(peer, other, "the peer is gone")
        del self.networks[peer]

    def partition(self, groups: Iterable[frozenset[PeerId]]) -> None:
        """Cut every connection that is not inside one group; those in no group stay together."""
        self._groups = list(groups)
        for pair in list(self._ties):
            one, other = sorted(pair)
            if not self._may_meet(one, other):
                self.untie(one, other, "partition")

    def heal(self) -> None:
        """End the partition."""
        self._groups = []
        for peer in list(self.networks):
            self.seek(peer)

    # --- what the networks use --------------------------------------------------------------

    def seek(self, peer: PeerId) -> None:
        """Let a network look for all others it may meet."""
        for other in list(self.networks):
            if other != peer:
                self.after(self.latency_s(), partial(self._meet, *sorted((peer, other))))

    def tie(self, one: PeerId, other: PeerId) -> _Tie | None:
        """Return the connection of two networks, if there is one."""
        return self._ties.get(frozenset((one, other)))

    def tied_to(self, peer: PeerId) -> list[PeerId]:
        """Return those that a network is connected to, ascending."""
        return [other for other in sorted(self.networks) if self.tie(peer, other) is not None]

    def untie(self, one: PeerId, other: PeerId, why: str) -> None:
        """Cut the connection of two networks, if there is one."""
        tie = self._ties.pop(frozenset((one, other)), None)
        if tie is None:
            return
        for me, peer in ((one, other), (other, one)):
            network = self.networks.get(me)
            if network is not None:
                network.lost(peer, tie.members[peer], why, was_linked=tie.is_linked)

    def after(self, seconds: float, happening: Callable[[], None]) -> None:
        """Let something happen later."""
        self.at(trio.current_time() + seconds, happening)

    def at(self, time: float, happening: Callable[[], None]) -> None:
        """Let something happen at a time; of two at one time the first named happens first."""
        self._number += 1
        heapq.heappush(self._heap, (time, self._number, happening))
        self._more.set()

    def latency_s(self) -> float:
        """Return how long one thing takes from one network to another."""
        least_ms, most_ms = self.latency_ms
        return self._random.uniform(least_ms, most_ms) / 1000

    def is_lost(self) -> bool:
        """Whether the next thing gets lost."""
        return self._random.randrange(MILLION) < self.loss_ppm

    def carry(self, sender: PeerId, receiver: PeerId, happening: Callable[[], None]) -> None:
        """Let something happen at a connected peer, after a latency and in order, or never."""
        tie = self.tie(sender, receiver)
        if tie is None or self.is_lost():
            return
        due = trio.current_time() + self.latency_s()
        due = max(due, tie.last_arrival[receiver])
        tie.last_arrival[receiver] = due

        def arrive() -> None:
            if self.tie(sender, receiver) is tie:
                happening()

        self.at(due, arrive)

    # --- meeting ----------------------------------------------------------------------------

    def _may_meet(self, one: PeerId, other: PeerId) -> bool:
        if one not in self.networks or other not in self.networks:
            return False
        places = [
            next((number for number, group in enumerate(self._groups) if peer in group), -1)
            for peer in (one, other)
        ]
        return (
            places[0] == places[1]
            and self.networks[one].admits(other)
            and self.networks[other].admits(one)
        )

    def _meet(self, one: PeerId, other: PeerId) -> None:
        """Exchange hellos and connect, if both want to."""
        if self.tie(one, other) is not None or not self._may_meet(one, other):
            return
        members: dict[PeerId, Member] = {}
        for me, peer in ((one, other), (other, one)):
            hello = self.networks[peer].greeter.hello_for(me)
            member = self.networks[me].judged(peer, hello)
            if member is None:
                return
            members[peer] = member
        is_linked = all(member.standing is Standing.AUTHORITY for member in members.values())
        now = trio.current_time()
        tie = _Tie(members, is_linked, {one: now, other: now})
        self._ties[frozenset((one, other))] = tie
        for me, peer in ((one, other), (other, one)):
            self.networks[me].found(peer, members[peer], is_linked=is_linked)


class MemoryNetwork(Network):
    """One node's network in a hub."""

    def __init__(
        self,
        hub: MemoryHub,
        me: PeerId,
        greeter: Greeter,
        observer: Observer,
        *,
        frame_limits: Mapping[int, int],
        followers_max_count: int,
    ) -> None:
        """Belong to a hub; made by `MemoryHub.join`."""
        self.greeter = greeter
        self._hub = hub
        self._me = me
        self._observer = observer
        self._followers_max_count = followers_max_count
        self._link = MemoryLink(hub, me, frame_limits)
        self._handlers: dict[str, Handler] = {}
        self._outlets: dict[str, trio.MemorySendChannel[list[tuple[PeerId, bytes]]]] = {}
        self._isolated: frozenset[PeerId] = frozenset()
        self._scores = Scores()
        self._last_errors: dict[PeerId, str] = {}
        self._asked_count = 0
        self._answered_count = 0
        self._delivered_count = 0

    @property
    def me(self) -> PeerId:
        """See `network.Network`."""
        return self._me

    async def publish(self, topic: str, data: bytes) -> None:
        """See `network.Network`."""
        if len(data) > limits.PUBLISH_MAX_BYTES:
            raise TooLarge(f"a message of {len(data)} bytes on {topic} was not sent")
        for peer in self._hub.tied_to(self._me):
            receiver = self._hub.networks[peer]
            self._hub.carry(self._me, peer, partial(receiver.deliver, topic, self._me, data))
        await trio.lowlevel.checkpoint()

    def subscribe(self, topic: str) -> Deliveries:
        """See `network.Network`."""
        self._outlets[topic], deliveries = trio.open_memory_channel[list[tuple[PeerId, bytes]]](
            limits.DELIVERIES_MAX_COUNT
        )
        return deliveries

    async def ask(
        self, peer: PeerId, protocol: str, request: bytes, *, timeout_s: float, limit_bytes: int
    ) -> bytes:
        """See `network.Network`."""
        if self._hub.tie(self._me, peer) is None:
            raise Unreachable(peer, "no connection")
        self._asked_count += 1
        send, receive = trio.open_memory_channel[bytes | Exception](1)
        other = self._hub.networks[peer]

        def asked() -> None:
            self._hub.nursery.start_soon(other.serve, self._me, protocol, request, send)

        self._hub.carry(self._me, peer, asked)
        with trio.move_on_after(timeout_s):
            answer = await receive.receive()
            if isinstance(answer, Exception):
                raise answer
            if len(answer) > limit_bytes:
                raise TooLarge(f"the answer of {peer} on {protocol} has {len(answer)} bytes")
            return answer
        raise Unreachable(peer, f"no answer on {protocol} within {timeout_s:g} s")

    def answer(self, protocol: str, handler: Handler) -> None:
        """See `network.Network`."""
        self._handlers[protocol] = handler

    def link(self) -> "MemoryLink":
        """See `network.Network`."""
        return self._link

    def peers(self) -> list[PeerStatus]:
        """See `network.Network`."""
        known = sorted({*self._hub.tied_to(self._me), *self._last_errors})
        return [self._status(peer) for peer in known]

    def charge(self, peer: PeerId, offence: str) -> None:
        """See `network.Network`."""
        now = trio.current_time()
        tie = self._hub.tie(self._me, peer)
        is_authority = tie is not None and tie.members[peer].standing is Standing.AUTHORITY
        ban = self._scores.charge(peer, offence, authority=is_authority, now=now)
        if ban is None:
            return
        event, seconds = ("authority_banned" if is_authority else "peer_banned"), round(ban.seconds)
        self._observer.told(event, peer=peer, offence=offence, seconds=seconds)
        self._hub.untie(self._me, peer, f"banned for {offence}")
        self._hub.at(ban.until, partial(self._hub.seek, self._me))

    def isolate(self, peers: frozenset[PeerId]) -> None:
        """See `network.Network`."""
        self._isolated = peers
        for peer in peers:
            self._hub.untie(self._me, peer, "isolated")
        self._hub.seek(self._me)

    def statistics(self) -> dict[str, int]:
        """See `network.Network`."""
        return NetworkStatistics(
            members_count=len(self._hub.tied_to(self._me)),
            links_count=len(self._link.linked()),
            link_frames_received_total=self._link.received_count,
            asked_total=self._asked_count,
            answered_total=self._answered_count,
            gossip_delivered_total=self._delivered_count,
        ).facts()

    # --- what the hub calls -----------------------------------------------------------------

    def admits(self, peer: PeerId) -> bool:
        """Whether a peer may be connected at all."""
        now = trio.current_time()
        return peer not in self._isolated and not self._scores.is_banned(peer, now)

    def judged(self, peer: PeerId, hello: bytes) -> Member | None:
        """Return who a peer is, or None when its hello is rejected."""
        why = "no free slot for a follower"
        try:
            member = self.greeter.judge(peer, hello)
            if member.standing is Standing.AUTHORITY or self._has_slot():
                return member
        except Rejected as rejected:
            why = str(rejected)
        self._last_errors[peer] = f"its hello was rejected: {why}"
        self._observer.told("hello_rejected", peer=peer, why=why)
        return None

    def found(self, peer: PeerId, member: Member, *, is_linked: bool) -> None:
        """Note a new connection."""
        self._last_errors.pop(peer, None)
        self._observer.told(
            "connected", peer=peer, name=member.name, standing=member.standing.value
        )
        if is_linked:
            self._observer.told("link_opened", peer=peer, name=member.name)
            self._link.announce(Linked(peer, member))

    def lost(self, peer: PeerId, member: Member, why: str, *, was_linked: bool) -> None:
        """Note the end of a connection."""
        self._last_errors[peer] = why
        if was_linked:
            self._observer.told("link_closed", peer=peer, name=member.name, why=why)
            self._link.announce(Unlinked(peer, why))
        self._observer.told("disconnected", peer=peer, name=member.name, why=why)

    def deliver(self, topic: str, author: PeerId, data: bytes) -> None:
        """Hand a gossip message to who subscribed."""
        outlet = self._outlets.get(topic)
        if outlet is None:
            return
        try:
            outlet.send_nowait([(author, data)])
            self._delivered_count += 1
        except trio.WouldBlock:
            self._observer.told("gossip_dropped", topic=topic, count=1)
        except trio.BrokenResourceError:
            del self._outlets[topic]

    async def serve(
        self,
        asker: PeerId,
        protocol: str,
        request: bytes,
        reply: trio.MemorySendChannel[bytes | Exception],
    ) -> None:
        """Answer a question; a handler that fails costs the asker this one answer."""
        tie = self._hub.tie(self._me, asker)
        handler = self._handlers.get(protocol)
        answer: bytes | Exception
        if tie is None:
            return
        answer = Unreachable(self._me, f"the peer does not serve {protocol}")
        if handler is not None:
            answer = await self._answer_of(handler, asker, tie.members[asker], request)
        self._hub.carry(self._me, asker, partial(reply.send_nowait, answer))

    async def _answer_of(
        self, handler: Handler, asker: PeerId, member: Member, request: bytes
    ) -> bytes | Exception:
        """Return what a handler answers, or what the asker will see of its failure."""
        try:
            answer = await handler(asker, member, request)
        except Refused as refusal:
            return refusal
        except Exception as problem:  # noqa: BLE001 - as over libp2p, it costs the stream alone
            self._observer.told("stream_failed", peer=asker, why=repr(problem))
            return Unreachable(self._me, "the peer closed the stream")
        self._answered_count += 1
        return answer

    def _has_slot(self) -> bool:
        standings = [self._status(peer).standing for peer in self._hub.tied_to(self._me)]
        return standings.count(Standing.FOLLOWER) < self._followers_max_count

    def _status(self, peer: PeerId) -> PeerStatus:
        tie = self._hub.tie(self._me, peer)
        member = tie.members[peer] if tie is not None else None
        return PeerStatus(
            peer=peer,
            name=member.name if member is not None else "",
            standing=member.standing if member is not None else None,
            address=f"memory:{peer}",
            connected=tie is not None,
            linked=tie is not None and tie.is_linked,
            rtt_ms=sum(self._hub.latency_ms) if tie is not None else None,
            score=self._scores.score(peer, trio.current_time()),
            queued_bytes=0,
            last_error=self._last_errors.get(peer, ""),
        )


class MemoryLink:
    """See `network.Link`."""

    def __init__(self, hub: MemoryHub, me: PeerId, frame_limits: Mapping[int, int]) -> None:
        """Belong to one network."""
        self._hub = hub
        self._me = me
        self._frame_limits = frame_limits
        self._announcements, self.arrivals = trio.open_memory_channel[News](math.inf)
        self._hearer: Hearer | None = None
        self.received_count = 0

    def hear(self, hearer: Hearer) -> None:
        """See `network.Link`."""
        self._hearer = hearer

    def send(self, peer: PeerId, kind: int, payload: bytes, traffic: TrafficClass) -> bool:  # noqa: ARG002
        """See `network.Link`."""
        limit_bytes = self._frame_limits.get(kind, -1)
        assert len(payload) <= limit_bytes, f"a frame of kind {kind} is beyond its own limit"
        if peer not in self.linked():
            return False
        receiver = self._hub.networks[peer].link()
        self._hub.carry(self._me, peer, partial(receiver.receive, self._me, Frame(kind, payload)))
        return True

    def broadcast(self, kind: int, payload: bytes, traffic: TrafficClass) -> None:
        """See `network.Link`."""
        for peer in self.linked():
            self.send(peer, kind, payload, traffic)

    def linked(self) -> list[PeerId]:
        """Return the peers whose link is open, ascending."""
        ties = {peer: self._hub.tie(self._me, peer) for peer in self._hub.tied_to(self._me)}
        return [peer for peer, tie in ties.items() if tie is not None and tie.is_linked]

    def receive(self, peer: PeerId, frame: Frame) -> None:
        """Take a frame that arrived."""
        self.received_count += 1
        self.announce(Arrival(peer, [frame]))

    def announce(self, happening: News) -> None:
        """Hand something on; whoever closed the channel does not want it."""
        if self._hearer is not None and self._hearer(happening):
            return
        with suppress(trio.BrokenResourceError):
            self._announcements.send_nowait(happening)
