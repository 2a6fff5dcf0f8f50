"""Long-lived direct streams between authorities: one for each direction, frames in bounded queues.

For each peer there is one writer, which sends what is most urgent and joins small frames, and one
reader, which hands on all frames of a read as one list.
Source: docs/specs/network.md, NET-060 to NET-067.
"""

import math
from collections.abc import Callable, Mapping
from typing import Protocol

import trio

from p2p import limits
from p2p.frame import BadFrame, FrameReader, OutboundQueue, encoded
from p2p.network import (
    Arrival,
    Arrivals,
    Frame,
    Hearer,
    Linked,
    Member,
    News,
    Observer,
    PeerId,
    TrafficClass,
    Unlinked,
)
from p2p.stream import Broken, Stream

PROTOCOL = "/novation/cons/1"

PUBLICATION = 255
"""The one kind of frame that is not the node's: what was published, for those we are linked to."""

Published = Callable[[PeerId, bytes], None]


class Linkable(Protocol):
    """A connection to another authority, both of whose hellos were accepted."""

    @property
    def peer(self) -> PeerId:
        """Whose it is."""
        ...

    @property
    def member(self) -> Member | None:
        """What the judge said of it."""
        ...

    @property
    def closed(self) -> trio.Event:
        """Set when the connection is gone."""
        ...

    async def open(self, protocol: str) -> Stream:
        """Return a new stream, or raise `Broken`."""
        ...


class _Outbound:
    """What waits for one linked peer, and who writes and reads it now."""

    def __init__(self, connection: Linkable, stream: Stream) -> None:
        self.connection = connection
        self.stream = stream
        self.queue = OutboundQueue()
        self.is_writing = False
        self.wrote_at = -math.inf
        """When a frame last left at once."""
        self.more = trio.Event()
        self.scope = trio.CancelScope()
        self.reading: trio.CancelScope | None = None

    def write_alone(self, frame: bytes, now: float) -> bool:
        """Write a frame before which nothing waits, if it may leave now; return whether it did."""
        if self.queue.queued_bytes or not self._may_write(len(frame), now):
            return False
        self.wrote_at = now
        self.stream.write_now(frame)
        return True

    def write(self, now: float) -> bool:
        """Write what waits if that needs no wait, else wake the writer; return whether it did."""
        if not self._may_write(self.queue.queued_bytes, now):
            self.more.set()
            return False
        self.wrote_at = now
        self.stream.write_now(self.queue.take(limits.WRITE_BYTES))
        return True

    def _may_write(self, count_bytes: int, now: float) -> bool:
        """Whether so many bytes may leave at once.

        What comes right after a frame that left at once is joined by the writer.
        """
        is_first = now - self.wrote_at >= limits.JOIN_WITHIN_S
        return is_first and not self.is_writing and self.stream.takes_now(count_bytes)


class LinkStreams:
    """The link to all authorities; see `network.Link`."""

    def __init__(
        self,
        frame_limits: Mapping[int, int],
        observer: Observer,
        charge: Callable[[PeerId, str], None],
        published: Published,
    ) -> None:
        """Permit these kinds of frame, each up to so many bytes; `published` takes publications."""
        self._frame_limits = {**frame_limits, PUBLICATION: limits.PUBLICATION_MAX_BYTES}
        self._published = published
        self._observer = observer
        self._charge = charge
        self._announcements, self._arrivals = trio.open_memory_channel[News](
            limits.ARRIVALS_MAX_COUNT
        )
        self._hearer: Hearer | None = None
        self._linked: dict[PeerId, _Outbound] = {}
        self._turns: dict[PeerId, trio.Lock] = {}
        self._changed = trio.Event()
        self.sent_count = 0
        self.received_count = 0
        self.dropped_count = 0

    @property
    def arrivals(self) -> Arrivals:
        """See `network.Link`."""
        return self._arrivals

    def hear(self, hearer: Hearer) -> None:
        """See `network.Link`."""
        self._hearer = hearer

    @property
    def linked(self) -> list[PeerId]:
        """The peers whose link is open."""
        return list(self._linked)

    def send(self, peer: PeerId, kind: int, payload: bytes, traffic: TrafficClass) -> bool:
        """See `network.Link`."""
        outbound = self._linked.get(peer)
        return outbound is not None and self._push(outbound, self._frame(kind, payload), traffic)

    def broadcast(self, kind: int, payload: bytes, traffic: TrafficClass) -> None:
        """See `network.Link`."""
        frame = self._frame(kind, payload)
        for outbound in self._linked.values():
            self._push(outbound, frame, traffic)

    def queued_bytes(self, peer: PeerId) -> int:
        """Return how many bytes wait for a peer."""
        outbound = self._linked.get(peer)
        return 0 if outbound is None else outbound.queue.queued_bytes

    def is_busy(self) -> bool:
        """Whether votes or proposals wait to be written."""
        return any(
            outbound.queue.waiting_bytes(TrafficClass.VOTES)
            or outbound.queue.waiting_bytes(TrafficClass.PROPOSALS)
            for outbound in self._linked.values()
        )

    def full_for_long(self, now: float) -> list[PeerId]:
        """Return the peers whose queues have been full for longer than they may."""
        return [
            peer
            for peer, outbound in self._linked.items()
            if outbound.queue.full_since is not None
            and now - outbound.queue.full_since >= limits.FULL_MAX_S
        ]

    async def keep(self, connection: Linkable) -> None:
        """Keep the link to a peer open until its connection is gone.

        Announces `Linked` at every opening and `Unlinked` at every end. A peer that comes back
        while the end of its last link waits to be heard waits for its turn.
        """
        delay_s = limits.LINK_BACKOFF_FIRST_S
        async with self._turns.setdefault(connection.peer, trio.Lock()):
            while not connection.closed.is_set():
                try:
                    stream = await connection.open(PROTOCOL)
                except Broken:
                    delay_s = min(2 * delay_s, limits.LINK_BACKOFF_S)
                else:
                    delay_s = limits.LINK_BACKOFF_FIRST_S
                    await self._use(connection, stream)
                with trio.move_on_after(delay_s):
                    await connection.closed.wait()

    async def receive(self, peer: PeerId, connection: Linkable, stream: Stream) -> None:
        """Hand on what a peer sends on its stream until it ends or is replaced by a newer one.

        Waits for our own direction first, so that nothing arrives from a peer that was not
        announced. Frames that may not be cost the peer its connection.
        """
        while (outbound := self._linked.get(peer)) is None or outbound.connection is not connection:
            if connection.closed.is_set():
                return
            await self._changed.wait()
        if outbound.reading is not None:
            outbound.reading.cancel()
        with trio.CancelScope() as scope:
            outbound.reading = scope
            await self._read(peer, stream)

    def _frame(self, kind: int, payload: bytes) -> bytes:
        """Return a frame of ours, which obeys the limits that we hold others to."""
        assert len(payload) <= self._frame_limits.get(kind, -1), (
            f"a frame of kind {kind} with {len(payload)} bytes is beyond its own limit"
        )
        return encoded(kind, payload)

    def _push(self, outbound: _Outbound, frame: bytes, traffic: TrafficClass) -> bool:
        now = trio.current_time()
        if outbound.write_alone(frame, now):
            self.sent_count += 1
            return True
        dropped_before = outbound.queue.dropped_count
        is_queued = outbound.queue.push(frame, traffic, now)
        self.dropped_count += outbound.queue.dropped_count - dropped_before
        if outbound.write(now):
            self.sent_count += 1
        return is_queued

    async def _use(self, connection: Linkable, stream: Stream) -> None:
        """Announce the link, write until it breaks, announce its end."""
        member = connection.member
        assert member is not None, "a link is kept to members only"
        outbound = _Outbound(connection, stream)
        self._linked[connection.peer] = outbound
        why = "the connection closed"
        try:
            await self._announce(Linked(connection.peer, member))
            self._notify()
            self._observer.told("link_opened", peer=connection.peer, name=member.name)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_until_closed, connection, nursery.cancel_scope)
                why = await self._write(outbound, stream) or why
                nursery.cancel_scope.cancel()
        finally:
            del self._linked[connection.peer]
            if outbound.reading is not None:
                outbound.reading.cancel()
            self._notify()
            await stream.reset()
        self._observer.told("link_closed", peer=connection.peer, name=member.name, why=why)
        await self._announce(Unlinked(connection.peer, why))

    async def _write(self, outbound: _Outbound, stream: Stream) -> str:
        """Write what waits, most urgent first; return why it ended."""
        while True:
            await outbound.more.wait()
            outbound.more = trio.Event()
            outbound.is_writing = True
            while data := outbound.queue.take(limits.WRITE_BYTES):
                try:
                    await stream.write(data)
                except Broken as broken:
                    return str(broken)
                self.sent_count += 1
            outbound.is_writing = False

    async def _read(self, peer: PeerId, stream: Stream) -> None:
        """Hand on what arrives: in the turn it arrives in, or here when the node is behind."""
        reader = FrameReader(self._frame_limits)
        is_behind = True

        def take(data: bytes) -> bool:
            nonlocal is_behind
            is_behind = is_behind or not self._has_room()
            if is_behind:
                return False
            frames = self._frames(peer, reader, data)
            if frames and not self._is_heard(news := Arrival(peer, frames)):
                self._announcements.send_nowait(news)
            return True

        stream.divert(take)
        try:
            while True:
                is_behind = stream.holds
                data = await stream.read()
                if not data:
                    return
                frames = self._frames(peer, reader, data)
                if frames:
                    await self._announce(Arrival(peer, frames))
        except Broken:
            return
        finally:
            stream.divert(None)

    async def _announce(self, news: News) -> None:
        if not self._is_heard(news):
            await self._announcements.send(news)

    def _is_heard(self, news: News) -> bool:
        """Whether it was heard; else it has to go through the channel."""
        return self._hearer is not None and self._hearer(news)

    def _has_room(self) -> bool:
        return self._announcements.statistics().current_buffer_used < limits.ARRIVALS_MAX_COUNT

    def _frames(self, peer: PeerId, reader: FrameReader, data: bytes) -> list[Frame]:
        """Return the node's frames; publications are taken, offences charged."""
        try:
            frames = reader.feed(data)
        except BadFrame as bad:
            self._observer.told("frame_refused", peer=peer, why=str(bad))
            self._charge(peer, bad.offence)
            return []
        self.received_count += len(frames)
        for frame in frames:
            if frame.kind == PUBLICATION:
                self._published(peer, frame.payload)
        return [frame for frame in frames if frame.kind != PUBLICATION]

    def _notify(self) -> None:
        """Wake those who wait for a link to be open."""
        self._changed.set()
        self._changed = trio.Event()


async def _until_closed(connection: Linkable, scope: trio.CancelScope) -> None:
    await connection.closed.wait()
    scope.cancel()
