"""Yamux on a secured socket: all that one read brings is handled in one turn, without locks.

The library takes a frame through a dozen turns of the loop: its head and its body are read
apart, through five layers, and each passes two locks. Here a task waits for the socket, opens
the packets, and hands on every frame before it waits again; and frames that wait to be written
leave together. Between two waits nobody else runs, so no lock is needed. Streams that open and
close are still the library's.
Source: docs/specs/network.md, NET-025, NET-028 and NET-029.
"""

import struct
from collections.abc import Awaitable, Callable
from typing import Any

import trio
from libp2p.io.exceptions import ConnectionClosedError, IOException
from libp2p.stream_muxer.exceptions import MuxedStreamEOF, MuxedStreamReset
from libp2p.stream_muxer.yamux import yamux

from p2p import limits
from p2p.multiplex.packets import Packets
from p2p.stream import ThriftyStream

# Credit for one stream is given up to this constant; as it comes, one slow reader costs 16 MiB.
yamux.MAX_WINDOW_SIZE = limits.WINDOW_MAX_BYTES
yamux.YamuxStream = ThriftyStream

Overrun = Callable[[Any], None]
Contained = Callable[..., Awaitable[None]]

Sink = Callable[[bytes], bool]
"""Takes what a stream brings, or returns False and leaves it to whoever reads the stream."""

HEAD = struct.Struct(yamux.YAMUX_HEADER_FORMAT)


def head(kind: int, flags: int, stream_id: int, number: int) -> bytes:
    """Return the head of a frame; `number` is a length, a credit, an echo or a reason."""
    return HEAD.pack(0, kind, flags, stream_id, number)


class _Buffers(dict[int, bytearray]):
    """Receive buffers by stream, which say so when a peer sends more than it was given credit."""

    def __init__(self, overrun: Callable[[], None]) -> None:
        super().__init__()
        self._overrun = overrun
        self.limit_bytes = limits.STRANGER_BUFFER_MAX_BYTES

    def __setitem__(self, stream_id: int, buffer: bytearray) -> None:
        if len(self) >= limits.STREAMS_CONNECTION_MAX_COUNT:
            self._overrun()
            raise IOException("too many streams")
        super().__setitem__(stream_id, buffer)

    def extend(self, stream_id: int, data: bytes) -> None:
        """Add bytes if the peer may send them, to what one stream, or all of them, may hold."""
        buffer = self[stream_id]
        after_bytes = len(buffer) + len(data)
        if after_bytes > limits.READ_BYTES or len(self) > limits.STREAMS_PEER_MAX_COUNT:
            all_bytes = sum(map(len, self.values())) + len(data)
            if after_bytes > limits.STREAM_BUFFER_MAX_BYTES or all_bytes > self.limit_bytes:
                self._overrun()
                raise IOException("more bytes than there was credit for")
        buffer.extend(data)


class GatedYamux(yamux.Yamux):  # type: ignore[misc]
    """Yamux with bounded buffers and a bounded number of streams, whose failure stays its own."""

    def __init__(
        self, conn: Any, peer_id: Any, socket: Any, overrun: Overrun, contained: Contained
    ) -> None:
        """Run on the socket below a secured connection.

        `overrun` is called with this connection when its peer sends beyond its credit.
        """
        super().__init__(conn, peer_id, is_initiator=conn.is_initiator)
        self._contained = contained
        self._socket = socket
        self._packets = Packets(conn.conn.noise_state)
        self.stream_buffers = _Buffers(lambda: overrun(self))
        self._plain = b""
        self._body: tuple[int, int, int] | None = None
        """Of a data frame whose rest is to come: stream, flags, bytes missing."""
        self._waiting: list[bytes] = []
        self._rest = b""
        """Sealed bytes that the system would not take at once; nothing may overtake them."""
        self._sinks: dict[int, Sink] = {}

    def trust(self) -> None:
        """Give the connection the buffers of a member."""
        self.stream_buffers.limit_bytes = limits.MEMBER_BUFFER_MAX_BYTES

    def divert(self, stream_id: int, sink: Sink | None) -> None:
        """Offer what a stream brings to a sink first, in the turn in which it arrives."""
        if sink is None:
            self._sinks.pop(stream_id, None)
        else:
            self._sinks[stream_id] = sink

    def forget(self, stream_id: int) -> None:
        """Let go of a stream that was reset, with what it holds."""
        self.streams.pop(stream_id, None)
        self.stream_buffers.pop(stream_id, None)
        self._sinks.pop(stream_id, None)
        event = self.stream_events.pop(stream_id, None)
        if event is not None:
            event.set()

    async def start(self) -> None:
        """Run the connection until it closes."""
        await self._contained("connection_failed", self.peer_id.to_base58(), super().start)
        # Whoever waits for the start of one that failed must be let go.
        self.event_started.set()

    # --- writing ----------------------------------------------------------------------------

    async def _write_frame(self, data: bytes) -> None:
        """Write one frame after those before it, together with others that wait by then."""
        self._waiting.append(data)
        if self._write_lock.locked():
            await self._write_lock.acquire()
        else:
            self._write_lock.acquire_nowait()
        try:
            # Whoever had the lock last may have taken this frame along.
            if self._waiting or self._rest:
                joined, rest = b"".join(self._waiting), self._rest
                self._waiting.clear()
                self._rest = b""
                await self._socket.write(rest + self._packets.sealed(joined))
        finally:
            self._write_lock.release()

    @property
    def is_writable(self) -> bool:
        """Whether nothing waits to be written, so that a frame may leave without a wait."""
        return not (
            self._waiting
            or self._rest
            or self._write_lock.locked()
            or self.event_shutting_down.is_set()
        )

    def write_now(self, data: bytes) -> None:
        """Write a frame while `is_writable`; what the system does not take, a task goes on with."""
        assert self.is_writable, "a frame would overtake another"
        sealed = self._packets.sealed(data)
        self._rest = sealed[self._socket.write_now(sealed) :]
        if self._rest and self._nursery is not None:
            self._nursery.start_soon(self._write_frame, b"")

    # --- reading ----------------------------------------------------------------------------

    async def read_stream(self, stream_id: int, n: int = -1) -> bytes:
        """Return what a stream holds, at most `n` bytes if that is not negative."""
        while True:
            stream = self.streams.get(stream_id)
            if stream is None or self.event_shutting_down.is_set():
                raise MuxedStreamEOF("Stream closed")
            buffer = self.stream_buffers[stream_id]
            if stream.reset_received and not (buffer and stream.recv_closed):
                raise MuxedStreamReset("Stream was reset")
            if buffer:
                data = bytes(buffer) if n < 0 or n >= len(buffer) else bytes(buffer[:n])
                del buffer[: len(data)]
                if stream.closed:
                    self._finalize_stream_locked(stream, fully_closed=True)
                return data
            if stream.recv_closed:
                raise MuxedStreamEOF("Stream is closed for receiving")
            if stream.closed:
                raise MuxedStreamReset("Stream is reset or closed")
            await self.stream_events[stream_id].wait()
            if stream_id in self.stream_events:
                self.stream_events[stream_id] = trio.Event()

    async def handle_incoming(self) -> None:
        """Take what the peer sends until it ends, or raise when it sends what no peer may."""
        try:
            # What came with the last packets of the negotiation is held by the layers below.
            await self._take(self.secured_conn._drain(None))  # noqa: SLF001 - no other way
            while not self.event_shutting_down.is_set():
                data = await self._socket.read()
                if not data:
                    break
                await self._take(self._packets.opened(data))
        except ConnectionClosedError:
            return
        finally:
            self.event_shutting_down.set()
            with trio.CancelScope(shield=True):
                await self._cleanup_on_error()

    async def _take(self, plain: bytes) -> None:
        """Handle every frame that is whole now, then answer, then announce new streams."""
        answers: list[bytes] = []
        opened: list[Any] = []
        plain = self._plain + plain
        place = 0
        while True:
            if self._body is not None:
                place = self._take_body(plain, place, answers)
            if self._body is not None or len(plain) - place < HEAD.size:
                break
            self._take_head(HEAD.unpack_from(plain, place), answers, opened)
            place += HEAD.size
        self._plain = plain[place:]
        if answers:
            await self._write_frame(b"".join(answers))
        for stream in opened:
            await self.new_stream_send_channel.send(stream)

    def _take_body(self, plain: bytes, place: int, answers: list[bytes]) -> int:
        """Give a stream as much of its data frame as is here; return where that ends."""
        assert self._body is not None
        stream_id, flags, missing_bytes = self._body
        data = plain[place : place + missing_bytes]
        stream = self.streams.get(stream_id)
        if stream is not None and data:
            stream.recv_window = max(0, stream.recv_window - len(data))
            sink = self._sinks.get(stream_id)
            if sink is not None and not self.stream_buffers[stream_id] and sink(data):
                credit_bytes = stream.credit_for(len(data))
                if credit_bytes:
                    answers.append(head(yamux.TYPE_WINDOW_UPDATE, 0, stream_id, credit_bytes))
            else:
                self.stream_buffers.extend(stream_id, data)
                self.stream_events[stream_id].set()
        if len(data) == missing_bytes:
            self._body = None
            self._end_if_flagged(stream_id, flags)
        else:
            self._body = (stream_id, flags, missing_bytes - len(data))
        return place + len(data)

    def _take_head(
        self, fields: tuple[int, int, int, int, int], answers: list[bytes], opened: list[Any]
    ) -> None:
        version, kind, flags, stream_id, number = fields
        if version != 0 or kind > yamux.TYPE_GO_AWAY:
            raise IOException(f"a frame of version {version} and kind {kind}")
        if kind == yamux.TYPE_GO_AWAY:
            raise ConnectionClosedError("the peer ends the connection")
        if kind == yamux.TYPE_PING:
            self._take_ping(flags, number, answers)
            return
        if kind == yamux.TYPE_DATA and number > limits.WINDOW_MAX_BYTES:
            raise IOException(f"a frame of {number} bytes")
        if flags & yamux.FLAG_SYN:
            answers.append(self._open(stream_id, flags, opened))
        if kind == yamux.TYPE_DATA:
            self._body = (stream_id, flags, number)
            return
        stream = self.streams.get(stream_id)
        if stream is not None and number:
            stream.give_credit(number)
        self._end_if_flagged(stream_id, flags)

    def _open(self, stream_id: int, flags: int, opened: list[Any]) -> bytes:
        """Begin a stream that the peer opens; return the frame that answers."""
        if stream_id in self.streams:
            return head(yamux.TYPE_WINDOW_UPDATE, yamux.FLAG_RST, stream_id, 0)
        stream = ThriftyStream(stream_id, self, False)  # noqa: FBT003 - the library's own
        self.stream_buffers[stream_id] = bytearray()
        self.stream_events[stream_id] = trio.Event()
        self.streams[stream_id] = stream
        opened.append(stream)
        if flags & yamux.FLAG_RST:
            return b""
        return head(yamux.TYPE_WINDOW_UPDATE, yamux.FLAG_ACK, stream_id, 0)

    def _take_ping(self, flags: int, number: int, answers: list[bytes]) -> None:
        if flags & yamux.FLAG_SYN:
            answers.append(head(yamux.TYPE_PING, yamux.FLAG_ACK, 0, number))
        elif flags & yamux.FLAG_ACK:
            took_s = trio.current_time() - self._ping_sent_time
            before_s = self.rtt()
            self._rtt = (before_s + took_s) / 2 if before_s else took_s
            self._ping_event.set()

    def _end_if_flagged(self, stream_id: int, flags: int) -> None:
        """End one direction of a stream (FIN) or both (RST)."""
        stream = self.streams.get(stream_id)
        if stream is None or not flags & (yamux.FLAG_FIN | yamux.FLAG_RST):
            return
        if flags & yamux.FLAG_FIN:
            stream.recv_closed = True
            stream.closed = stream.closed or stream.send_closed
        if flags & yamux.FLAG_RST:
            stream.closed = True
            stream.reset_received = True
        stream.give_credit(0)
        self.stream_events[stream_id].set()
        if stream.closed:
            self._finalize_stream_locked(stream, fully_closed=True)
