"""The port as a whole, under clients that mean harm. Criteria: RPC-010, RPC-019."""

import random
import socket as plain_socket
import struct
from pathlib import Path

import pytest
import trio

from node.rpc.web import server
from node.rpc.web.server import CannotServe, Server
from node.telemetry.metrics import RPC_DEFECTS
from tests.fuzz.inputs import mutated
from tests.node.rpc.conftest import Door, OpenDoor, get, post

ECHO = b'{"jsonrpc":"2.0","id":1,"method":"fake_echo","params":["x"]}'
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
FRAME = bytes([0x81, 0x80 | len(ECHO)]) + bytes(4) + ECHO
SEEDS = (
    post(ECHO),
    post(b"[" + ECHO + b"," + ECHO + b"]"),
    get("/metrics"),
    HANDSHAKE + FRAME,
    b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
    b"3d\r\n" + ECHO + b"\r\n0\r\n\r\n",
    post(ECHO, "expect: 100-continue"),
)


def spoilt(dice: random.Random) -> bytes:
    """Return a request with a few bytes changed, and half of the time no end."""
    data = mutated(dice, SEEDS, 2**16) or b"\0"
    return data[: dice.randint(1, len(data))] if dice.random() < 0.5 else data


def open_file_count() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def assault(door: Door, data: bytes, *, reset: bool) -> None:
    """Send bytes, look for a moment, and leave with or without a word."""
    stream = await door.connect()
    try:
        await stream.send_all(data)
        with trio.move_on_after(0.02):
            await stream.receive_some()
        if reset:
            linger = struct.pack("ii", 1, 0)
            stream.setsockopt(plain_socket.SOL_SOCKET, plain_socket.SO_LINGER, linger)
    except (trio.BrokenResourceError, OSError):
        pass
    finally:
        await trio.aclose_forcefully(stream)


async def idle(door: Door) -> None:
    """Return when the server holds no connection any more."""
    with trio.fail_after(60):
        while True:
            await trio.testing.wait_all_tasks_blocked(0.01)
            if not door.server.connection_count:
                return


async def back_to(files_count: int) -> None:
    """Return when as many files are open as at the start; a leak never gets there."""
    with trio.fail_after(60):
        while open_file_count() > files_count:
            await trio.testing.wait_all_tasks_blocked(0.01)


async def test_hundreds_of_mutated_requests_cost_nobody_anything(door: Door) -> None:
    dice = random.Random(7)
    defects_before = RPC_DEFECTS.labels("connection")._value.get()
    assert (await door.call("fake_echo", ["before"]))["result"] == "before"
    await idle(door)
    files_before = open_file_count()
    async with await door.connect() as neighbour:
        for round_number in range(30):
            async with trio.open_nursery() as nursery:
                for _ in range(20):
                    reset = dice.random() < 0.3
                    nursery.start_soon(
                        lambda data, reset: assault(door, data, reset=reset), spoilt(dice), reset
                    )
            await neighbour.send_all(post(ECHO))
            with trio.fail_after(60):
                answer = await neighbour.receive_some()
            assert answer.endswith(b'"result":"x"}'), round_number
    await idle(door)

    assert "after" == (await door.call("fake_echo", ["after"]))["result"]
    assert defects_before == RPC_DEFECTS.labels("connection")._value.get()
    await back_to(files_before)


async def test_a_defect_of_ours_ends_one_call_and_nothing_else(door: Door) -> None:
    answer = await door.call("fake_fail")

    assert -32603 == answer["error"]["code"]
    assert "rpc.internal_fault" == answer["error"]["data"]["reason"]
    assert "x" == (await door.call("fake_echo", ["x"]))["result"]


async def test_resets_in_the_middle_of_an_upgrade_leave_no_file_open(door: Door) -> None:
    await idle(door)
    files_before = open_file_count()
    for length in range(0, len(HANDSHAKE), 7):
        await assault(door, HANDSHAKE[:length] or b"G", reset=True)
        await assault(door, HANDSHAKE + FRAME[: length % len(FRAME)], reset=True)
    await idle(door)

    await back_to(files_before)


async def test_many_slow_senders_do_not_keep_others_out(door: Door) -> None:
    async with trio.open_nursery() as nursery:
        slow = [await door.connect() for _ in range(150)]
        for stream in slow:
            await stream.send_all(b"GET / HT")
        answer = await door.call("fake_echo", ["served"])
        for stream in slow:
            await stream.aclose()
        nursery.cancel_scope.cancel()

    assert "served" == answer["result"]


async def test_slow_senders_are_gone_after_ten_seconds(
    open_door: OpenDoor, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_door() as door:
        slow = [await door.connect() for _ in range(20)]
        for stream in slow:
            await stream.send_all(b"GET / HT")
        await trio.sleep(12)

        assert 0 == door.server.connection_count
        for stream in slow:
            await stream.aclose()


async def test_a_connection_beyond_the_bound_is_told_and_the_others_stay(
    open_door: OpenDoor,
) -> None:
    async with open_door(connections_max_count=2) as door:
        first, second = await door.connect(), await door.connect()
        await first.send_all(post(ECHO))
        await first.receive_some()
        await second.send_all(post(ECHO))
        await second.receive_some()

        turned_away = await door.ask(get("/livez"))
        await first.send_all(post(ECHO))
        answer = await first.receive_some()
        await first.aclose()
        await second.aclose()

    assert b"HTTP/1.1 503 " in turned_away
    assert answer.endswith(b'"result":"x"}')


async def test_one_address_from_outside_holds_a_quarter_at_most(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_door(connections_max_count=8) as door:
        monkeypatch.setattr(server, "is_loopback", lambda _: False)
        held = [await door.connect() for _ in range(2)]
        for stream in held:
            await stream.send_all(post(ECHO))
            await stream.receive_some()
        turned_away = await door.ask(get("/livez"))

        monkeypatch.undo()
        from_here = await door.ask(get("/livez"))
        for stream in held:
            await stream.aclose()

    assert b"HTTP/1.1 503 " in turned_away
    assert b"HTTP/1.1 503 " not in from_here


async def test_a_taken_port_is_said_in_words(door: Door, open_door: OpenDoor) -> None:
    house = door.server.house

    with pytest.raises(CannotServe) as refused:
        await Server(house, port=door.port).run()

    assert "node.rpc_port_taken" == refused.value.reason
    assert str(door.port) in str(refused.value)


async def test_a_server_that_is_ended_tells_its_websockets_first(open_door: OpenDoor) -> None:
    async with open_door() as door:
        house = door.server.house
        async with trio.open_nursery() as nursery:
            port = await nursery.start(Server(house, port=0).run)
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            await stream.send_all(HANDSHAKE)
            assert b"101" in await stream.receive_some()
            nursery.cancel_scope.cancel()
            received = b""
            with trio.CancelScope(shield=True), trio.fail_after(60):
                while part := await stream.receive_some():
                    received += part

    assert (4503).to_bytes(2, "big") + b"the node ends" in received
