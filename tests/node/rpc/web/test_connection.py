"""One connection: order, limits, deadlines. Criteria: RPC-010 to RPC-014 of docs/specs/rpc.md."""

import gc

import msgspec
import pytest
import trio
import trio.testing

from node.rpc.web.request import RequestReader
from tests.node.rpc.conftest import Door, OpenDoor, get, post

ECHO = b'{"jsonrpc":"2.0","id":%d,"method":"fake_echo","params":{"text":"%s"}}'


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def bodies_of(answer: bytes) -> list[object]:
    """Return the JSON bodies of the answers of one connection, in order."""
    bodies = []
    while answer:
        head, _, rest = answer.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 100"):
            answer = rest
            continue
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"content-length" in line),
            0,
        )
        bodies.append(msgspec.json.decode(rest[:length]) if length else None)
        answer = rest[length:]
    return bodies


async def test_a_call_is_answered(door: Door) -> None:
    answer = await door.ask(post(ECHO % (7, b"hello"), "connection: close"))

    assert 200 == status_of(answer)
    assert [{"jsonrpc": "2.0", "id": 7, "result": "hello"}] == bodies_of(answer)


async def test_requests_sent_at_once_are_answered_in_order(door: Door) -> None:
    piped = b"".join(post(ECHO % (number, b"x")) for number in range(40))

    answer = await door.ask(piped + post(ECHO % (40, b"x"), "connection: close"))

    assert list(range(41)) == [body["id"] for body in bodies_of(answer)]  # type: ignore[index]


async def test_a_request_may_come_byte_by_byte(door: Door) -> None:
    async with await door.connect() as stream:
        for byte in post(ECHO % (1, b"slow"), "connection: close"):
            await stream.send_all(bytes([byte]))
        answer = await door.rest_of(stream)

    assert [{"jsonrpc": "2.0", "id": 1, "result": "slow"}] == bodies_of(answer)


async def test_a_body_may_come_in_chunks(door: Door) -> None:
    body = ECHO % (1, b"chunks")
    head = b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\ntrailer: yes\r\n\r\n"

    answer = await door.ask(head + chunks + post(ECHO % (2, b"next"), "connection: close"))

    assert ["chunks", "next"] == [one["result"] for one in bodies_of(answer)]  # type: ignore[index]


async def test_a_sender_that_asks_whether_to_go_on_is_told(door: Door) -> None:
    body = ECHO % (1, b"expected")
    head, _, _ = post(body, "expect: 100-continue", "connection: close").partition(body)
    async with await door.connect() as stream:
        await stream.send_all(head)
        told = await stream.receive_some()
        await stream.send_all(body)
        answer = await door.rest_of(stream)

    assert b"HTTP/1.1 100 Continue\r\n\r\n" == told
    assert [{"jsonrpc": "2.0", "id": 1, "result": "expected"}] == bodies_of(answer)


async def test_another_expectation_is_refused(door: Door) -> None:
    answer = await door.ask(post(b"{}", "expect: miracles"))

    assert 417 == status_of(answer)


async def test_a_notification_has_no_content(door: Door) -> None:
    body = b'{"jsonrpc":"2.0","method":"fake_echo","params":["x"]}'

    answer = await door.ask(post(body, "connection: close"))

    assert 204 == status_of(answer)
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (400, b"hello\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n"),
        (400, b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n"),
        (
            400,
            (
                b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n"
                b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
        ),
        (413, post(b"x" * (1024 * 1024 + 1))),
        (413, b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1048577\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"y" * 17_000 + b"\r\n\r\n"),
        (431, b"GET /" + b"y" * 40_000),
        (404, get("/nothing")),
        (404, post(b"{}", "connection: close", path="/rpc")),
        (405, get("/", verb="DELETE")),
        (204, get("/", verb="OPTIONS")),
        (307, get("/")),
        (426, get("/ws")),
        (200, get("/livez")),
    ],
)
async def test_what_is_not_served_is_said(door: Door, status: int, sent: bytes) -> None:
    assert status == status_of(await door.ask(sent))


async def test_a_body_at_the_limit_is_read(door: Door) -> None:
    text = b"x" * (1024 * 1024 - len(ECHO % (1, b"")))

    answer = await door.ask(post(ECHO % (1, text), "connection: close"))

    assert [{"jsonrpc": "2.0", "id": 1, "result": text.decode()}] == bodies_of(answer)


async def test_what_came_before_a_malformed_request_is_answered(door: Door) -> None:
    answer = await door.ask(post(ECHO % (1, b"good")) + b"\x00\x01nonsense\r\n\r\n")

    assert b"good" in answer
    assert b"HTTP/1.1 400" in answer


async def test_a_head_has_the_headers_of_a_get_and_no_body(door: Door) -> None:
    head = await door.ask(get("/version", verb="HEAD"))
    whole = await door.ask(get("/version"))

    assert whole.partition(b"\r\n\r\n")[0] == head.partition(b"\r\n\r\n")[0]
    assert head.endswith(b"\r\n\r\n")


async def test_a_request_id_comes_back(door: Door) -> None:
    answer = await door.ask(get("/livez", "x-request-id: a-7"))
    forged = await door.ask(get("/livez", "x-request-id: a b"))

    assert b"x-request-id: a-7\r\n" in answer
    assert b"x-request-id" not in forged


async def test_headers_that_never_end_are_not_waited_for(
    open_door: OpenDoor, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_door() as door, await door.connect() as stream:
        await stream.send_all(b"GET / HTTP/1.1\r\n")
        started_s = trio.current_time()
        answer = await door.rest_of(stream, patience_s=100)

        assert 408 == status_of(answer)
        assert 10 <= trio.current_time() - started_s <= 12


async def test_an_idle_connection_is_closed_after_a_minute(
    open_door: OpenDoor, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_door() as door, await door.connect() as stream:
        await stream.send_all(post(ECHO % (1, b"x")))
        started_s = trio.current_time()
        answer = await door.rest_of(stream, patience_s=100)

        assert 200 == status_of(answer)
        assert 60 <= trio.current_time() - started_s <= 62


async def test_a_refused_sender_that_reads_late_still_gets_the_answer(door: Door) -> None:
    async with await door.connect() as stream:
        await stream.send_all(post(b"x" * 1_500_000))
        answer = await door.rest_of(stream)

    assert 413 == status_of(answer)
    assert "limits.body_too_large" == bodies_of(answer)[0]["error"]["data"]["reason"]  # type: ignore[index]


async def test_what_was_sent_goes_with_its_connection_and_waits_for_no_collector(
    door: Door,
) -> None:
    """A thousand bodies that never end would be a gigabyte before the collector looks."""
    head, _, _ = post(bytes(900_000)).partition(b"\r\n\r\n")
    gc.disable()
    try:
        for _ in range(3):
            async with await door.connect() as stream:
                await stream.send_all(head + b"\r\n\r\n" + bytes(100_000))
                await stream.send_eof()
                await door.rest_of(stream)
        await trio.testing.wait_all_tasks_blocked()
        left = [one for one in gc.get_objects() if isinstance(one, RequestReader)]
    finally:
        gc.enable()

    assert [] == left
