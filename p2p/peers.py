"""Connections from their first moment to their last: hello, liveness, redialling.

A connection begins as a stranger's. Both sides send their hello on a stream of its own; when each
has accepted the other's, it is a member's, and only then is any other protocol served or asked.
Source: docs/specs/network.md, NET-030 to NET-039.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import trio

from p2p import limits
from p2p.exchange import Exchange
from p2p.frame import BadFrame, FrameReader, encoded
from p2p.network import (
    Frame,
    Greeter,
    Member,
    Observer,
    PeerAddress,
    PeerId,
    PeerStatus,
    Refused,
    Rejected,
    Standing,
    TooLarge,
    Unreachable,
)
from p2p.stream import Broken, Stream, open_stream

HELLO = "/novation/hello/1"
PING = "/novation/ping/1"

KIND_HELLO = 1
KIND_ACCEPTED = 2
KIND_REJECTED = 3

STANDING_BYTES = {Standing.AUTHORITY: b"\x01", Standing.FOLLOWER: b"\x02"}


class Session:
    """One connection to one peer."""

    def __init__(self, peer: PeerId, connection: Any, socket: Any, *, dialled: bool) -> None:
        """Begin as a stranger."""
        self.peer = peer
        self.connection = connection
        self.socket = socket
        self.dialled = dialled
        self.began_at = trio.current_time()
        self.member: Member | None = None
        """What we hold the peer to be, once its hello is accepted."""
        self.our_standing: Standing | None = None
        """What the peer holds us to be, once our hello is accepted."""
        self.greeted = trio.Event()
        """Both hellos are accepted."""
        self.was_judged = False
        self.serving: set[trio.CancelScope] = set()
        """The inbound streams that are served now."""
        self.rtt_ms: int | None = None
        self.why_closed = "the connection closed"

    @property
    def closed(self) -> trio.Event:
        """Set when the socket is closed."""
        closed: trio.Event = self.socket.closed
        return closed

    @property
    def is_member(self) -> bool:
        """Whether the peer may be served."""
        return self.member is not None and not self.closed.is_set()

    @property
    def is_usable(self) -> bool:
        """Whether the peer may be asked."""
        return self.greeted.is_set() and not self.closed.is_set()

    @property
    def is_between_authorities(self) -> bool:
        """Whether each holds the other to be an authority."""
        return (
            self.member is not None
            and self.member.standing is Standing.AUTHORITY
            and self.our_standing is Standing.AUTHORITY
        )

    async def open(self, protocol: str) -> Stream:
        """Return a new stream on this connection, or raise `Broken`."""
        if self.closed.is_set():
            raise Broken("the connection closed")
        return await open_stream(self.connection, protocol)

    def cut(self, why: str) -> None:
        """Close the socket now."""
        if not self.closed.is_set():
            self.why_closed = why
            self.socket.cut()

    def accept(self, member: Member) -> None:
        """Note that the peer's hello was accepted."""
        self.member = member
        self.connection.muxed_conn.trust()
        self._greet_if_both()

    def accepted_by_peer(self, standing: Standing) -> None:
        """Note that our hello was accepted."""
        self.our_standing = standing
        self._greet_if_both()

    def _greet_if_both(self) -> None:
        if self.member is not None and self.our_standing is not None:
            self.greeted.set()


class Sessions:
    """All connections, at most one for each identity."""

    def __init__(self, me: PeerId, configured: tuple[PeerAddress, ...], observer: Observer) -> None:
        """Reserve slots for the configured peers."""
        self._me = me
        self._configured = {address.peer_id: address for address in configured}
        self._observer = observer
        self._by_peer: dict[PeerId, Session] = {}

    def __iter__(self) -> Any:
        """Go through the connections as they are now."""
        return iter(list(self._by_peer.values()))

    def get(self, peer: PeerId) -> Session | None:
        """Return the connection to a peer."""
        return self._by_peer.get(peer)

    def usable(self, peer: PeerId) -> Session:
        """Return the connection on which a peer may be asked, or raise `Unreachable`."""
        session = self._by_peer.get(peer)
        if session is None or session.closed.is_set():
            raise Unreachable(peer, "no connection")
        if not session.is_usable:
            raise Unreachable(peer, "the hellos are not exchanged yet")
        return session

    def is_member(self, peer: PeerId) -> bool:
        """Whether a peer is connected and its hello was accepted."""
        session = self._by_peer.get(peer)
        return session is not None and session.is_member

    def enter(self, session: Session) -> bool:
        """Admit a new connection and return True, or cut it and return False.

        Of two connections of one identity one goes. If both are young they come of dialling each
        other, and both sides must choose alike: the one stays that the lower id dialled.
        Otherwise the newer stays, since the older may be dead without knowing it.
        """
        other = self._by_peer.get(session.peer)
        if other is not None and not other.closed.is_set():
            is_twin = session.began_at - other.began_at < limits.TWINS_WITHIN_S
            if is_twin and other.dialled != session.dialled and self._is_preferred(other):
                session.cut("a second connection of one identity")
                return False
            other.cut("replaced by a newer connection")
        self._by_peer[session.peer] = session
        self._evict_stranger()
        return True

    def leave(self, session: Session) -> None:
        """Note that a connection is gone."""
        if self._by_peer.get(session.peer) is session:
            del self._by_peer[session.peer]

    def known(self) -> list[PeerId]:
        """Return every configured and every connected peer, ascending."""
        return sorted({*self._configured, *self._by_peer})

    def status(
        self, peer: PeerId, *, linked: bool, score: int, queued_bytes: int, last_error: str
    ) -> PeerStatus:
        """Return the status of a peer, with what others know of it."""
        address = self._configured.get(peer)
        session = self._by_peer.get(peer)
        member = session.member if session is not None else None
        where = ""
        if address is not None:
            where = f"{address.host}:{address.port}"
        elif session is not None:
            where = ":".join(map(str, session.socket.address))
        return PeerStatus(
            peer=peer,
            name=member.name if member is not None else "",
            standing=member.standing if member is not None else None,
            address=where,
            connected=session is not None and session.is_usable,
            linked=linked,
            rtt_ms=session.rtt_ms if session is not None else None,
            score=score,
            queued_bytes=queued_bytes,
            last_error=last_error,
        )

    def followers_count(self) -> int:
        """Return how many followers are connected."""
        return sum(
            session.is_member
            and session.member is not None
            and session.member.standing is Standing.FOLLOWER
            for session in self
        )

    def strangers(self) -> list[Session]:
        """Return the connections whose hello is not accepted, the oldest first."""
        return [one for one in self if one.member is None and not one.closed.is_set()]

    def _is_preferred(self, session: Session) -> bool:
        """Whether the lower of the two ids dialled. Ids have one length, so text compares well."""
        return session.dialled == (self._me < session.peer)

    def _evict_stranger(self) -> None:
        """Keep the strangers few. Configured peers are known by their handshake already."""
        strangers = [one for one in self.strangers() if one.peer not in self._configured]
        if len(strangers) > limits.STRANGERS_MAX_COUNT:
            strangers[0].cut("too many strangers")
            self._observer.told("stranger_evicted", peer=strangers[0].peer)


async def send_hello(session: Session, greeter: Greeter, observer: Observer) -> None:
    """Say hello to a peer and take its verdict."""
    hello = greeter.hello_for(session.peer)
    try:
        stream = await session.open(HELLO)
        await stream.write(encoded(KIND_HELLO, hello))
        verdict = await _one_frame(
            stream, {KIND_ACCEPTED: 1, KIND_REJECTED: limits.REFUSAL_MAX_BYTES}
        )
        await stream.close()
    except (Broken, BadFrame) as gone:
        if not session.closed.is_set():
            session.why_closed = f"no verdict on our hello: {gone}"
        return
    if verdict.kind == KIND_REJECTED:
        why = verdict.payload.decode(errors="replace")
        session.why_closed = f"our hello was rejected: {why}"
        observer.told("hello_rejected_by_peer", peer=session.peer, why=why)
        return
    is_authority = verdict.payload == STANDING_BYTES[Standing.AUTHORITY]
    session.accepted_by_peer(Standing.AUTHORITY if is_authority else Standing.FOLLOWER)


async def receive_hello(
    session: Session,
    stream: Stream,
    greeter: Greeter,
    observer: Observer,
    has_room: Callable[[Member], bool],
) -> None:
    """Judge a peer's hello and tell it the verdict. One hello for each connection."""
    if session.was_judged:
        await stream.reset()
        return
    session.was_judged = True
    frame = await _one_frame(stream, {KIND_HELLO: limits.HELLO_MAX_BYTES})
    member: Member | None = None
    why = "no free slot for a follower"
    try:
        judged = greeter.judge(session.peer, frame.payload)
        member = judged if has_room(judged) else None
    except Rejected as rejected:
        why = str(rejected)
    if member is None:
        session.why_closed = f"its hello was rejected: {why}"
        observer.told("hello_rejected", peer=session.peer, why=why)
        text = why.encode()[: limits.REFUSAL_MAX_BYTES]
        await stream.write(encoded(KIND_REJECTED, text))
    else:
        # Accepted before it is told so, since the peer may ask something at once.
        session.accept(member)
        await stream.write(encoded(KIND_ACCEPTED, STANDING_BYTES[member.standing]))
    await stream.close()


async def ping(session: Session, exchange: Exchange) -> None:
    """Ask a peer for a sign of life every two seconds; cut the connection if none is ever given.

    Whatever arrives in between is a sign of life too, since an answer may wait behind a large
    body; so true silence is noticed where bytes are counted, not here.
    """
    answered_at = trio.current_time()
    while True:
        asked_at = trio.current_time()
        try:
            await exchange.ask(session, PING, b"", timeout_s=limits.SILENCE_MAX_S, limit_bytes=0)
        except (Unreachable, Refused, TooLarge):
            if trio.current_time() - answered_at >= limits.PONG_MAX_S:
                session.cut("no answer to pings")
                return
        else:
            answered_at = trio.current_time()
            session.rtt_ms = round(1000 * (answered_at - asked_at))
        await trio.sleep(limits.PING_EVERY_S)


async def watch(
    sessions: Sessions, full_for_long: Callable[[float], list[PeerId]], observer: Observer
) -> None:
    """Cut those who may not stay, for ever: the silent, old strangers, peers that do not read."""
    looked_at = trio.current_time()
    while True:
        await trio.sleep(limits.WATCH_EVERY_S)
        now, before = trio.current_time(), looked_at
        looked_at = now
        if now - before > 2 * limits.WATCH_EVERY_S:
            # It was our own loop that stood still, and what peers sent waits to be read.
            continue
        for session in sessions:
            if not session.is_member and now - session.began_at >= limits.STRANGER_STAYS_S:
                session.cut("no accepted hello")
            elif session.is_usable and now - session.socket.heard_at >= limits.SILENCE_MAX_S:
                observer.told("peer_silent", peer=session.peer)
                session.cut("no sign of life")
        for peer in full_for_long(now):
            stuck = sessions.get(peer)
            if stuck is not None:
                observer.told("peer_stuck", peer=peer)
                stuck.cut("its queue was full for too long")


async def answer_ping(_peer: PeerId, _member: Member, _request: bytes) -> bytes:
    """Return the sign of life."""
    await trio.lowlevel.checkpoint()
    return b""


async def keep_dialling(
    me: PeerId,
    address: PeerAddress,
    is_wanted: Callable[[], bool],
    dial: Callable[[PeerAddress], Awaitable[None]],
    lost: Callable[[], trio.Event | None],
) -> None:
    """Dial a configured peer whenever there is no connection, for ever.

    `lost` returns what will be set when the present connection closes, or None if there is none.
    The lower id dials at once, the higher after a moment, so that a pair makes one connection.
    The pauses grow while dials fail or their connections end early, which would else be a storm.
    """
    most_s = (
        limits.DIAL_BACKOFF_AUTHORITY_S if address.authority else limits.DIAL_BACKOFF_FOLLOWER_S
    )
    delay_s = limits.DIAL_BACKOFF_FIRST_S
    while True:
        closed = lost()
        if closed is not None:
            began_at = trio.current_time()
            await closed.wait()
            if trio.current_time() - began_at >= limits.DIAL_SETTLED_S:
                delay_s = limits.DIAL_BACKOFF_FIRST_S
            else:
                await trio.sleep(delay_s)
                delay_s = min(2 * delay_s, most_s)
        if me > address.peer_id:
            await trio.sleep(limits.DIAL_YIELD_S)
        if lost() is not None:
            continue
        if is_wanted():
            await dial(address)
        if lost() is None:
            await trio.sleep(delay_s)
            delay_s = min(2 * delay_s, most_s)


async def _one_frame(stream: Stream, payload_max_bytes: dict[int, int]) -> Frame:
    """Return the one frame that a stream brings."""
    reader = FrameReader(payload_max_bytes)
    while True:
        data = await stream.read()
        if not data:
            raise Broken("the stream ended")
        frames = reader.feed(data)
        if frames:
            return frames[0]
