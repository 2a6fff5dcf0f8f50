"""NET-024, NET-026: what one stream may bring, and what a cancelled write costs."""

from typing import Any

import pytest
import trio
import trio.testing
from libp2p.io.exceptions import IOException
from libp2p.io.trio import TrioTCPStream

from p2p import limits
from p2p.gate import GatedStream
from p2p.stream import Broken, LimitedReader
from tests.p2p.conftest import MakeHouse, connected, until


class Endless:
    """A stream that brings as much as it is asked for."""

    async def read(self, n: int) -> bytes:
        await trio.lowlevel.checkpoint()
        return bytes(n)


async def test_negotiation_ends_at_its_allowance_however_it_is_read() -> None:
    reader = LimitedReader(Endless())
    pieces = [len(await reader.read(1000)) for _ in range(5)]
    with pytest.raises(IOException):
        await reader.read(1)

    assert limits.NEGOTIATION_MAX_BYTES == sum(pieces)


async def pair(nursery: trio.Nursery) -> tuple[GatedStream, trio.SocketStream]:
    """Return the gated and the other end of a connection."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    accepted: list[trio.SocketStream] = []
    port = listeners[0].socket.getsockname()[1]
    other = await trio.open_tcp_stream("127.0.0.1", port)
    accepted.append(await listeners[0].accept())
    await listeners[0].aclose()
    return GatedStream(TrioTCPStream(accepted[0])), other


async def test_a_write_that_is_cancelled_cuts_the_connection(nursery: trio.Nursery) -> None:
    gated, other = await pair(nursery)
    with trio.move_on_after(0.2):
        while True:
            await gated.write(bytes(1 << 20))

    assert gated.closed.is_set()
    with trio.fail_after(60):
        while await other.receive_some():
            pass


async def test_a_read_that_is_cancelled_costs_nothing(nursery: trio.Nursery) -> None:
    gated, other = await pair(nursery)
    with trio.move_on_after(0.05):
        await gated.read(10)
    await other.send_all(b"hello")

    assert b"he" == await gated.read(2)
    assert b"llo" == await gated.read(100)


async def test_reads_are_large_whatever_is_asked_for(nursery: trio.Nursery) -> None:
    gated, other = await pair(nursery)
    await other.send_all(bytes(1000))
    await gated.read(1)
    await other.aclose()
    pieces = [await gated.read(10) for _ in range(99)]

    assert 990 == sum(map(len, pieces))
    assert 9 == len(await gated.read())
    assert b"" == await gated.read(10)


async def test_a_connection_that_was_cut_brings_nothing_and_takes_nothing(
    nursery: trio.Nursery,
) -> None:
    gated, _ = await pair(nursery)
    gated.cut()

    assert b"" == await gated.read(10)
    assert len(b"lost") == gated.write_now(b"lost")


async def test_what_is_larger_than_the_system_takes_at_once_is_written_whole(
    nursery: trio.Nursery,
) -> None:
    gated, other = await pair(nursery)
    message = bytes(range(256)) * (1 << 15)
    nursery.start_soon(gated.write, message)
    heard = b""
    with trio.fail_after(60):
        while len(heard) < len(message):
            heard += await other.receive_some()

    assert message == heard
    assert len(message) > gated.write_now(message) > 0


@pytest.mark.parametrize("is_established", [False, True])
async def test_a_handshake_may_bring_so_many_bytes_and_what_follows_any_number(
    nursery: trio.Nursery, is_established: bool
) -> None:
    # NET-021
    gated, other = await pair(nursery)
    if is_established:
        gated.established()
    nursery.start_soon(other.send_all, bytes(2 * limits.HANDSHAKE_MAX_BYTES))
    read_bytes = 0
    while not gated.closed.is_set() and read_bytes < 2 * limits.HANDSHAKE_MAX_BYTES:
        try:
            read_bytes += len(await gated.read(limits.READ_BYTES))
        except IOException:
            break

    assert is_established != gated.closed.is_set()
    assert is_established == (read_bytes > limits.HANDSHAKE_MAX_BYTES)
    nursery.cancel_scope.cancel()


async def test_whoever_reads_or_writes_is_woken_by_a_cut(nursery: trio.Nursery) -> None:
    gated, _ = await pair(nursery)
    nursery.start_soon(gated.read, 10)
    await trio.testing.wait_all_tasks_blocked()

    gated.cut()
    with trio.fail_after(60):
        await gated.closed.wait()
    with pytest.raises(IOException):
        await gated.write(b"x")


async def test_a_stream_of_a_closed_connection_is_broken(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, _), home.open(1) as (two, _):
        await until(lambda: connected(one, two.me))
        session = one._sessions.get(two.me)
        stream = await session.open("/novation/ping/1")
        session.cut("over")

        with pytest.raises(Broken):
            await session.open("/novation/ping/1")
        with pytest.raises(Broken), trio.fail_after(60):
            await read_to_the_end(stream)


async def read_to_the_end(stream: Any) -> None:
    while await stream.read():
        pass
    raise Broken("the end")
