import socket
from collections.abc import Callable

import pytest

from node.client.failures import Failure
from node.client.transport import Client
from tests.node.client.fake_node import FakeNode, Refuse

Serve = Callable[..., FakeNode]


def test_call_returns_the_result_and_leaves_out_what_is_not_given(serve: Serve) -> None:
    node = serve(chain_getBlock=lambda **fields: fields)
    client = Client(node.url)

    answer = client.call("chain_getBlock", height=3, block_id=None)

    assert {"height": 3} == answer
    client.close()


def test_one_connection_serves_many_calls(serve: Serve) -> None:
    node = serve(a=1, b=2)
    client = Client(node.url)

    answers = [client.call(name) for name in ("a", "b", "a")]

    assert [1, 2, 1] == answers
    client.close()


def test_connection_that_the_node_closed_is_made_again(serve: Serve) -> None:
    node = serve(a=1)
    client = Client(node.url)
    client.call("a")
    node.drop_next = 1

    answer = client.call("a")

    assert 1 == answer
    client.close()


def test_many_calls_are_one_request_and_what_is_refused_stands_in_its_place(
    serve: Serve,
) -> None:
    def refuse() -> None:
        raise Refuse(42, "lookup.nothing", "There is nothing.", {})

    client = Client(serve(a=1, b=refuse).url)

    first, refused, again = client.call_many([("a", {}), ("b", {}), ("a", {})])

    assert (1, "lookup.nothing", 1) == (first, refused.kind.reason, again)
    client.close()


def test_refused_connection_sent_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(Failure) as refused:
        Client(f"http://127.0.0.1:{port}").call("a")

    assert "client.unreachable" == refused.value.kind.reason
    assert 3 == refused.value.exit_code


def test_silent_node_is_told_from_an_absent_one() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        client = Client(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_ms=50)

        with pytest.raises(Failure) as refused:
            client.call("a")

    assert "client.unanswered" == refused.value.kind.reason
    client.close()


def test_error_of_the_node_is_raised_with_its_reason(serve: Serve) -> None:
    def refuse(**_: object) -> None:
        raise Refuse(1103, "mempool.lane_full", "the lane is full", {"limit_count": 16})

    client = Client(serve(tx_submit=refuse).url)

    with pytest.raises(Failure) as refused:
        client.call("tx_submit", tx="AA==")

    assert ("mempool.lane_full", 4) == (refused.value.kind.reason, refused.value.exit_code)
    assert {"limit_count": 16} == refused.value.details
    client.close()


def test_program_that_is_no_node_is_named_as_such(serve: Serve) -> None:
    node = serve()
    client = Client(f"{node.url}/")
    node.answer = lambda request: {"hello": 1}  # type: ignore[method-assign]

    with pytest.raises(Failure) as refused:
        client.call("a")

    assert "client.answer_strange" == refused.value.kind.reason
    client.close()


def test_float_in_an_answer_is_refused(serve: Serve) -> None:
    client = Client(serve(a=1.5).url)

    with pytest.raises(Failure) as refused:
        client.call("a")

    assert "client.answer_strange" == refused.value.kind.reason
    client.close()


def test_get_returns_status_and_body(serve: Serve) -> None:
    node = serve()
    node.http["/readyz"] = (503, b"{}")
    client = Client(node.url)

    answer = client.get("/readyz")

    assert (503, b"{}") == answer
    client.close()


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://x:99999999"])
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Failure) as refused:
        Client(url)

    assert 2 == refused.value.exit_code
