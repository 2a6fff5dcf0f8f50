"""One stream to one peer: reading, writing, ending, with the library's many errors made one.

A read may be cancelled. A write that is cancelled ends the connection (`p2p.gate`), so nobody
cancels one who does not mean that.
"""

import struct
from typing import Any

import trio
from libp2p.exceptions import BaseLibp2pError
from libp2p.io.exceptions import IOException
from libp2p.protocol_muxer.exceptions import MultiselectClientError
from libp2p.protocol_muxer.multiselect_client import MultiselectClient
from libp2p.protocol_muxer.multiselect_communicator import MultiselectCommunicator
from libp2p.stream_muxer.exceptions import MuxedStreamEOF
from libp2p.stream_muxer.yamux import yamux

from p2p import limits


class Broken(Exception):
    """The stream or its connection is gone, or the other side does not speak the protocol."""


class ThriftyStream(yamux.YamuxStream):  # type: ignore[misc]
    """A stream of the multiplexer that gives credit seldom and writes what fits without locks.

    The library gives the peer credit, one encrypted frame, after each read, be it of the one byte
    in which a length begins; and passes locks, each a turn of the loop, before it writes a frame.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._owed_bytes = 0

    async def write(self, data: bytes) -> None:
        """Write all bytes: at once if the peer's credit and one frame hold them.

        Nothing awaits between the look at the credit and its use, so no lock is needed for it.
        """
        is_open = not (self.send_closed or self.closed)
        fits = len(data) <= min(self.send_window, yamux.MAX_MESSAGE_SIZE - yamux.HEADER_SIZE)
        if not (is_open and fits and data) or self.window_lock.locked():
            await super().write(data)
            return
        self.send_window -= len(data)
        head = struct.pack(
            yamux.YAMUX_HEADER_FORMAT, 0, yamux.TYPE_DATA, 0, self.stream_id, len(data)
        )
        await self.conn._write_frame(head + data)  # noqa: SLF001 - no other way

    async def _auto_tune_and_send_window_update(self, *, bytes_read: int = 0) -> None:
        """Give new credit when there is enough of it; the first window is four times as much."""
        self._owed_bytes += bytes_read
        if self._owed_bytes >= limits.CREDIT_BYTES:
            owed_bytes, self._owed_bytes = self._owed_bytes, 0
            await super()._auto_tune_and_send_window_update(bytes_read=owed_bytes)


class Stream:
    """A stream whose protocol is agreed."""

    def __init__(self, inner: Any) -> None:
        """Wrap a stream of the library."""
        self._inner = inner
        self._muxed = inner.muxed_stream
        self._owed_bytes = 0

    async def read(self) -> bytes:
        """Return what has arrived, waiting for it; nothing at the end of the stream.

        The library would send the peer new credit, one encrypted frame, after every read; here it
        is sent when there is enough of it.
        """
        muxed = self._muxed
        try:
            data = bytes(await muxed.conn.read_stream(muxed.stream_id, limits.READ_BYTES))
            self._owed_bytes += len(data)
            if self._owed_bytes >= limits.CREDIT_BYTES:
                owed_bytes, self._owed_bytes = self._owed_bytes, 0
                await muxed._auto_tune_and_send_window_update(bytes_read=owed_bytes)  # noqa: SLF001
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

    async def close(self) -> None:
        """Say that nothing more will be written; then forget the stream."""
        await self._end(self._inner.close)

    async def reset(self) -> None:
        """Throw the stream away with what it holds, both directions."""
        await self._end(self._inner.reset)
        self._muxed.conn.stream_buffers.pop(self._muxed.stream_id, None)

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
