"""A thousand callers of one port for JSON-RPC, none of whom means well, until standard input ends.

    python -m tests.interop.hostile_callers HOST PORT

Some say nothing or half of a request, some rubbish, some too much; others upgrade to a WebSocket
and send frames that may not be, or subscribe and never read.  Each begins anew when it is ended.
Prints the name of a misdeed whenever a node has ended one, told apart from being turned away.
"""

import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

import trio

CALLERS_COUNT = 1_000
TURNED_AWAY = b"HTTP/1.1 503"
HOST = b"host: localhost\r\n"
UPGRADE = (
    b"GET /ws HTTP/1.1\r\n" + HOST + b"upgrade: websocket\r\nconnection: Upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
CALL = b'{"jsonrpc":"2.0","id":1,"method":"chain_getStatus"}'
SUBSCRIBE = b'{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topic":"blocks"}}'
Misdeed = Callable[[trio.SocketStream], Awaitable[None]]
BROKEN = (trio.BrokenResourceError, trio.ClosedResourceError, OSError)


def frame(payload: bytes, first_byte: int = 0x81) -> bytes:
    """Return a WebSocket frame of a client, short, its mask zero."""
    return bytes([first_byte, 0x80 | len(payload)]) + bytes(4) + payload


async def says_nothing(stream: trio.SocketStream) -> None:
    """Connect and wait."""
    del stream
    await trio.lowlevel.checkpoint()


async def half_a_head(stream: trio.SocketStream) -> None:
    """Begin a request and never end it."""
    await stream.send_all(b"POST / HTTP/1.1\r\n" + HOST + b"content-le")


async def rubbish(stream: trio.SocketStream) -> None:
    """Send what is no request."""
    await stream.send_all(bytes(range(256)) * 8)


async def endless_head(stream: trio.SocketStream) -> None:
    """Send headers without end."""
    await stream.send_all(b"GET / HTTP/1.1\r\n" + HOST)
    while True:
        await stream.send_all(b"x-more: " + b"a" * 4_000 + b"\r\n")


async def endless_body(stream: trio.SocketStream) -> None:
    """Send a body in chunks without end."""
    await stream.send_all(b"POST / HTTP/1.1\r\n" + HOST + b"transfer-encoding: chunked\r\n\r\n")
    while True:
        await stream.send_all(b"8000\r\n" + b" " * 0x8000 + b"\r\n")


async def nested_json(stream: trio.SocketStream) -> None:
    """Ask with arrays in arrays, again and again."""
    body = b"[" * 100_000
    head = b"POST / HTTP/1.1\r\n" + HOST + b"content-length: %d\r\n\r\n" % len(body)
    await stream.send_all(head + body + b"then what is no request")


async def bare_frame(stream: trio.SocketStream) -> None:
    """Send a frame without a mask, which no client may."""
    await stream.send_all(UPGRADE + b"\x81\x02{}")


async def unknown_frame(stream: trio.SocketStream) -> None:
    """Send a frame of a kind that there is not."""
    await stream.send_all(UPGRADE + frame(CALL, 0x8B))


async def boundless_frame(stream: trio.SocketStream) -> None:
    """Announce a message of a terabyte and go on sending it."""
    await stream.send_all(UPGRADE + b"\x81\xff" + (2**40).to_bytes(8, "big") + bytes(4))
    while True:
        await stream.send_all(bytes(60_000))


async def no_text(stream: trio.SocketStream) -> None:
    """Send bytes that are no UTF-8 as text."""
    await stream.send_all(UPGRADE + frame(b"\xff\xfe\xfd"))


async def calls_without_end(stream: trio.SocketStream) -> None:
    """Subscribe, call as fast as it goes, and never read."""
    await stream.send_all(UPGRADE + frame(SUBSCRIBE))
    while True:
        await stream.send_all(frame(CALL) * 50)


MISDEEDS: tuple[Misdeed, ...] = (
    *(says_nothing, half_a_head, rubbish, endless_head, endless_body, nested_json),
    *(bare_frame, unknown_frame, boundless_frame, no_text),
)
"""What a node ends; beside them some call without end, whom it only makes wait."""


async def misbehave(host: str, port: int, number: int) -> None:
    """Do one thing again and again; say so when it was answered or cut off."""
    deeds = (*MISDEEDS, calls_without_end)
    misdeed = deeds[number % len(deeds)]
    while True:
        with suppress(*BROKEN):
            async with await trio.open_tcp_stream(host, port) as stream:
                if not (await answer_to(misdeed, stream)).startswith(TURNED_AWAY):
                    print(misdeed.__name__, number, flush=True)
        await trio.sleep(1)


async def answer_to(misdeed: Misdeed, stream: trio.SocketStream) -> bytes:
    """Return the first of what is said to a misdeed, when the connection was ended.

    A reset may have overtaken the words of one who turns away: it is taken for them.
    """
    answer = b""

    async def do() -> None:
        with suppress(*BROKEN):
            await misdeed(stream)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(do)
        try:
            while data := await stream.receive_some():
                answer = answer or data
        except BROKEN:
            answer = answer or TURNED_AWAY
        nursery.cancel_scope.cancel()
    return answer


async def main(host: str, port: int) -> None:
    """Misbehave in every way at once until standard input is closed."""
    async with trio.open_nursery() as nursery:
        for number in range(CALLERS_COUNT):
            nursery.start_soon(misbehave, host, port, number)
        await trio.to_thread.run_sync(sys.stdin.read, abandon_on_cancel=True)
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(main, sys.argv[1], int(sys.argv[2]))
