"""WebSockets: calls, subscriptions, slow readers. Criteria: RPC-051, RPC-057 to RPC-059."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import trio
from trio_websocket import (
    CloseReason,
    ConnectionClosed,
    ConnectionRejected,
    WebSocketConnection,
    open_websocket_url,
)

from node.rpc import limits
from node.telemetry.metrics import RPC_DEFECTS
from tests.node.rpc.conftest import Door, OpenDoor

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@asynccontextmanager
async def socket_of(door: Door) -> AsyncIterator[WebSocketConnection]:
    async with open_websocket_url(f"ws://127.0.0.1:{door.port}/ws") as socket:
        yield socket


async def ask(socket: WebSocketConnection, method: str, **parameters: Any) -> Any:
    """Send one call and return its answer, passing over messages of subscriptions."""
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    await socket.send_message(msgspec.json.encode(call).decode())
    while True:
        told = msgspec.json.decode(await socket.get_message())
        if "id" in told:
            return told.get("result", told.get("error"))


async def next_message(socket: WebSocketConnection) -> dict[str, Any]:
    with trio.fail_after(60):
        return msgspec.json.decode(await socket.get_message())["params"]  # type: ignore[no-any-return]


async def grow(door: Door, block_count: int = 1) -> None:
    door.feed.height += block_count
    door.desk.tell_news()


async def test_calls_are_answered_as_over_http(door: Door) -> None:
    async with socket_of(door) as socket:
        answer = await ask(socket, "fake_echo", text="x", times=3)
        fault = await ask(socket, "fake_ecko")

    assert "xxx" == answer
    assert -32601 == fault["code"]


async def test_a_long_call_does_not_hold_up_the_next(door: Door) -> None:
    async with socket_of(door) as socket:
        await socket.send_message('{"jsonrpc":"2.0","id":9,"method":"fake_wait"}')
        answer = await ask(socket, "fake_echo", text="still here")

    assert "still here" == answer


async def test_blocks_are_told_in_order_after_the_answer(door: Door) -> None:
    async with socket_of(door) as socket:
        opened = await ask(socket, "subscribe", topic="blocks")
        await trio.testing.wait_all_tasks_blocked()
        await grow(door, 3)
        messages = [await next_message(socket) for _ in range(3)]

    assert {"subscription": "s1", "seq": "0"} == opened
    assert ["1", "2", "3"] == [message["seq"] for message in messages]
    assert {"height": "1", "padding": ""} == messages[0]["data"]
    assert "delta" == messages[0]["type"]


async def test_a_subscription_resumes_from_the_past_without_gap_or_repetition(door: Door) -> None:
    door.feed.height = 250
    door.desk.tell_news()
    async with socket_of(door) as socket:
        await ask(socket, "subscribe", topic="blocks", from_seq=11)
        first = [await next_message(socket) for _ in range(50)]
        await grow(door, 2)
        rest = [await next_message(socket) for _ in range(192)]

    assert [str(seq) for seq in range(11, 253)] == [one["seq"] for one in first + rest]


async def test_unsubscribing_ends_the_messages(door: Door) -> None:
    async with socket_of(door) as socket:
        opened = await ask(socket, "subscribe", topic="blocks")
        ended = await ask(socket, "unsubscribe", subscription=opened["subscription"])
        again = await ask(socket, "unsubscribe", subscription=opened["subscription"])
        await grow(door)

        assert ended is True
        assert again is False
        assert 0 == door.desk.count


async def test_a_connection_has_so_many_subscriptions(door: Door) -> None:
    async with socket_of(door) as socket:
        for _ in range(32):
            await ask(socket, "subscribe", topic="blocks")
        fault = await ask(socket, "subscribe", topic="blocks")

    assert "limits.subscriptions_full" == fault["data"]["reason"]
    assert {"subscriptions_max_count": 32} == fault["data"]["facts"]


async def test_leaving_ends_the_subscriptions(door: Door) -> None:
    async with socket_of(door) as socket:
        await ask(socket, "subscribe", topic="blocks")
        await trio.testing.wait_all_tasks_blocked()
        before = door.desk.count
    await trio.testing.wait_all_tasks_blocked()

    assert (1, 0) == (before, door.desk.count)


async def test_a_stalled_reader_is_closed_with_4008_while_others_get_everything(
    door: Door,
) -> None:
    door.feed.padding = "x" * 20_000
    stalled = await door.connect()
    await stalled.send_all(HANDSHAKE)
    await stalled.receive_some()
    call = b'{"jsonrpc":"2.0","id":1,"method":"subscribe","params":["blocks"]}'
    await stalled.send_all(bytes([0x81, 0x80 | len(call)]) + bytes(4) + call)
    async with socket_of(door) as socket:
        await ask(socket, "subscribe", topic="blocks")
        await trio.testing.wait_all_tasks_blocked()

        seen = []
        for _ in range(600):
            await grow(door)
            seen.append((await next_message(socket))["seq"])
        last_bytes = (await door.rest_of(stalled))[-100:]
        await stalled.aclose()

    assert [str(seq) for seq in range(1, 601)] == seen
    assert (4008).to_bytes(2, "big") + b"too slow" in last_bytes


async def test_a_stalled_reader_that_never_reads_costs_ten_seconds_at_most(
    open_door: OpenDoor, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_door() as door:
        door.feed.padding = "x" * 20_000
        stalled = await door.connect()
        await stalled.send_all(HANDSHAKE)
        await stalled.receive_some()
        call = b'{"jsonrpc":"2.0","id":1,"method":"subscribe","params":["blocks"]}'
        await stalled.send_all(bytes([0x81, 0x80 | len(call)]) + bytes(4) + call)
        await trio.sleep(0.1)
        await grow(door, 600)
        await trio.sleep(limits.CLOSE_DEADLINE_MS / 1000 + 1)

        assert 0 == door.server.connection_count
        await stalled.aclose()


async def test_frames_sent_with_the_handshake_are_not_lost(door: Door) -> None:
    call = b'{"jsonrpc":"2.0","id":1,"method":"fake_echo","params":["early"]}'
    async with await door.connect() as stream:
        await stream.send_all(HANDSHAKE + bytes([0x81, 0x80 | len(call)]) + bytes(4) + call)
        answer = await door.rest_of(stream, patience_s=1)

    assert b"101 Switching Protocols" in answer
    assert b'"result":"early"' in answer


async def test_an_unmasked_frame_ends_its_own_connection_only(door: Door) -> None:
    async with await door.connect() as stream, socket_of(door) as other:
        await stream.send_all(HANDSHAKE)
        await stream.receive_some()
        await stream.send_all(b"\x81\x02{}")
        with trio.fail_after(60):
            last_bytes = await stream.receive_some()
        answer = await ask(other, "fake_echo", text="fine")

    assert b"" == last_bytes
    assert "fine" == answer


async def test_too_large_a_message_is_closed_with_1009(door: Door) -> None:
    async with socket_of(door) as socket:
        await socket.send_message("x" * (1024 * 1024 + 1))

        with pytest.raises(ConnectionClosed) as closed:
            await socket.get_message()

    assert closed.value.reason is not None
    assert 1009 == closed.value.reason.code


@pytest.mark.parametrize(
    ("status", "changed"),
    [
        (404, (b"/ws", b"/other")),
        (426, (b"version: 13", b"version: 8")),
        (400, (b"AAAAAAAAAAAAAAAAAAAAAA==", b"short")),
        (400, (b"AAAAAAAAAAAAAAAAAAAAAA==", b"\xff\xfe")),
        (421, (b"host: localhost", b"host: evil.example")),
        (400, (b"host: localhost", b"host: \xff\xfe")),
        (403, (b"host: localhost", b"host: localhost\r\norigin: http://evil.example")),
    ],
)
async def test_a_handshake_that_does_not_fit_is_refused(
    door: Door, status: int, changed: tuple[bytes, bytes]
) -> None:
    answer = await door.ask(HANDSHAKE.replace(*changed))

    assert status == int(answer.split(b" ", 2)[1])


async def test_a_page_of_the_node_itself_may_open_a_socket(door: Door) -> None:
    host = f"localhost:{door.port}".encode()
    sent = HANDSHAKE.replace(b"localhost", host + b"\r\norigin: http://" + host)

    answer = await door.ask(sent, patience_s=0.5)

    assert b"101 Switching Protocols" in answer


async def test_the_library_rejects_what_we_reject(door: Door) -> None:
    with pytest.raises(ConnectionRejected):
        async with open_websocket_url(f"ws://127.0.0.1:{door.port}/other"):
            pass


async def test_a_heartbeat_says_which_message_was_the_last(
    open_door: OpenDoor, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_door() as door, socket_of(door) as socket:
        door.feed.height = 4
        door.desk.tell_news()
        await ask(socket, "subscribe", topic="blocks")
        with trio.fail_after(60):
            message = msgspec.json.decode(await socket.get_message())["params"]

    assert ("heartbeat", "4", None) == (message["type"], message["seq"], message["data"])


async def test_a_reader_that_answers_no_ping_is_let_go(
    open_door: OpenDoor, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_door() as door:
        silent = await door.connect()
        await silent.send_all(HANDSHAKE)
        await silent.receive_some()
        await trio.sleep(100)

        assert 0 == door.server.connection_count
        await silent.aclose()


async def test_a_node_that_ends_says_so_with_4503(open_door: OpenDoor) -> None:
    async with open_door() as door, socket_of(door) as socket:
        await ask(socket, "subscribe", topic="blocks")
        with trio.fail_after(60):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(door.server.house.leaving.wait_told)
                with pytest.raises(ConnectionClosed) as closed:
                    await socket.get_message()

    reason = closed.value.reason
    assert reason is not None
    assert (4503, True) == (reason.code, "the node ends" in str(reason.reason))


class Gone:
    """A handshake whose sender has reset the connection before it is answered."""

    async def accept(self) -> None:
        raise ConnectionClosed(CloseReason(1006, None))


async def test_whoever_leaves_while_the_handshake_is_answered_is_no_defect(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wrapped(*_: object, **__: object) -> Gone:
        return Gone()

    monkeypatch.setattr("node.rpc.web.socket.wrap_server_stream", wrapped)
    defects_before = RPC_DEFECTS.labels("connection")._value.get()

    await door.ask(HANDSHAKE)

    assert defects_before == RPC_DEFECTS.labels("connection")._value.get()
    assert "after" == (await door.call("fake_echo", ["after"]))["result"]
