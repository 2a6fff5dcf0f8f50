"""A peer that does to one port whatever a peer should not, until its standard input is closed.

    python -m tests.interop.hostile_process HOST PORT PEER_ID

Keeps a thousand sockets open that say nothing or rubbish, and beside them calls as a libp2p host
with a new identity each time: streams without end that name no protocol, names that are no text,
negotiations of megabytes, frames of kinds that nobody knows, bytes that there was no credit for.
Prints a line for each round that was ended by the other side.
"""

import sys
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import trio

SOCKETS_COUNT = 1_000
RUBBISH = (b"", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 9 + b"\x01", bytes(range(256)) * 8)
MULTISTREAM = b"\x13/multistream/1.0.0\n"
BROKEN = (trio.BrokenResourceError, trio.ClosedResourceError, OSError)


async def hold_socket(host: str, port: int, number: int) -> None:
    """Keep one socket open, anew as often as it is closed."""
    while True:
        try:
            stream = await trio.open_tcp_stream(host, port)
            await stream.send_all(RUBBISH[number % len(RUBBISH)])
            while await stream.receive_some():
                pass
        except BROKEN:
            pass
        await trio.sleep(1)


async def endless_streams(connection: Any) -> None:
    """Open streams and say nothing on them."""
    while True:
        await connection.new_stream()


async def name_that_is_no_text(connection: Any) -> None:
    """Ask for a protocol in bytes that are no text."""
    while True:
        stream = await connection.new_stream()
        await stream.write(MULTISTREAM + b"\x04\xff\xfe\xfd\n")
        await stream.read(64)


async def endless_negotiation(connection: Any) -> None:
    """Announce a protocol's name of two gigabytes and go on writing it."""
    stream = await connection.new_stream()
    while True:
        await stream.write(b"\xff\xff\xff\x7f" + bytes(60_000))


async def unknown_frames(connection: Any) -> None:
    """Write frames of the multiplexer that no version has."""
    while True:
        await connection.muxed_conn._write_frame(b"\x07\x07" + bytes(10))
        await trio.sleep(0.01)


async def bytes_without_credit(connection: Any) -> None:
    """Write on a ping stream beyond what the other side allows."""
    stream = await connection.new_stream()
    await stream.write(MULTISTREAM + b"\x11/ipfs/ping/1.0.0\n")
    stream.muxed_stream.send_window = 1 << 40
    while True:
        await stream.write(bytes(60_000))


MISDEEDS: tuple[Callable[[Any], Awaitable[None]], ...] = (
    endless_streams,
    name_that_is_no_text,
    endless_negotiation,
    unknown_frames,
    bytes_without_credit,
)


async def until_ended(connection: Any, misdeed: Callable[..., Any]) -> None:
    """Do one thing until it fails or its connection is closed.

    The library says nothing of what is written to a connection that it has closed, so a misdeed
    alone may go on for ever with nobody there.
    """
    async with trio.open_nursery() as nursery:
        nursery.start_soon(misdeed, connection)
        await connection.muxed_conn.event_closed.wait()
        raise trio.BrokenResourceError


async def misbehave(host: str, port: int, peer: str, misdeed: Callable[..., Any]) -> None:
    """Do one thing again and again, as somebody new each time."""
    from libp2p import new_host
    from libp2p.crypto.ed25519 import create_new_key_pair
    from libp2p.peer.id import ID
    from multiaddr import Multiaddr

    for number in count():
        own = new_host(key_pair=create_new_key_pair())
        async with own.run(listen_addrs=[Multiaddr("/ip4/127.0.0.1/tcp/0")]):
            try:
                address = Multiaddr(f"/ip4/{host}/tcp/{port}")
                network = own.get_network()
                connection = await network.dial_addr(address, ID.from_base58(peer))
                await until_ended(connection, misdeed)
            except Exception as ended:  # noqa: BLE001 - the other side ends it as it likes
                print(misdeed.__name__, number, repr(ended), flush=True)
            with trio.move_on_after(2):
                await own.close()


async def main(host: str, port: int, peer: str) -> None:
    """Misbehave in every way at once until standard input is closed."""
    async with trio.open_nursery() as nursery:
        for number in range(SOCKETS_COUNT):
            nursery.start_soon(hold_socket, host, port, number)
        for misdeed in MISDEEDS:
            nursery.start_soon(misbehave, host, port, peer, misdeed)
        await trio.to_thread.run_sync(sys.stdin.read, abandon_on_cancel=True)
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(main, sys.argv[1], int(sys.argv[2]), sys.argv[3])
