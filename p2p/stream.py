"""One stream to one peer: reading, writing, ending, with the library's many errors made one.

A read may be cancelled. A write that is cancelled ends the connection (`p2p.gate`), so nobody
cancels one who does not mean that.
"""

import struct
from collections.abc import Callable
from typing import Any

import trio
from libp2p.exceptions import BaseLibp2pError
from libp2p.io.exceptions import IOException
from libp2p.protocol_muxer.exceptions import MultiselectClientError
from libp2p.protocol_muxer.multiselect_client import MultiselectClient
from libp2p.protocol_muxer.multiselect_communicator import MultiselectCommunicator
from libp2p.stream_muxer.exceptions import MuxedStreamEOF, MuxedStreamError
from libp2p.stream_muxer.yamux import yamux

from p2p import limits

_FRAME_MAX_BYTES = yamux.MAX_MESSAGE_SIZE - yamux.HEADER_SIZE


class Broken(Exception):
    """The stream or its connection is gone, or the other side does not speak the protocol."""


class ThriftyStream(yamux.YamuxStream):  # type: ignore[misc]
    """A stream of the multiplexer that gives credit seldom and writes without locks.

    The library gives the peer credit, one encrypted frame, after each read, be it of the one byte
    in which a length begins; passes locks, each a turn of the loop, before it writes a frame; and
    looks for new credit a hundred times a second.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._owed_bytes = 0
        self._credited = trio.Event()

    def give_credit(self, count_bytes: int) -> None:
        """Let so many bytes more be written, and wake whoever waits for that or for the end."""
        self.send_window += count_bytes
        self._credited.set()

    async def write(self, data: bytes) -> None:
        """Write all bytes, as the peer gives credit for them.

        Nothing awaits between the look at the credit and its use, so no lock is needed for it.
        """
        written_bytes = 0
        while written_bytes < len(data):
            while self.send_window <= 0 and not (self.send_closed or self.closed):
                self._credited = trio.Event()
                with trio.move_on_after(limits.CREDIT_WITHIN_S) as patience:
                    await self._credited.wait()
                if patience.cancelled_caught:
                    raise MuxedStreamError(f"no credit within {limits.CREDIT_WITHIN_S:g} s")
            if self.send_closed or self.closed:
                raise MuxedStreamError("the stream is closed")
            count_bytes = min(self.send_window, _FRAME_MAX_BYTES, len(data) - written_bytes)
            self.send_window -= count_bytes
            head = struct.pack(
                yamux.YAMUX_HEADER_FORMAT, 0, yamux.TYPE_DATA, 0, self.stream_id, count_bytes
            )
            piece = data[written_bytes : written_bytes + count_bytes]
            await self.conn._write_frame(head + piece)  # noqa: SLF001 - no other way
            written_bytes += count_bytes

    def takes_now(self, count_bytes: int) -> bool:
        """Whether so many bytes can leave without a wait."""
        is_open = not (self.send_closed or self.closed)
        fits = count_bytes <= min(self.send_window, _FRAME_MAX_BYTES)
        return is_open and fits and self.conn.is_writable

    def write_now(self, data: bytes) -> None:
        """Write all bytes, after `takes_now` said so."""
        self.send_window -= len(data)
        head = struct.pack(
            yamux.YAMUX_HEADER_FORMAT, 0, yamux.TYPE_DATA, 0, self.stream_id, len(data)
        )
        self.conn.write_now(head + data)

    def credit_for(self, read_bytes: int) -> int:
        """Return the credit to give the peer now that so many bytes were taken.

        Zero until there is enough of it; the first window is twice as much. It grows while
        it is used up within a few round trips, as the library has it.
        """
        self._owed_bytes += read_bytes
        if self._owed_bytes < limits.CREDIT_BYTES:
            return 0
        owed_bytes, self._owed_bytes = self._owed_bytes, 0
        self.recv_window += owed_bytes
        held_bytes = len(self.conn.stream_buffers.get(self.stream_id, b""))
        return owed_bytes + int(self._apply_autotune_epoch(held_bytes))

    async def _auto_tune_and_send_window_update(self, *, bytes_read: int = 0) -> None:
        """Give new credit when there is enough of it."""
        credit_bytes = self.credit_for(bytes_read)
        if credit_bytes:
            await self.send_window_update(credit_bytes)


class Stream:
    """A stream whose protocol is agreed."""

    def __init__(self, inner: Any) -> None:
        """Wrap a stream of the library."""
        self._inner = inner
        self._muxed = inner.muxed_stream

    async def read(self) -> bytes:
        """Return what has arrived, waiting for it; nothing at the end of the stream."""
        muxed = self._muxed
        try:
            data = bytes(await muxed.read(limits.READ_BYTES))
        except MuxedStreamEOF:
            return b""
        except (BaseLibp2pError, OSError, trio.BrokenResourceError) as gone:
            raise Broken(_text(gone)) from gone
        return data

    async def write(self, data: bytes) -> None:
        """Write all bytes, or raise `Broken`."""
        try:
            await self._muxed.write(data)
        except (BaseLibp2pError, OSError, trio.BrokenResourceError) as gone:
            raise Broken(_text(gone)) from gone

    @property
    def holds(self) -> bool:
        """Whether something has arrived that was not read."""
        return bool(self._muxed.conn.stream_buffers.get(self._muxed.stream_id))

    def divert(self, sink: Callable[[bytes], bool] | None) -> None:
        """Offer what arrives to a sink first, while nothing is held; what it refuses is read."""
        self._muxed.conn.divert(self._muxed.stream_id, sink)

    def takes_now(self, count_bytes: int) -> bool:
        """Whether so many bytes can be written without a wait."""
        return bool(self._muxed.takes_now(count_bytes))

    def write_now(self, data: bytes) -> None:
        """Write all bytes, after `takes_now` said so."""
        self._muxed.write_now(data)

    async def close(self) -> None:
        """Say that nothing more will be written; then forget the stream."""
        await self._end(self._inner.close)

    async def reset(self) -> None:
        """Throw the stream away with what it holds, both directions."""
        await self._end(self._inner.reset)
        self._muxed.conn.forget(self._muxed.stream_id)

    async def _end(self, ending: Any) -> None:
        # Shielded, since the end must be told even when our own time is up; bounded, since a peer
        # that does not read would hold us for ever. When the bound is reached the connection goes.
        with trio.move_on_after(limits.CLOSE_WITHIN_S) as scope:
            scope.shield = True
            try:
                await ending()
            except (BaseLibp2pError, OSError, trio.BrokenResourceError):
                return


async def open_stream(connection: Any, protocol: str) -> Stream:
    """Return a new stream of one connection that speaks the protocol, or raise `Broken`.

    The library's own way chooses among the connections of a peer and dials when there is none;
    both are decided elsewhere here.
    """
    try:
        inner = await connection.new_stream()
    except (BaseLibp2pError, OSError, trio.BrokenResourceError) as gone:
        raise Broken(_text(gone)) from gone
    agreed = False
    try:
        await MultiselectClient().select_one_of(
            [protocol], MultiselectCommunicator(inner), int(limits.NEGOTIATE_WITHIN_S)
        )
        agreed = True
    except MultiselectClientError as refused:
        raise Broken(f"the peer does not serve {protocol}: {_text(refused)}") from refused
    except (BaseLibp2pError, OSError, trio.BrokenResourceError, UnicodeDecodeError) as gone:
        raise Broken(_text(gone)) from gone
    finally:
        if not agreed:
            await Stream(inner).reset()
    inner.set_protocol(protocol)
    return Stream(inner)


class LimitedReader:
    """A stream during negotiation, which may bring only so many bytes before it is agreed."""

    def __init__(self, inner: Any) -> None:
        """Read from this stream of the library."""
        self._inner = inner
        self._left_bytes = limits.NEGOTIATION_MAX_BYTES

    async def read(self, n: int | None = None) -> bytes:
        """Return at most `n` bytes while the allowance lasts."""
        most_bytes = self._left_bytes if n is None or n < 0 else min(n, self._left_bytes)
        if most_bytes == 0:
            raise IOException("negotiation takes too many bytes")
        data = bytes(await self._inner.read(most_bytes))
        self._left_bytes -= len(data)
        return data

    async def write(self, data: bytes) -> None:
        """Write all bytes."""
        await self._inner.write(data)


def _text(problem: BaseException) -> str:
    return str(problem) or type(problem).__name__
