"""From bytes to requests. Criteria: RPC-011 to RPC-013 of docs/specs/rpc.md."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.rpc.web.request import Request, RequestReader, Stage

ONE = (
    b"POST /path?q=1 HTTP/1.1\r\nHost: a\r\nX-Two: 1\r\nx-two: 2\r\nContent-Length: 5\r\n\r\nhello"
)
TWO = b"GET / HTTP/1.0\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"


def read(*pieces: bytes, head: int = 400, body: int = 100) -> RequestReader:
    reader = RequestReader(head, body)
    for piece in pieces:
        if reader.fault is None:
            reader.feed(piece)
    return reader


def test_a_request_is_taken_apart() -> None:
    (request,) = read(ONE).requests

    assert ("POST", "/path", b"hello") == (request.method, request.path, request.body)
    assert (b"a", b"1, 2", None) == (
        request.header(b"host"),
        request.header(b"x-two"),
        request.header(b"other"),
    )
    assert (2, True, False) == (request.count(b"x-two"), request.keep_alive, request.is_upgrade)


@given(st.lists(st.integers(0, len(ONE + TWO + CHUNKED)), max_size=8))
def test_how_bytes_are_cut_does_not_matter(cuts: list[int]) -> None:
    whole = CHUNKED + ONE + TWO
    places = [0, *sorted(cuts), len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(places)]

    reader = read(*pieces)

    assert [b"hello", b"hello", b""] == [request.body for request in reader.requests]
    assert [True, True, False] == [request.keep_alive for request in reader.requests]
    assert reader.fault is None


@given(st.binary(max_size=600), st.integers(1, 60))
def test_any_bytes_are_requests_or_a_fault_and_never_more(data: bytes, size: int) -> None:
    reader = read(*[data[at : at + size] for at in range(0, len(data), size)])

    assert all(isinstance(request, Request) for request in reader.requests)
    assert all(len(request.body) <= 100 for request in reader.requests)


def test_the_stage_follows_the_bytes() -> None:
    reader = RequestReader(400, 100)
    stages = [reader.stage]
    for piece in (ONE[:4], ONE[4:-5], ONE[-5:]):
        reader.feed(piece)
        stages.append(reader.stage)

    assert [Stage.IDLE, Stage.HEAD, Stage.BODY, Stage.IDLE] == stages


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (431, b"GET / HTTP/1.1\r\nx: " + b"y" * 400 + b"\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 100 + b"\r\n"),
        (431, b"GET /" + b"y" * 500),
        (431, b"\r\n" * 300),
        (413, b"POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n"),
        (413, CHUNKED.replace(b"3\r\nllo", b"70\r\n" + b"l" * 112)),
        (417, b"POST / HTTP/1.1\r\nExpect: more\r\nContent-Length: 1\r\n\r\n1"),
        (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        (400, b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n1"),
        (400, b"GET / HTTP/1.1\r\nx y: 1\r\n\r\n"),
    ],
)
def test_what_is_no_request_has_its_status(status: int, data: bytes) -> None:
    fault = read(*[data[at : at + 50] for at in range(0, len(data), 50)]).fault

    assert fault is not None
    assert status == fault.status


def test_what_was_complete_before_a_fault_is_kept() -> None:
    reader = read(ONE + b"\x00\x01\x02\x03\r\n\r\n")

    assert 1 == len(reader.requests)
    assert reader.fault is not None


def test_bytes_behind_an_upgrade_are_kept_apart() -> None:
    upgrade = b"GET /ws HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"

    reader = read(upgrade + b"\x81\x00")

    assert reader.requests[0].is_upgrade
    assert b"\x81\x00" == reader.tail


def test_somebody_who_asks_whether_to_go_on_waits_for_an_answer() -> None:
    head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"

    waiting = read(head)
    sent = read(head + b"hello")

    assert waiting.expects_continue
    assert not sent.expects_continue
