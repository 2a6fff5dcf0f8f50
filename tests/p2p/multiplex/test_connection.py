"""NET-025, NET-029: what a peer may send on one connection, and what one turn does with it."""

from collections.abc import Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st
from libp2p.io.exceptions import IOException
from libp2p.stream_muxer.exceptions import MuxedStreamEOF, MuxedStreamError, MuxedStreamReset
from libp2p.stream_muxer.yamux import yamux

from p2p import limits
from p2p.multiplex.connection import GatedYamux, head
from p2p.multiplex.packets import Packets

SYN, ACK, FIN, RST = yamux.FLAG_SYN, yamux.FLAG_ACK, yamux.FLAG_FIN, yamux.FLAG_RST
DATA, CREDIT, PING = yamux.TYPE_DATA, yamux.TYPE_WINDOW_UPDATE, yamux.TYPE_PING


class Plain:
    """Ciphers that hide nothing."""

    def encrypt(self, data: bytes) -> bytes:
        return data

    def decrypt(self, data: bytes) -> bytes:
        return data


class Socket:
    """What goes out is kept; what comes in is what a test gives."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.gate = trio.Event()
        self.gate.set()
        self.raw: list[bytes] = []
        self.takes_bytes = 1 << 20
        self.send, self.receive = trio.open_memory_channel[bytes](100)

    async def write(self, data: bytes) -> None:
        self.raw.append(data)
        self.written.append(data if self.takes_bytes < 1 << 20 else Packets(Plain()).opened(data))
        await self.gate.wait()

    def write_now(self, data: bytes) -> int:
        self.written.append(data[: self.takes_bytes])
        self.raw.append(self.written[-1])
        return len(self.written[-1])

    async def read(self) -> bytes:
        return await self.receive.receive()

    def frames(self) -> bytes:
        return b"".join(self.written)


class Secured:
    """The layer below, as the multiplexer sees it."""

    is_initiator = False

    def __init__(self) -> None:
        self.conn = SimpleNamespace(noise_state=Plain())
        self.is_closed = False

    def _drain(self, _: None) -> bytes:
        return b""

    async def close(self) -> None:
        self.is_closed = True
        await trio.lowlevel.checkpoint()


TOLD: list[str] = []


async def contained(event: str, _peer: str, function: Callable[[], Any]) -> None:
    try:
        await function()
    except Exception:  # noqa: BLE001 - as the real one
        TOLD.append(event)


def a_connection() -> tuple[GatedYamux, Socket, list[Any]]:
    """Return a connection that is not started, its socket, and who was reported for overrun."""
    socket, reported = Socket(), []
    peer = SimpleNamespace(to_base58=lambda: "peer")
    return GatedYamux(Secured(), peer, socket, reported.append, contained), socket, reported


@asynccontextmanager
async def running(one: GatedYamux) -> Any:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(one.start)
        await one.event_started.wait()
        yield
        nursery.cancel_scope.cancel()


def opened(stream_id: int, data: bytes = b"") -> bytes:
    return head(DATA, SYN, stream_id, len(data)) + data


async def test_all_frames_of_one_read_are_answered_with_one_write() -> None:
    one, socket, _ = a_connection()
    await one._take(opened(1, b"ab") + head(PING, SYN, 0, 7) + opened(3) + opened(1))

    assert 1 == len(socket.written)
    assert (
        head(CREDIT, ACK, 1, 0)
        + head(PING, ACK, 0, 7)
        + head(CREDIT, ACK, 3, 0)
        + head(CREDIT, RST, 1, 0)
        == socket.frames()
    )
    assert b"ab" == await one.read_stream(1)


@given(st.data())
async def test_streams_bring_what_was_sent_whatever_pieces_it_came_in(data: Any) -> None:
    sent = {1: b"", 3: b""}
    wire = opened(1) + opened(3)
    for stream_id, piece in data.draw(
        st.lists(st.tuples(st.sampled_from([1, 3]), st.binary(max_size=40)), max_size=8)
    ):
        sent[stream_id] += piece
        wire += head(DATA, 0, stream_id, len(piece)) + piece
    wire += head(DATA, FIN, 1, 0) + head(CREDIT, FIN, 3, 0)
    one, _, _ = a_connection()
    while wire:
        size = data.draw(st.integers(1, len(wire)))
        await one._take(wire[:size])
        wire = wire[size:]

    for stream_id, expected in sent.items():
        assert not expected or expected == await one.read_stream(stream_id)
        with pytest.raises(MuxedStreamEOF):
            await one.read_stream(stream_id)


async def test_frames_that_wait_while_one_is_written_leave_together() -> None:
    one, socket, _ = a_connection()
    socket.gate = trio.Event()
    async with trio.open_nursery() as nursery:
        for number in range(4):
            nursery.start_soon(one._write_frame, b"%d" % number)
            await trio.testing.wait_all_tasks_blocked()
        socket.gate.set()

    assert [b"0", b"123"] == socket.written


async def test_a_writer_waits_for_credit_and_goes_on_with_it() -> None:
    one, socket, _ = a_connection()
    await one._take(opened(1))
    stream = one.streams[1]
    stream.send_window = 3
    async with trio.open_nursery() as nursery:
        nursery.start_soon(stream.write, b"abcdef")
        await trio.testing.wait_all_tasks_blocked()
        before = socket.written[-1]
        await one._take(head(CREDIT, 0, 1, 10))

    assert head(DATA, 0, 1, 3) + b"abc" == before
    assert head(DATA, 0, 1, 3) + b"def" == socket.written[-1]
    assert 7 == stream.send_window


async def test_a_writer_without_credit_gives_up(autojump_clock: trio.testing.MockClock) -> None:
    one, _, _ = a_connection()
    await one._take(opened(1))
    one.streams[1].send_window = 0

    with pytest.raises(MuxedStreamError, match="no credit"):
        await one.streams[1].write(b"a")

    assert limits.CREDIT_WITHIN_S == autojump_clock.current_time()


async def test_a_reset_wakes_a_reader_and_a_writer() -> None:
    one, _, _ = a_connection()
    await one._take(opened(1))
    stream = one.streams[1]
    stream.send_window = 0
    failed: list[type] = []

    async def fail(act: Callable[..., Any], *arguments: Any) -> None:
        try:
            await act(*arguments)
        except MuxedStreamError as problem:
            failed.append(type(problem))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(fail, one.read_stream, 1)
        nursery.start_soon(fail, stream.write, b"a")
        await trio.testing.wait_all_tasks_blocked()
        await one._take(head(CREDIT, RST, 1, 0))

    assert 2 == len(failed)
    assert {} == one.streams


async def test_bytes_beyond_the_credit_are_reported_and_end_the_connection() -> None:
    one, _, reported = a_connection()
    piece = bytes(60_000)
    frame = head(DATA, 0, 1, len(piece)) + piece
    await one._take(opened(1))
    for _ in range(limits.STRANGER_BUFFER_MAX_BYTES // len(piece)):
        await one._take(frame)
    with pytest.raises(IOException, match="credit"):
        await one._take(frame)

    assert [one] == reported


async def test_one_stream_too_many_is_reported() -> None:
    one, _, reported = a_connection()
    count = limits.STREAMS_CONNECTION_MAX_COUNT + 1
    with pytest.raises(IOException, match="too many"):
        await one._take(b"".join(opened(2 * number + 1) for number in range(count)))

    assert [one] == reported


@pytest.mark.parametrize(
    "frame",
    [b"\x01" + bytes(11), head(4, 0, 0, 0), head(DATA, 0, 1, limits.WINDOW_MAX_BYTES + 1)],
    ids=["version", "kind", "length"],
)
async def test_what_no_peer_may_send_ends_the_connection(frame: bytes) -> None:
    TOLD.clear()
    one, socket, _ = a_connection()
    async with running(one):
        await socket.send.send(Packets(Plain()).sealed(frame))
        await one.event_closed.wait()
        await trio.testing.wait_all_tasks_blocked()

    assert one.secured_conn.is_closed
    assert ["connection_failed"] == TOLD


async def test_a_connection_that_the_peer_ends_is_no_failure() -> None:
    TOLD.clear()
    one, socket, _ = a_connection()
    async with running(one):
        await socket.send.send(Packets(Plain()).sealed(head(yamux.TYPE_GO_AWAY, 0, 0, 0)))
        await one.event_closed.wait()
        await trio.testing.wait_all_tasks_blocked()

    assert [] == TOLD


async def test_data_for_a_stream_that_was_forgotten_is_passed_over() -> None:
    one, _, _ = a_connection()
    await one._take(opened(1, b"abc"))
    one.forget(1)
    await one._take(head(DATA, 0, 1, 3) + b"def" + opened(3, b"x"))

    with pytest.raises((MuxedStreamEOF, MuxedStreamReset)):
        await one.read_stream(1)
    assert b"x" == await one.read_stream(3)


async def test_a_sink_takes_what_arrives_and_leaves_what_it_refuses_to_the_reader() -> None:
    one, _, _ = a_connection()
    await one._take(opened(1))
    taken: list[bytes] = []

    def sink(data: bytes) -> bool:
        taken.append(data)
        return data != b"no"

    one.divert(1, sink)
    for piece in (b"yes", b"no", b"after"):
        await one._take(head(DATA, 0, 1, len(piece)) + piece)

    assert [b"yes", b"no"] == taken
    assert b"noafter" == await one.read_stream(1)


async def test_what_a_sink_takes_is_given_credit_for() -> None:
    one, socket, _ = a_connection()
    await one._take(opened(1))
    one.divert(1, lambda _: True)
    piece = bytes(limits.CREDIT_BYTES // 2)
    for _ in range(2):
        before_bytes = one.streams[1].recv_window
        await one._take(head(DATA, 0, 1, len(piece)) + piece)

    kind, number = socket.written[-1][1], int.from_bytes(socket.written[-1][8:], "big")
    assert (CREDIT, 2) == (kind, len(socket.written))
    assert limits.CREDIT_BYTES <= number
    assert before_bytes - len(piece) + number == one.streams[1].recv_window


async def test_a_frame_leaves_at_once_only_if_it_overtakes_nothing() -> None:
    one, socket, _ = a_connection()
    await one._take(opened(1))
    stream = one.streams[1]
    before = stream.takes_now(3)
    stream.write_now(b"abc")
    socket.gate = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(one._write_frame, b"slow")
        await trio.testing.wait_all_tasks_blocked()
        meanwhile = stream.takes_now(3)
        socket.gate.set()

    assert (True, False, True) == (before, meanwhile, stream.takes_now(3))
    assert not stream.takes_now(stream.send_window + 1)
    assert head(DATA, 0, 1, 3) + b"abc" == Packets(Plain()).opened(socket.written[1])


async def test_what_the_system_does_not_take_at_once_is_written_before_anything_else() -> None:
    one, socket, _ = a_connection()
    async with running(one):
        socket.takes_bytes = 5
        one.write_now(b"first frame")
        is_writable = one.is_writable
        await trio.testing.wait_all_tasks_blocked()
        await one._write_frame(b"second")

        wire = Packets(Plain()).opened(b"".join(socket.raw))
        assert not is_writable
        assert b"first frame" + b"second" == wire
