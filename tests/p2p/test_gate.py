"""NET-020 to NET-032: hostile peers do not end the process, nor shut others out."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
from libp2p.exceptions import BaseLibp2pError
from libp2p.network.stream.exceptions import StreamError
from libp2p.protocol_muxer.exceptions import MultiselectClientError
from libp2p.protocol_muxer.multiselect_client import MultiselectClient
from libp2p.protocol_muxer.multiselect_communicator import MultiselectCommunicator

from p2p import limits
from p2p.frame import encoded
from p2p.network import Member, PeerId
from p2p.peers import HELLO, KIND_ACCEPTED, KIND_HELLO
from tests.p2p.conftest import (
    House,
    MakeHouse,
    connect,
    connected,
    member_host,
    plain_host,
    until,
)

GARBAGE = {
    "random": bytes(range(256)) * 8,
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "huge length": b"\xff" * 9 + b"\x01" + b"x" * 4096,
    "length of 4 GiB": b"\xff\xff\xff\xff\x0f" + b"x" * 100_000,
    "nothing": b"",
}


async def select(connection: Any, protocol: str) -> Any:
    stream = await connection.new_stream()
    await MultiselectClient().select_one_of([protocol], MultiselectCommunicator(stream), 5)
    return stream


async def flood(act: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
    """Do something until it fails."""
    with trio.fail_after(60):
        while True:
            await act(*arguments)


async def honest_peers_meet(home: House, one: Any, number: int) -> None:
    """Prove that the network still admits an authority that comes now."""
    async with home.open(number) as (two, _):
        await until(lambda: connected(one, two.me))


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_before_the_handshake_harms_nobody(house: MakeHouse, garbage: bytes) -> None:
    home = house(2)
    async with home.open(0) as (one, _):
        for _ in range(3):
            stream = await trio.open_tcp_stream("127.0.0.1", home.ports[0])
            await stream.send_all(garbage)
            await stream.aclose()

        await honest_peers_meet(home, one, 1)


async def test_a_flood_before_the_handshake_is_cut_off(house: MakeHouse) -> None:
    home = house(1)
    async with home.open(0):
        stream = await trio.open_tcp_stream("127.0.0.1", home.ports[0])
        with pytest.raises(trio.BrokenResourceError):
            await flood(stream.send_all, b"\xff\xff\xff\x7f" + bytes(65536))


async def test_a_wave_of_half_open_connections_pushes_itself_out(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, _):
        sockets = [
            await trio.open_tcp_stream("127.0.0.1", home.ports[0])
            for _ in range(3 * limits.HALF_OPEN_MAX_COUNT)
        ]
        await until(lambda: one.statistics()["half_open_evicted_total"] > 0)

        await honest_peers_meet(home, one, 1)

        assert limits.HALF_OPEN_ADDRESS_MAX_COUNT >= one.statistics()["half_open_count"]
        for socket in sockets:
            await socket.aclose()


async def test_nothing_but_noise_is_offered(house: MakeHouse) -> None:
    home = house(1)
    async with home.open(0):
        for protocol in (b"/plaintext/2.0.0\n", b"/secio/1.0.0\n", b"/tls/1.0.0\n"):
            stream = await trio.open_tcp_stream("127.0.0.1", home.ports[0])
            hello = b"/multistream/1.0.0\n"
            await stream.send_all(bytes([len(hello)]) + hello + bytes([len(protocol)]) + protocol)
            heard = b""
            with trio.fail_after(60):
                while b"na\n" not in heard:
                    data = await stream.receive_some()
                    assert data
                    heard += data
            await stream.aclose()

            assert protocol not in heard


async def test_a_stranger_may_ping_and_identify_and_nothing_else(house: MakeHouse) -> None:
    home = house(1)

    async def answer(_peer: PeerId, _member: Member, request: bytes) -> bytes:
        return request

    async with home.open(0) as (one, _), plain_host(99) as stranger:
        one.answer("/novation/test/1", answer)
        connection = await connect(stranger, home, 0)

        ping = await select(connection, "/ipfs/ping/1.0.0")
        await ping.write(bytes(32))
        pong = await ping.read(32)
        identify = await select(connection, "/ipfs/id/1.0.0")
        identity = await identify.read()
        for protocol in ("/novation/test/1", "/novation/cons/1", "/meshsub/1.1.0"):
            with pytest.raises(MultiselectClientError, match="not supported"):
                await select(connection, protocol)

        assert bytes(32) == pong
        assert b"/novation/hello/1" in identity or identity
        assert 1 == one.statistics()["strangers_count"]


async def test_a_stranger_must_leave_after_a_while(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "STRANGER_STAYS_S", 1.0)
    home = house(1)
    async with home.open(0) as (one, witness), plain_host(99) as stranger:
        await connect(stranger, home, 0)
        await until(lambda: witness.named("disconnected"))

        assert "no accepted hello" == witness.named("disconnected")[0]["why"]
        assert 0 == one.statistics()["connections_count"]


async def test_a_protocol_name_that_is_not_text_costs_only_the_stream(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, witness), plain_host(99) as villain:
        connection = await connect(villain, home, 0)
        stream = await connection.new_stream()
        hello = b"/multistream/1.0.0\n"
        await stream.write(bytes([len(hello)]) + hello + b"\x04\xff\xfe\xfd\n")
        await until(lambda: witness.named("stream_failed"))
        await until(lambda: any(status.score < 0 for status in one.peers()))

        await honest_peers_meet(home, one, 1)

        assert "UnicodeDecodeError" in str(witness.named("stream_failed")[0]["why"])


async def test_streams_that_never_negotiate_are_few_and_end_in_a_ban(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, witness), plain_host(99) as villain:
        connection = await connect(villain, home, 0)
        with pytest.raises(BaseLibp2pError):
            await flood(connection.new_stream)
        await until(lambda: witness.named("peer_banned"))

        await honest_peers_meet(home, one, 1)

        assert "too_many_streams" == witness.named("peer_banned")[0]["offence"]


async def test_negotiation_may_not_bring_megabytes(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, _), plain_host(99) as villain:
        connection = await connect(villain, home, 0)
        stream = await connection.new_stream()
        await stream.write(b"\xff\xff\xff\x7f" + bytes(200_000))

        with pytest.raises(StreamError):
            await flood(stream.read, 65536)
        await honest_peers_meet(home, one, 1)


async def test_bytes_beyond_the_credit_cut_the_connection(house: MakeHouse) -> None:
    home = house(2)
    async with home.open(0) as (one, witness), plain_host(99) as villain:
        connection = await connect(villain, home, 0)
        # Nobody reads a ping stream beyond its 32 bytes while the answer cannot be written.
        stream = await select(connection, "/ipfs/ping/1.0.0")
        stream.muxed_stream.send_window = 1 << 40
        with pytest.raises(BaseLibp2pError):
            await flood(stream.write, bytes(60_000))
        await until(lambda: witness.named("peer_banned"))
        await honest_peers_meet(home, one, 1)

        assert "window_overrun" == witness.named("peer_banned")[0]["offence"]


async def test_closed_connections_give_everything_back(house: MakeHouse) -> None:
    home = house(1)
    async with home.open(0) as (one, _):
        for number in range(100, 110):
            async with plain_host(number) as visitor:
                await connect(visitor, home, 0)
        await until(lambda: one.statistics()["connections_count"] == 0)

        assert 0 == one._swarm._inbound_limiter.borrowed_tokens
        assert {} == one._gate._open
        assert 0 == one.statistics()["half_open_count"]


@pytest.mark.parametrize(
    ("words", "offence"),
    [
        (b"\x00\x00\x40\x02\x01", "oversize_frame"),
        (encoded(KIND_ACCEPTED, b"\x01"), "unknown_kind"),
        (b"\x00\x00\x00\x00\x01", "empty_frame"),
    ],
    ids=["too large", "a verdict", "empty"],
)
async def test_a_hello_that_may_not_be_is_a_ban(
    house: MakeHouse, words: bytes, offence: str
) -> None:
    # NET-012, NET-030
    home = house(2)
    async with home.open(0) as (one, witness), plain_host(99) as villain:
        stream = await select(await connect(villain, home, 0), HELLO)
        await stream.write(words)
        await until(lambda: witness.named("peer_banned"))

        await honest_peers_meet(home, one, 1)

        assert offence == witness.named("peer_banned")[0]["offence"]


async def test_a_second_hello_on_a_connection_is_not_heard(house: MakeHouse) -> None:
    # NET-030
    home = house(2, refused=frozenset({"stranger"}))
    async with home.open(0) as (one, witness), plain_host(99) as villain:
        connection = await connect(villain, home, 0)
        first = await select(connection, HELLO)
        await first.write(encoded(KIND_HELLO, b"stranger"))
        await until(lambda: witness.named("hello_rejected"))
        second = await select(connection, HELLO)
        await second.write(encoded(KIND_HELLO, b"friend"))

        with trio.fail_after(30), pytest.raises(StreamError):
            await second.read(64)
        await honest_peers_meet(home, one, 1)

        assert not connected(one, villain.get_id().to_base58())


async def test_half_a_hello_leaves_a_stranger_who_must_go(
    house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NET-032
    monkeypatch.setattr(limits, "HELLO_WITHIN_S", 0.3)
    monkeypatch.setattr(limits, "STRANGER_STAYS_S", 1.0)
    home = house(2)
    async with home.open(0) as (one, witness), plain_host(99) as villain:
        stream = await select(await connect(villain, home, 0), HELLO)
        await stream.write(encoded(KIND_HELLO, b"friend")[:-1])
        await until(lambda: witness.named("disconnected"))

        await honest_peers_meet(home, one, 1)

        assert "no accepted hello" in str(witness.named("disconnected")[0]["why"])


async def test_a_follower_that_opens_a_link_is_told_that_there_is_none(house: MakeHouse) -> None:
    # NET-031, NET-060
    home = house(2)
    async with home.open(0) as (one, witness), member_host(home, 99) as (_, connection):
        with pytest.raises(MultiselectClientError, match="not supported"):
            await select(connection, "/novation/cons/1")

        await honest_peers_meet(home, one, 1)

        assert [] == witness.named("peer_banned")
