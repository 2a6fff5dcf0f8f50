"""The network between machines: hellos, links, gossip, questions; and how all of it is lost.

Every machine finds every other. What travels takes a time of its own and may be lost, doubled or
overtaken; a pair that hears nothing of each other for five seconds is cut, and dials again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from p2p import limits
from p2p.network import (
    Arrival,
    Frame,
    Greeter,
    Handler,
    Hearer,
    Linked,
    Member,
    Network,
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
from tests.simulation.member import Name
from tests.simulation.nodes.loop import SECOND_US
from tests.simulation.world import Network as Faults

if TYPE_CHECKING:
    from tests.simulation.nodes.machine import Machine
    from tests.simulation.nodes.world import World

DIAL_EVERY_US = 250_000
SILENCE_MAX_US = round(limits.SILENCE_MAX_S * SECOND_US)


@dataclass
class _Tie:
    """A connection of two machines."""

    members: dict[Name, Member]
    """What each end is held to be by the other."""
    is_linked: bool
    silent_since_us: int = -1


class Wires:
    """All connections, and what is wrong with them."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.faults = Faults()
        self.ends: dict[Name, Wire] = {}
        self.names: dict[PeerId, Name] = {}
        self.carried_count = 0
        self._ties: dict[frozenset[Name], _Tie] = {}

    def begin(self) -> None:
        """Dial and watch from now on."""
        self.world.loop.after(DIAL_EVERY_US, self.begin)
        names = list(self.ends)
        for place, one in enumerate(names):
            for other in names[place + 1 :]:
                self._look(one, other)

    def join(self, machine: "Machine", greeter: Greeter) -> "Wire":
        """Return the end of a machine that came up."""
        wire = Wire(self, machine, greeter)
        self.ends[machine.name] = wire
        self.names[machine.peer_id] = machine.name
        return wire

    def leave(self, name: Name) -> None:
        """Take an end away as a crash does."""
        if self.ends.pop(name, None) is None:
            return
        for other in list(self.ends):
            self.untie(name, other, "the peer is gone")

    def tie(self, one: Name, other: Name) -> _Tie | None:
        """Return the connection of two, if there is one."""
        return self._ties.get(frozenset((one, other)))

    def untie(self, one: Name, other: Name, why: str) -> None:
        """Cut a connection; what is alive at its ends hears of it."""
        tie = self._ties.pop(frozenset((one, other)), None)
        if tie is None or not tie.is_linked:
            return
        for here, there in ((one, other), (other, one)):
            end = self.ends.get(here)
            if end is not None:
                end.announce(Unlinked(self.world.machines[there].peer_id, why))

    def cut_all(self) -> None:
        """Cut every connection at once; everybody dials again."""
        for pair in list(self._ties):
            one, other = sorted(pair)
            self.untie(one, other, "cut")

    # --- meeting ----------------------------------------------------------------------------

    def _look(self, one: Name, other: Name) -> None:
        faults, now_us = self.faults, self.world.loop.time_us
        reaches = faults.reaches(one, other) and faults.reaches(other, one)
        tie = self.tie(one, other)
        if tie is None:
            if reaches:
                self._dial(one, other)
        elif reaches:
            tie.silent_since_us = -1
        elif tie.silent_since_us < 0:
            tie.silent_since_us = now_us
        elif now_us - tie.silent_since_us > SILENCE_MAX_US:
            self.untie(one, other, "silent")

    def _dial(self, one: Name, other: Name) -> None:
        here, there = self.ends[one], self.ends[other]
        if not (here.admits(there.me) and there.admits(here.me)):
            return
        to_there, to_here = here.greeter.hello_for(there.me), there.greeter.hello_for(here.me)
        self.world.loop.after(self.delay_us(), self._meet, here, there, to_there, to_here)

    def _meet(self, here: "Wire", there: "Wire", to_there: bytes, to_here: bytes) -> None:
        one, other = here.machine.name, there.machine.name
        if self.ends.get(one) is not here or self.ends.get(other) is not there:
            return
        if self.tie(one, other) is not None:
            return
        there_is, here_is = here.judged(there.me, to_here), there.judged(here.me, to_there)
        if there_is is None or here_is is None:
            return
        is_linked = {there_is.standing, here_is.standing} == {Standing.AUTHORITY}
        self._ties[frozenset((one, other))] = _Tie({one: here_is, other: there_is}, is_linked)
        if is_linked:
            here.announce(Linked(there.me, there_is))
            there.announce(Linked(here.me, here_is))

    # --- carrying ---------------------------------------------------------------------------

    def delay_us(self) -> int:
        """Return how long one thing takes."""
        faults = self.faults
        shortest_us = faults.delay_us * faults.shortest_ppm // 1_000_000
        if shortest_us >= faults.delay_us:
            return faults.delay_us
        return self.world.rng.randrange(shortest_us, faults.delay_us)

    def carry(self, source: Name, target: Name, happening: Callable[[], None]) -> None:
        """Have something happen at a connected machine later, perhaps twice, or never."""
        tie = self.tie(source, target)
        faults, rng, world = self.faults, self.world.rng, self.world
        if tie is None or not faults.reaches(source, target):
            return
        delay_us = self.delay_us()
        if world.loop.time_us < faults.faults_end_us:
            if faults.drop_ppm and rng.randrange(1_000_000) < faults.drop_ppm:
                return
            if faults.tail_ppm and rng.randrange(1_000_000) < faults.tail_ppm:
                delay_us += int(rng.expovariate(1) * faults.tail_us)
            if faults.duplicate_ppm and rng.randrange(1_000_000) < faults.duplicate_ppm:
                world.loop.after(2 * delay_us, self._arrive, tie, source, target, happening)
        world.loop.after(delay_us, self._arrive, tie, source, target, happening)

    def _arrive(self, tie: _Tie, source: Name, target: Name, happening: Callable[[], None]) -> None:
        if self.tie(source, target) is tie and target in self.ends:
            self.carried_count += 1
            happening()


class Wire(Network):
    """One machine's network, from a start of its process to the end of it."""

    def __init__(self, wires: Wires, machine: "Machine", greeter: Greeter) -> None:
        self.wires = wires
        self.machine = machine
        self.greeter = greeter
        words = machine.world.words
        self.arrivals, _ = words.open_memory_channel(10**9)
        self._hearer: Hearer | None = None
        self._words = words
        self._handlers: dict[str, Handler] = {}
        self._outlets: dict[str, Any] = {}
        self._scores = Scores()

    @property
    def me(self) -> PeerId:
        """See `p2p.network.Network`."""
        return self.machine.peer_id

    def _name_of(self, peer: PeerId) -> Name:
        return self.wires.names[peer]

    # --- what the node calls ----------------------------------------------------------------

    def link(self) -> "Wire":
        """See `p2p.network.Network`."""
        return self

    def hear(self, hearer: Hearer) -> None:
        """See `p2p.network.Link`."""
        self._hearer = hearer

    def send(self, peer: PeerId, kind: int, payload: bytes, traffic: TrafficClass) -> bool:
        """See `p2p.network.Link`."""
        del traffic
        self.machine.says(self._name_of(peer), kind, payload)
        return True

    def broadcast(self, kind: int, payload: bytes, traffic: TrafficClass) -> None:
        """See `p2p.network.Link`."""
        for peer in self.linked():
            self.send(peer, kind, payload, traffic)

    def put(self, target: Name, kind: int, payload: bytes) -> None:
        """Send one frame on its way."""
        world = self.machine.world
        end = self.wires.ends.get(target)
        if end is not None:
            source = self.machine
            self.wires.carry(
                source.name, target, partial(world.arrived, source, end, kind, payload)
            )

    async def publish(self, topic: str, data: bytes) -> None:
        """See `p2p.network.Network`."""
        if len(data) > limits.PUBLISH_MAX_BYTES:
            raise TooLarge(f"a message of {len(data)} bytes on {topic} was not sent")
        for name, end in list(self.wires.ends.items()):
            if name != self.machine.name:
                self.wires.carry(
                    self.machine.name, name, partial(end.deliver, topic, self.me, data)
                )
        await self._words.checkpoint()

    def subscribe(self, topic: str) -> Any:
        """See `p2p.network.Network`."""
        self._outlets[topic], deliveries = self._words.open_memory_channel(
            limits.DELIVERIES_MAX_COUNT
        )
        return deliveries

    async def ask(
        self, peer: PeerId, protocol: str, request: bytes, *, timeout_s: float, limit_bytes: int
    ) -> bytes:
        """See `p2p.network.Network`."""
        target = self._name_of(peer)
        if self.wires.tie(self.machine.name, target) is None:
            raise Unreachable(peer, "no connection")
        answers, _ = self._words.open_memory_channel(4)
        end = self.wires.ends[target]
        asked = partial(end.serve, self.machine.name, protocol, request, answers)
        self.wires.carry(self.machine.name, target, asked)
        with self._words.move_on_after(timeout_s):
            answer = await answers.receive()
            if isinstance(answer, Exception):
                raise answer
            if len(answer) > limit_bytes:
                raise TooLarge(f"the answer of {peer} on {protocol} has {len(answer)} bytes")
            return bytes(answer)
        raise Unreachable(peer, f"no answer on {protocol} within {timeout_s:g} s")

    def answer(self, protocol: str, handler: Handler) -> None:
        """See `p2p.network.Network`."""
        self._handlers[protocol] = handler

    def peers(self) -> list[PeerStatus]:
        """See `p2p.network.Network`."""
        known = []
        for name, end in self.wires.ends.items():
            tie = self.wires.tie(self.machine.name, name)
            if tie is None or name == self.machine.name:
                continue
            member, rtt_ms = tie.members[name], self.wires.faults.delay_us * 2 // 1000
            known.append(
                PeerStatus(
                    end.me, member.name, member.standing, "", True, tie.is_linked, rtt_ms, 0, 0, ""
                )
            )
        return sorted(known, key=lambda status: status.peer)

    def charge(self, peer: PeerId, offence: str) -> None:
        """See `p2p.network.Network`."""
        name = self._name_of(peer)
        self.machine.world.judge.charged(self.machine, name, offence)
        tie = self.wires.tie(self.machine.name, name)
        is_authority = tie is not None and tie.members[name].standing is Standing.AUTHORITY
        now = self._words.current_time()
        if self._scores.charge(peer, offence, authority=is_authority, now=now) is not None:
            self.wires.untie(self.machine.name, name, f"banned for {offence}")

    def isolate(self, peers: frozenset[PeerId]) -> None:
        """See `p2p.network.Network`; partitions are the world's here."""

    def statistics(self) -> dict[str, int]:
        """See `p2p.network.Network`."""
        return {}

    # --- what the wires call ----------------------------------------------------------------

    def linked(self) -> list[PeerId]:
        """Return those that a link is open to."""
        return [status.peer for status in self.peers() if status.linked]

    def admits(self, peer: PeerId) -> bool:
        """Return whether a peer may be connected at all."""
        return not self._scores.is_banned(peer, self._words.current_time())

    def judged(self, peer: PeerId, hello: bytes) -> Member | None:
        """Return who a peer is, or None when its hello is rejected."""
        try:
            return self.greeter.judge(peer, hello)
        except Rejected:
            return None

    def announce(self, news: Linked | Unlinked | Arrival) -> None:
        """Hand news of links to the node."""
        if self._hearer is None or not self._hearer(news):
            self.arrivals.send_nowait(news)

    def arrive(self, peer: PeerId, kind: int, payload: bytes) -> None:
        """Hand a frame to the node."""
        self.announce(Arrival(peer, [Frame(kind, payload)]))

    def deliver(self, topic: str, author: PeerId, data: bytes) -> None:
        """Hand a gossip message to who subscribed; what does not fit is dropped."""
        outlet = self._outlets.get(topic)
        if outlet is not None:
            try:
                outlet.send_nowait([(author, data)])
            except self._words.WouldBlock:
                return

    def serve(self, asker: Name, protocol: str, request: bytes, answers: Any) -> None:
        """Begin to answer a question."""
        process = self.machine.process
        if process is not None:
            serving = self._serve(asker, protocol, request, answers)
            process.begin(serving, None, self.machine.part_ended)

    async def _serve(self, asker: Name, protocol: str, request: bytes, answers: Any) -> None:
        tie = self.wires.tie(self.machine.name, asker)
        handler = self._handlers.get(protocol)
        if tie is None or handler is None:
            return
        peer = self.machine.world.machines[asker].peer_id
        answer: bytes | Exception
        try:
            answer = await handler(peer, tie.members[asker], request)
        except Refused as refused:
            answer = Refused(str(refused))
        for told in self.machine.answers(asker, request, answer):
            self.wires.carry(self.machine.name, asker, partial(_put, answers, told))


def _put(answers: Any, answer: bytes | Exception) -> None:
    answers.send_nowait(answer)
