"""The network over libp2p: TCP, Noise, Yamux and nothing else.

Two guards stand here, the only places of p2p that catch what they cannot name. In the library an
exception in an inbound stream, or in a task of its services, ends the process; any peer that
finished a handshake can cause one.
Source: docs/specs/network.md, NET-001 to NET-009.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import trio
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.custom_types import TProtocol
from libp2p.exceptions import BaseLibp2pError
from libp2p.host.ping import ID as LIBP2P_PING
from libp2p.host.ping import handle_ping
from libp2p.identity.identify.identify import ID as IDENTIFY
from libp2p.identity.identify.identify import identify_handler_for
from libp2p.peer.id import ID
from libp2p.protocol_muxer.exceptions import MultiselectError
from libp2p.protocol_muxer.multiselect import Multiselect
from libp2p.protocol_muxer.multiselect_communicator import MultiselectCommunicator
from libp2p.tools.anyio_service import background_trio_service
from multiaddr import Multiaddr

from p2p import gate, gossip, limits, link, peers
from p2p.exchange import Exchange
from p2p.frame import BadFrame
from p2p.gossip import Gossip
from p2p.link import LinkStreams
from p2p.network import (
    CannotListen,
    Deliveries,
    Greeter,
    Handler,
    Member,
    Network,
    NetworkConfiguration,
    Observer,
    PeerAddress,
    PeerId,
    PeerStatus,
    Standing,
    TrafficClass,
)
from p2p.peers import Session, Sessions
from p2p.score import Scores
from p2p.statistics import NetworkStatistics
from p2p.stream import Broken, LimitedReader, Stream

OPEN_TO_STRANGERS = (str(LIBP2P_PING), str(IDENTIFY), peers.HELLO)
"""All that one without an accepted hello is served."""


async def run(
    configuration: NetworkConfiguration,
    greeter: Greeter,
    observer: Observer,
    *,
    task_status: Any = trio.TASK_STATUS_IGNORED,
) -> None:
    """Run a network until cancelled; see `network.run_network`."""
    gate.quiet_the_library()
    listen = gate.listen_address(configuration.listen_host, configuration.listen_port)
    await Libp2pNetwork(configuration, greeter, observer).run(listen, task_status)


class Libp2pNetwork(Network):
    """See `network.Network`."""

    def __init__(
        self, configuration: NetworkConfiguration, greeter: Greeter, observer: Observer
    ) -> None:
        """Build everything; nothing runs or listens yet."""
        key_pair = create_new_key_pair(configuration.identity_seed)
        self._me: PeerId = ID.from_pubkey(key_pair.public_key).to_base58()
        self._configuration = configuration
        self._greeter = greeter
        self._observer = observer
        self._authorities = {one.peer_id for one in configuration.peers if one.authority}
        self._isolated: frozenset[PeerId] = frozenset()
        self._last_errors: dict[PeerId, str] = {}
        self._scores = Scores()
        self._gate = gate.Gate()
        self._sessions = Sessions(self._me, configuration.peers, observer)
        self._by_connection: dict[Any, Session] = {}
        self._swarm = gate.gated_swarm(
            key_pair, self._gate, self._admits, self._overrun, self._contained
        )
        self._host = gate.QuietHost(
            self._swarm,
            default_protocols=OrderedDict({LIBP2P_PING: handle_ping}),
            disable_identify_address_discovery=True,
        )
        self._host.set_stream_handler(IDENTIFY, identify_handler_for(self._host))
        for protocol in (peers.HELLO, peers.PING, link.PROTOCOL):
            # Named to whoever identifies us; `_serve` decides who is served.
            self._host.set_stream_handler(TProtocol(protocol), None)
        self._gossip = Gossip(
            self._host,
            counter_start=configuration.counter_start,
            topic_limits=configuration.topic_limits,
            is_member=self._sessions.is_member,
            observer=observer,
            charge=self.charge,
            contained=self._contained,
        )
        self._link = LinkStreams(
            configuration.frame_limits, observer, self.charge, self._gossip.take_publication
        )
        self._exchange = Exchange(observer, self._link.is_busy, configuration.request_max_bytes)
        self._exchange.answer(peers.PING, peers.answer_ping)
        self._swarm.set_stream_handler(self._serve_guarded)
        self._swarm.register_notifee(gate.Doorbell(self._session_of))
        self._nursery: trio.Nursery

    # --- the six verbs ----------------------------------------------------------------------

    @property
    def me(self) -> PeerId:
        """See `network.Network`."""
        return self._me

    async def publish(self, topic: str, data: bytes) -> None:
        """See `network.Network`.

        Authorities that are all linked get it on their links, once; gossip, which costs ten times
        as much, is for everybody else and for when one of them may need to hear it from another.
        """
        self._gossip.note(topic, data)
        others = self._authorities - {self._me}
        if others and others.issubset(self._link.linked):
            payload = gossip.publication_of(topic, data)
            self._link.broadcast(link.PUBLICATION, payload, TrafficClass.TRANSACTIONS)
            if not self._serves_others():
                return
        await self._gossip.send_out(topic, data)

    async def pass_on(self, topic: str, author: PeerId, data: bytes) -> None:
        """See `network.Network`."""
        if author in self._link.linked and self._serves_others():
            await self._gossip.send_out(topic, data)

    def subscribe(self, topic: str) -> Deliveries:
        """See `network.Network`."""
        deliveries = self._gossip.open_outlet(topic)
        self._nursery.start_soon(
            self._contained, "subscription_failed", self._me, self._gossip.deliver, topic
        )
        return deliveries

    async def ask(
        self, peer: PeerId, protocol: str, request: bytes, *, timeout_s: float, limit_bytes: int
    ) -> bytes:
        """See `network.Network`."""
        session = self._sessions.usable(peer)
        return await self._exchange.ask(
            session, protocol, request, timeout_s=timeout_s, limit_bytes=limit_bytes
        )

    def answer(self, protocol: str, handler: Handler) -> None:
        """See `network.Network`."""
        self._exchange.answer(protocol, handler)

    def link(self) -> LinkStreams:
        """See `network.Network`."""
        return self._link

    def peers(self) -> list[PeerStatus]:
        """See `network.Network`."""
        now = trio.current_time()
        return [
            self._sessions.status(
                peer,
                linked=peer in self._link.linked,
                score=self._scores.score(peer, now),
                queued_bytes=self._link.queued_bytes(peer),
                last_error=self._last_errors.get(peer, ""),
            )
            for peer in self._sessions.known()
        ]

    # --- beside them ------------------------------------------------------------------------

    def charge(self, peer: PeerId, offence: str) -> None:
        """See `network.Network`."""
        session = self._sessions.get(peer)
        member = session.member if session is not None else None
        is_authority = peer in self._authorities or (
            member is not None and member.standing is Standing.AUTHORITY
        )
        ban = self._scores.charge(peer, offence, authority=is_authority, now=trio.current_time())
        if ban is None:
            return
        self._observer.told(
            "authority_banned" if is_authority else "peer_banned",
            peer=peer,
            offence=offence,
            seconds=round(ban.seconds),
        )
        if session is not None:
            session.cut(f"banned for {offence}")

    def isolate(self, peers: frozenset[PeerId]) -> None:
        """See `network.Network`."""
        self._isolated = peers
        for session in self._sessions:
            if session.peer in peers:
                session.cut("isolated")

    def statistics(self) -> dict[str, int]:
        """See `network.Network`."""
        sessions = list(self._sessions)
        return NetworkStatistics(
            connections_count=len(sessions),
            members_count=sum(session.is_member for session in sessions),
            strangers_count=len(self._sessions.strangers()),
            half_open_count=self._gate.half_open_count,
            half_open_evicted_total=self._gate.evicted_count,
            links_count=len(self._link.linked),
            link_writes_total=self._link.sent_count,
            link_frames_received_total=self._link.received_count,
            link_frames_dropped_total=self._link.dropped_count,
            link_queued_bytes=sum(map(self._link.queued_bytes, self._link.linked)),
            asked_total=self._exchange.asked_count,
            answered_total=self._exchange.answered_count,
            refused_total=self._exchange.refused_count,
            gossip_delivered_total=self._gossip.delivered_count,
            gossip_dropped_total=self._gossip.dropped_count,
            gossip_refused_total=self._gossip.refused_count,
            banned_count=len(list(self._scores.banned(trio.current_time()))),
        ).facts()

    # --- running ----------------------------------------------------------------------------

    async def run(self, listen: Multiaddr, task_status: Any) -> None:
        """Listen, dial and serve until cancelled."""
        # The gossip services first: a stream that arrives before them would raise.
        async with (
            background_trio_service(self._gossip),
            background_trio_service(self._gossip.router),
        ):
            await self._gossip.wait_until_ready()
            async with (
                trio.open_nursery() as self._nursery,
                self._host.run(listen_addrs=[listen]),
            ):
                await self._serve_until_cancelled(listen, task_status)

    async def _serve_until_cancelled(self, listen: Multiaddr, task_status: Any) -> None:
        # The library swallows a listen error.
        if not self._host.get_transport_addrs():
            raise CannotListen(f"cannot listen on {listen}; nothing was started")
        await self._swarm.auto_connector.stop()
        try:
            for address in self._configuration.peers:
                self._nursery.start_soon(self._keep_dialling, address)
            self._nursery.start_soon(
                peers.watch, self._sessions, self._link.full_for_long, self._observer
            )
            task_status.started(self)
            await trio.sleep_forever()
        finally:
            # Leaving `host.run` does not close all sockets; peers would think we live.
            with trio.move_on_after(limits.CLOSE_WITHIN_S) as scope:
                scope.shield = True
                await self._host.close()
            self._gate.cut_all()

    async def _keep_dialling(self, address: PeerAddress) -> None:
        peer = address.peer_id
        if peer == self._me:
            return

        def lost() -> trio.Event | None:
            session = self._sessions.get(peer)
            return None if session is None or session.closed.is_set() else session.closed

        await peers.keep_dialling(self._me, address, lambda: self._admits(peer), self._dial, lost)

    async def _dial(self, address: PeerAddress) -> None:
        """Try once to connect."""
        peer_id = ID.from_base58(address.peer_id)
        problem = f"no connection within {limits.DIAL_WITHIN_S:g} s"
        with trio.move_on_after(limits.DIAL_WITHIN_S):
            try:
                # One failed dial would block the peer for a minute.
                self._swarm.unblock_peer(peer_id)
                where = await gate.resolved(address.host, address.port)
                await self._swarm.dial_addr(where, peer_id)
            except (BaseLibp2pError, OSError) as failed:
                problem = str(failed)
            else:
                return
        if self._last_errors.get(address.peer_id) != problem:
            self._last_errors[address.peer_id] = problem
            self._observer.told("dial_failed", peer=address.peer_id, why=problem)

    async def _run_session(self, session: Session) -> None:
        """Look after one connection until it closes."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._greet, session, nursery)
                await session.closed.wait()
                nursery.cancel_scope.cancel()
        finally:
            session.cut("its session ended")
            for scope in session.serving:
                scope.cancel()
            self._by_connection.pop(session.connection.muxed_conn, None)
            self._exchange.forget(session)
            if self._sessions.get(session.peer) is session:
                self._gossip.forget(session.peer)
            self._sessions.leave(session)
            self._last_errors[session.peer] = session.why_closed
            while len(self._last_errors) > limits.CLIENTS_MAX_COUNT:
                del self._last_errors[next(iter(self._last_errors))]
            name = session.member.name if session.member is not None else ""
            self._observer.told(
                "disconnected", peer=session.peer, name=name, why=session.why_closed
            )

    async def _greet(self, session: Session, nursery: trio.Nursery) -> None:
        """Exchange hellos; then keep what a member is due."""
        with trio.move_on_after(limits.HELLO_WITHIN_S):
            await peers.send_hello(session, self._greeter, self._observer)
        await session.greeted.wait()
        assert session.member is not None, "both hellos are accepted"
        self._last_errors.pop(session.peer, None)
        self._observer.told(
            "connected",
            peer=session.peer,
            name=session.member.name,
            standing=session.member.standing.value,
        )
        nursery.start_soon(peers.ping, session, self._exchange)
        keep_gossip = partial(self._gossip.keep, session.peer, session.connection)
        nursery.start_soon(self._keep, session, "gossip_failed", keep_gossip)
        if session.is_between_authorities:
            # Not in this session's nursery: the end of a link must still be announced.
            keep_link = partial(self._link.keep, session)
            self._nursery.start_soon(self._keep, session, "link_failed", keep_link)

    async def _keep(
        self, session: Session, event: str, keeper: Callable[[], Awaitable[None]]
    ) -> None:
        """Run what keeps a part of a connection; without it the connection is of no use."""
        await self._contained(event, session.peer, keeper)
        session.cut(event.replace("_", " "))

    # --- inbound ----------------------------------------------------------------------------

    async def _serve_guarded(self, inner: Any) -> None:
        """Serve one inbound stream, with nothing outside of a guard."""
        await self._contained("stream_failed", "", self._guarded, inner)

    async def _guarded(self, inner: Any) -> None:
        """Serve one inbound stream: the first guard."""
        session = self._session_of(inner.swarm_conn)
        stream = Stream(inner)
        if session is None or not self._may_open(session):
            await stream.reset()
            return
        scope = trio.CancelScope()
        session.serving.add(scope)
        try:
            with scope:
                await self._serve(session, inner, stream)
        except (Broken, MultiselectError):
            await stream.reset()
        except BadFrame as bad:
            self._observer.told("frame_refused", peer=session.peer, why=str(bad))
            self.charge(session.peer, bad.offence)
            await stream.reset()
        except Exception as problem:  # noqa: BLE001 - else any peer could end the process
            self._observer.told(
                "stream_failed",
                peer=session.peer,
                protocol=str(inner.get_protocol() or ""),
                why=repr(problem),
            )
            if inner.get_protocol() in {None, gossip.PROTOCOL}:
                # Here nothing but the peer's own bytes can be the cause.
                self.charge(session.peer, "gossip_undecodable")
            await stream.reset()
        finally:
            session.serving.discard(scope)

    async def _contained(
        self, event: str, peer: PeerId, function: Callable[..., Awaitable[None]], *arguments: Any
    ) -> None:
        """Run what must not end the process by failing, and tell of it: the second guard."""
        try:
            await function(*arguments)
        except Exception as problem:  # noqa: BLE001 - one task of many, whose nursery is shared
            self._observer.told(event, peer=peer, why=repr(problem))

    async def _serve(self, session: Session, inner: Any, stream: Stream) -> None:
        """Agree on a protocol that the peer may speak, and speak it."""
        offered: dict[Any, Any] = dict.fromkeys(self._offered(session))
        protocol, _ = await Multiselect(offered).negotiate(
            MultiselectCommunicator(LimitedReader(inner)), int(limits.NEGOTIATE_WITHIN_S)
        )
        inner.set_protocol(protocol)
        if protocol == peers.HELLO:
            with trio.fail_after(limits.HELLO_WITHIN_S):
                await peers.receive_hello(
                    session, stream, self._greeter, self._observer, self._has_room
                )
        elif protocol == link.PROTOCOL:
            await self._link.receive(session.peer, session, stream)
            await stream.reset()
        elif protocol in self._exchange.protocols:
            assert session.member is not None, "an exchange is offered to members only"
            await self._exchange.serve(str(protocol), session.peer, session.member, stream)
        else:
            await self._host.get_mux().handlers[protocol](inner)

    def _offered(self, session: Session) -> list[TProtocol]:
        """Return the protocols that a peer may choose from now."""
        offered = list(OPEN_TO_STRANGERS)
        if session.is_member:
            offered += [gossip.PROTOCOL, *self._exchange.protocols]
            if session.member is not None and session.member.standing is Standing.AUTHORITY:
                offered.append(link.PROTOCOL)
        return [TProtocol(protocol) for protocol in offered]

    def _may_open(self, session: Session) -> bool:
        """Whether a peer may have one more inbound stream."""
        most_count = (
            limits.STREAMS_PEER_MAX_COUNT
            if session.is_member
            else limits.STREAMS_STRANGER_MAX_COUNT
        )
        if len(session.serving) < most_count:
            return True
        self.charge(session.peer, "too_many_streams")
        return False

    def _serves_others(self) -> bool:
        """Whether there is a member that we are not linked to."""
        linked = self._link.linked
        return any(session.is_member and session.peer not in linked for session in self._sessions)

    def _has_room(self, member: Member) -> bool:
        """Whether one more of this standing may be a member. Authorities always may."""
        return (
            member.standing is Standing.AUTHORITY
            or self._sessions.followers_count() < self._configuration.followers_max_count
        )

    # --- connections ------------------------------------------------------------------------

    def _session_of(self, connection: Any) -> Session | None:
        """Return the session of a connection, begun now if this is the first we hear of it."""
        muxed = connection.muxed_conn
        session = self._by_connection.get(muxed)
        if session is not None:
            return session
        peer = muxed.peer_id.to_base58()
        opened = self._gate.establish(muxed.get_remote_address())
        if opened is None or opened.closed.is_set():
            return None
        dialled = connection.direction.value == "outbound"
        session = Session(peer, connection, opened, dialled=dialled)
        if not self._admits(peer):
            session.cut("banned or isolated")
            return None
        previous = self._sessions.get(peer)
        if not self._sessions.enter(session):
            return None
        if previous is not None:
            # Before the new connection is served: the library would forget what it subscribes to.
            self._gossip.forget(peer)
        self._by_connection[muxed] = session
        self._nursery.start_soon(
            self._contained, "session_failed", peer, self._run_session, session
        )
        return session

    def _admits(self, peer: PeerId) -> bool:
        """Whether a peer may be connected at all."""
        return (
            peer != self._me
            and peer not in self._isolated
            and not self._scores.is_banned(peer, trio.current_time())
        )

    def _overrun(self, muxed: Any) -> None:
        """Cut a connection whose peer sends beyond its credit."""
        peer = muxed.peer_id.to_base58()
        session = self._by_connection.get(muxed)
        if session is not None:
            session.cut("it sent more than it was given credit for")
        self.charge(peer, "window_overrun")
