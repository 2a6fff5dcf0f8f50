"""The bytes of an answer. Criterion: RPC-014 of docs/specs/rpc.md."""

from node.rpc.web.response import Response, json_response, problem


def test_an_answer_says_its_length_and_whether_the_connection_stays() -> None:
    written = json_response(200, {"a": 1}).written(keep_alive=True)

    head, _, body = written.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert b"HTTP/1.1 200 OK" == lines[0]
    assert {
        b"content-length: 7",
        b"content-type: application/json",
        b"connection: keep-alive",
        b"x-content-type-options: nosniff",
        b"cache-control: no-store",
    } == set(lines[1:])
    assert b'{"a":1}' == body


def test_no_content_has_no_length() -> None:
    written = Response(204).written(keep_alive=False)

    assert b"content-length" not in written
    assert b"connection: close" in written


def test_a_head_says_the_length_of_what_it_leaves_out() -> None:
    written = Response(200, b"12345").written(keep_alive=True, head_only=True)

    assert b"content-length: 5" in written
    assert written.endswith(b"\r\n\r\n")


def test_a_page_may_say_how_long_it_is_kept() -> None:
    written = Response(200, headers=(("cache-control", "no-cache"),)).written(keep_alive=True)

    assert 1 == written.count(b"cache-control")


def test_a_problem_says_why() -> None:
    assert b'{"error":"Not Found","why":"no such page"}' == problem(404, "no such page").body
