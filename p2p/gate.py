"""Who may connect, and what a connection may cost us before and after the handshake.

The library's own gate knows addresses only, never gives an inbound slot back, and lets a peer
fill its buffers without bound. So every socket passes through `GatedStream`, which can be cut at
once, and every multiplexed connection is a `multiplex.connection.GatedYamux`.
Source: docs/specs/network.md, NET-020 to NET-027.
"""

import ipaddress
import logging
import os
import socket
from collections.abc import Callable
from typing import Any

import trio
from libp2p.crypto.x25519 import create_new_key_pair as create_noise_key_pair
from libp2p.custom_types import TProtocol
from libp2p.host.basic_host import BasicHost
from libp2p.io.abc import ReadWriteCloser
from libp2p.io.exceptions import ConnectionClosedError
from libp2p.network.config import ConnectionConfig, RetryConfig
from libp2p.network.connection.raw_connection import RawConnection
from libp2p.network.swarm import Swarm
from libp2p.peer.id import ID
from libp2p.peer.peerstore import PeerStore
from libp2p.security.exceptions import HandshakeFailure
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE
from libp2p.security.noise.transport import Transport as NoiseTransport
from libp2p.stream_muxer.yamux import yamux as yamux_module
from libp2p.transport.tcp.tcp import TCP
from libp2p.transport.upgrader import TransportUpgrader
from multiaddr import Multiaddr

from p2p import limits
from p2p.multiplex.connection import Contained, GatedYamux, Overrun
from p2p.network import CannotListen, PeerId
from p2p.score import Bucket

Admits = Callable[[PeerId], bool]
SocketAddress = tuple[str, int]


class GatedStream(ReadWriteCloser):  # type: ignore[misc]
    """A socket that can be cut at any moment, reads in large pieces, and counts what it brings.

    A write that is cancelled half-way would leave the other side with a frame that is garbage
    (and with Noise, so would one that was encrypted and never sent): then the socket is cut.
    """

    def __init__(self, inner: Any) -> None:
        """Wrap a stream of the library."""
        self._socket = inner.stream.socket
        self._buffer = b""
        self._handshake_bytes: int | None = 0
        self.address = _address_of(self._socket)
        self.closed = trio.Event()
        self.was_cut: Callable[[GatedStream], None] = _nobody_minds
        self.heard_at = trio.current_time()
        """When the last byte arrived."""

    async def read(self, n: int | None = None) -> bytes:
        """Return at most `n` bytes, or all that are held, never waiting while some are.

        The file is read as soon as the loop says it may be: the library's way asks it first, in
        vain, at the price of a system call and an exception, and takes a turn more.
        """
        while not self._buffer:
            if self.closed.is_set():
                return b""
            try:
                await trio.lowlevel.wait_readable(self._socket)
                data = os.read(self._socket.fileno(), limits.READ_BYTES)
            except BlockingIOError:
                continue
            except (OSError, trio.ClosedResourceError) as gone:
                if self.closed.is_set():
                    return b""
                raise ConnectionClosedError(f"Connection closed: {gone}", transport="tcp") from gone
            if not data:
                return b""
            self._buffer = data
            self.heard_at = trio.current_time()
            self._count_handshake(len(data))
        if n is None or n < 0 or n >= len(self._buffer):
            data, self._buffer = self._buffer, b""
            return data
        data, self._buffer = self._buffer[:n], self._buffer[n:]
        return data

    async def write(self, data: bytes) -> None:
        """Write all bytes, or cut the connection."""
        if self.closed.is_set():
            raise ConnectionClosedError("Connection closed", transport="tcp")
        is_whole = False
        try:
            await self._send(data)
            is_whole = True
        finally:
            if not is_whole:
                self.cut()

    async def _send(self, data: bytes) -> None:
        """Give the system all bytes, waiting only while it takes none."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._socket.fileno(), rest) :]
            except BlockingIOError:
                try:
                    await trio.lowlevel.wait_writable(self._socket)
                except trio.ClosedResourceError as gone:
                    raise ConnectionClosedError("Connection closed", transport="tcp") from gone
            except OSError as gone:
                raise ConnectionClosedError(f"Connection closed: {gone}", transport="tcp") from gone

    def write_now(self, data: bytes) -> int:
        """Give the system what it takes now, and return how many bytes; all, when it is cut."""
        try:
            return os.write(self._socket.fileno(), data)
        except BlockingIOError:
            return 0
        except OSError:
            self.cut()
            return len(data)

    async def close(self) -> None:
        """Close the socket; whoever waits for `closed` is told."""
        self.cut()
        await trio.lowlevel.checkpoint()

    def cut(self) -> None:
        """Close the socket now, without a word to the other side, whoever reads or writes."""
        if not self.closed.is_set():
            self.closed.set()
            self._socket.close()
            self.was_cut(self)

    def established(self) -> None:
        """End the handshake and with it its limit of bytes."""
        self._handshake_bytes = None

    def get_remote_address(self) -> SocketAddress | None:
        """Return the other side's host and port."""
        return self.address

    def _count_handshake(self, count_bytes: int) -> None:
        if self._handshake_bytes is None:
            return
        self._handshake_bytes += count_bytes
        if self._handshake_bytes > limits.HANDSHAKE_MAX_BYTES:
            self.cut()
            raise ConnectionClosedError("Connection closed", transport="tcp")


class Gate:
    """The sockets that are open, and which of them have not finished their handshake.

    Out of room, the oldest unfinished handshake goes and the newcomer stays: an honest one takes
    milliseconds, so a wave of idle sockets only ever pushes itself out.
    """

    def __init__(self) -> None:
        """Begin with no sockets."""
        self._open: dict[SocketAddress, GatedStream] = {}
        self._half_open: dict[GatedStream, None] = {}
        self._rates: dict[str, Bucket] = {}
        self.evicted_count = 0

    @property
    def half_open_count(self) -> int:
        """Sockets that others opened and whose handshake is under way."""
        return len(self._half_open)

    def admit(self, stream: GatedStream, *, inbound: bool) -> None:
        """Note a new socket, and make room for it."""
        self._open[stream.address] = stream
        stream.was_cut = self._forget
        if not inbound:
            return
        self._half_open[stream] = None
        if not self._rate_of(stream.address[0]).take(1, trio.current_time()):
            self._evict(stream)
            return
        same = [other for other in self._half_open if other.address[0] == stream.address[0]]
        if len(same) > limits.HALF_OPEN_ADDRESS_MAX_COUNT:
            self._evict(same[0])
        if len(self._half_open) > limits.HALF_OPEN_MAX_COUNT:
            self._evict(next(iter(self._half_open)))

    def establish(self, address: SocketAddress | None) -> GatedStream | None:
        """Return the socket whose handshake is done, or None when it is gone already."""
        stream = self._open.get(address) if address is not None else None
        if stream is not None:
            self._half_open.pop(stream, None)
            stream.established()
        return stream

    def cut_all(self) -> None:
        """Close every socket: the library forgets those whose handshake is under way."""
        for stream in list(self._open.values()):
            stream.cut()

    def _forget(self, stream: GatedStream) -> None:
        self._half_open.pop(stream, None)
        if self._open.get(stream.address) is stream:
            del self._open[stream.address]

    def _rate_of(self, host: str) -> Bucket:
        if host not in self._rates:
            if len(self._rates) >= limits.ADDRESSES_MAX_COUNT:
                del self._rates[next(iter(self._rates))]
            self._rates[host] = Bucket(
                limits.CONNECTIONS_ADDRESS_PER_S,
                limits.CONNECTIONS_ADDRESS_BURST_COUNT,
                trio.current_time(),
            )
        return self._rates[host]

    def _evict(self, stream: GatedStream) -> None:
        self.evicted_count += 1
        stream.cut()


class GatedTcp(TCP):  # type: ignore[misc]
    """TCP whose sockets all pass the gate."""

    def __init__(self, gate: Gate) -> None:
        """Report every socket to this gate."""
        super().__init__()
        self._gate = gate

    async def dial(self, maddr: Any) -> Any:
        """Open a connection."""
        raw = await super().dial(maddr)
        stream = GatedStream(raw.stream)
        self._gate.admit(stream, inbound=False)
        return RawConnection(stream, initiator=True)

    def create_listener(self, handler_function: Any) -> Any:
        """Return a listener whose connections cost nothing once they are closed.

        The library's handler waits for the end of the whole network after the handshake; here it
        ends with its socket, which also gives its slot back.
        """

        async def gated(inner: Any) -> None:
            stream = GatedStream(inner)
            self._gate.admit(stream, inbound=True)
            try:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(_until_closed, stream, nursery.cancel_scope)
                    await handler_function(stream)
                    nursery.cancel_scope.cancel()
            finally:
                stream.cut()

        return super().create_listener(gated)


def _address_of(peer_socket: Any) -> SocketAddress:
    """Return the other side's host and port.

    The library knows none for version 6 of the internet protocol.
    """
    try:
        host, port, *_ = peer_socket.getpeername()
    except OSError:
        return ("", 0)
    return (str(host), int(port))


def _nobody_minds(_: GatedStream) -> None:
    """Do nothing."""


async def _until_closed(stream: GatedStream, scope: trio.CancelScope) -> None:
    await stream.closed.wait()
    scope.cancel()


class GatedNoise(NoiseTransport):  # type: ignore[misc]
    """Noise that asks who it is right after the handshake, before anything is multiplexed."""

    def __init__(self, key_pair: Any, noise_key: Any, admits: Admits) -> None:
        """Refuse every peer that `admits` refuses."""
        super().__init__(key_pair, noise_privkey=noise_key)
        self._admits = admits

    async def secure_inbound(self, conn: Any) -> Any:
        """Return the secured connection of one who called us."""
        return await self._judged(await super().secure_inbound(conn))

    async def secure_outbound(self, conn: Any, peer_id: Any) -> Any:
        """Return the secured connection to one whom we called."""
        return await self._judged(await super().secure_outbound(conn, peer_id))

    async def _judged(self, secured: Any) -> Any:
        if self._admits(secured.get_remote_peer().to_base58()):
            return secured
        await secured.close()
        raise HandshakeFailure("the peer is banned or isolated")


class GatedUpgrader(TransportUpgrader):  # type: ignore[misc]
    """Makes a `GatedYamux` of every secured connection, which the library will not by itself."""

    def __init__(self, security: Any, muxers: Any, overrun: Overrun, contained: Contained) -> None:
        """Offer these securities and muxers and no others."""
        super().__init__(
            secure_transports_by_protocol=security,
            muxer_transports_by_protocol=muxers,
            negotiate_timeout=int(limits.NEGOTIATE_WITHIN_S),
        )
        self._overrun = overrun
        self._contained = contained

    async def upgrade_connection(self, conn: Any, peer_id: Any) -> Any:
        """Return the multiplexed connection."""
        await super().upgrade_connection(conn, peer_id)
        # Secured, packets, raw, and then our own.
        below = conn.conn.read_writer.read_write_closer.stream
        return GatedYamux(conn, peer_id, below, self._overrun, self._contained)


class QuietHost(BasicHost):  # type: ignore[misc]
    """The library's host, which would ask every peer to identify itself; nobody here needs it."""

    def _schedule_identify(self, peer_id: Any, *, reason: str) -> None:
        """Do nothing."""


class Doorbell:
    """Begins a session at each new connection; the rest of what the library tells is not used."""

    def __init__(self, session_of: Callable[[Any], object]) -> None:
        self._session_of = session_of

    async def connected(self, _network: Any, connection: Any) -> None:
        """Begin a session."""
        self._session_of(connection)

    async def _ignored(self, _network: Any, _subject: Any) -> None:
        """Do nothing."""

    disconnected = opened_stream = closed_stream = listen = listen_close = _ignored


def gated_swarm(
    key_pair: Any, gate: Gate, admits: Admits, overrun: Overrun, contained: Contained
) -> Any:
    """Return the library's network with one transport, one security and one multiplexer.

    Its defaults would also accept plaintext, in which anyone can claim any peer id.
    """
    peer_id = ID.from_pubkey(key_pair.public_key)
    store = PeerStore()
    store.add_key_pair(peer_id, key_pair)
    noise = GatedNoise(key_pair, create_noise_key_pair().private_key, admits)
    upgrader = GatedUpgrader(
        {NOISE: noise},
        {TProtocol(yamux_module.PROTOCOL_ID): yamux_module.Yamux},
        overrun,
        contained,
    )
    return Swarm(
        peer_id,
        store,
        upgrader,
        transports=[GatedTcp(gate)],
        retry_config=RetryConfig(max_retries=0),
        connection_config=ConnectionConfig(
            # Slots are counted by the gate; the library's are made endless.
            max_connections=1_000_000,
            high_watermark=1_000_000,
            min_connections=0,
            low_watermark=0,
            max_connections_per_peer=2,
            inbound_upgrade_timeout=limits.HANDSHAKE_WITHIN_S,
            outbound_upgrade_timeout=limits.HANDSHAKE_WITHIN_S,
            inbound_stream_protocol_negotiation_timeout=limits.NEGOTIATE_WITHIN_S,
            outbound_stream_protocol_negotiation_timeout=limits.NEGOTIATE_WITHIN_S,
        ),
    )


async def resolved(host: str, port: int) -> Multiaddr:
    """Return the library's form of an address; a name is looked up as the system does."""
    found = await trio.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return _multiaddr(str(found[0][4][0]), port)


def _multiaddr(host: str, port: int) -> Multiaddr:
    return Multiaddr(f"/ip{ipaddress.ip_address(host).version}/{host}/tcp/{port}")


def listen_address(host: str, port: int) -> Multiaddr:
    """Return the address to listen on, or raise `CannotListen`.

    The port is tried first: the library shares it (SO_REUSEPORT) with a second process, and then
    each hears half of what is sent.
    """
    try:
        version = ipaddress.ip_address(host).version
        family = socket.AF_INET6 if version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (ValueError, OSError) as problem:
        raise CannotListen(
            f"cannot listen on {host} port {port}: {problem}; nothing was started"
        ) from problem
    return _multiaddr(host, port)


def quiet_the_library() -> None:
    """Give the library's loggers a handler, or they print to standard error.

    It logs to the root logger too, whose first record would install a handler of its own.
    """
    for name in ("", "libp2p"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
