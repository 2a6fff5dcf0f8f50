"""JSON-RPC 2.0: envelopes, batches, errors. Criteria: RPC-020 to RPC-026 of docs/specs/rpc.md."""

from typing import Any

import msgspec
import pytest
import trio

from node.clock import Clock
from node.rpc.dispatch import Dispatcher, Reply
from node.rpc.method import Caller
from node.rpc.rate import Rate
from tests.node.rpc.conftest import METHODS

HERE = Caller("127.0.0.1", loopback=True)
AWAY = Caller("192.0.2.7", loopback=False)


def dispatcher(rate: Rate | None = None) -> Dispatcher:
    return Dispatcher(None, METHODS, Clock(), batch_max_count=50, rate=rate)  # type: ignore[arg-type]


async def reply_to(asked: Any, caller: Caller = HERE, rate: Rate | None = None) -> Any:
    """Return the decoded reply to a value, or to bytes as they are."""
    body = asked if isinstance(asked, bytes) else msgspec.json.encode(asked)
    reply = await dispatcher(rate).reply(body, caller)
    return None if reply.data is None else msgspec.json.decode(reply.data)


def request(method: str, params: Any = None, **more: Any) -> dict[str, Any]:
    asked = {"jsonrpc": "2.0", "id": 1, "method": method, **more}
    return asked if params is None else {**asked, "params": params}


@pytest.mark.parametrize("params", [{"text": "ab", "times": 2}, ["ab", 2]])
async def test_parameters_are_given_by_name_or_in_order(params: Any) -> None:
    answer = await reply_to(request("fake_echo", params))

    assert {"jsonrpc": "2.0", "id": 1, "result": "abab"} == answer


@pytest.mark.parametrize("identity", ["abc", 7, 0, "", -1, None])
async def test_the_id_comes_back_as_it_was(identity: Any) -> None:
    answer = await reply_to(request("fake_echo", ["x"], id=identity))

    assert identity == answer["id"]
    assert "x" == answer["result"]


async def test_a_notification_is_done_and_not_answered() -> None:
    asked = {"jsonrpc": "2.0", "method": "fake_echo", "params": ["x"]}

    assert await reply_to(asked) is None
    assert await reply_to([asked, asked]) is None
    assert await reply_to({**asked, "method": "no_such_method"}) is None


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        (-32700, b"{"),
        (-32700, b'{"jsonrpc": "2.0", "method": "fake_echo", "method": "fake_fail"}'),
        (-32700, b'{"jsonrpc": "2.0", "id": 1.5, "method": "fake_echo"}'),
        (-32600, b"[]"),
        (-32600, b"7"),
        (-32600, b'"fake_echo"'),
        (-32600, {"id": 1, "method": "fake_echo"}),
        (-32600, {"jsonrpc": "1.0", "id": 1, "method": "fake_echo"}),
        (-32600, {"jsonrpc": "2.0", "id": 1}),
        (-32600, {"jsonrpc": "2.0", "id": 1, "method": 7}),
        (-32600, {"jsonrpc": "2.0", "id": [], "method": "fake_echo"}),
        (-32600, {"jsonrpc": "2.0", "id": True, "method": "fake_echo"}),
        (-32600, {"jsonrpc": "2.0", "id": 1, "method": "fake_echo", "params": "x"}),
        (-32600, [request("fake_echo", ["x"])] * 51),
        (-32601, request("no_such_method")),
        (-32601, request("__class__")),
        (-32602, request("fake_echo", {"text": "x", "tiems": 2})),
        (-32602, request("fake_echo", {})),
        (-32602, request("fake_echo")),
        (-32602, request("fake_echo", {"text": 7})),
        (-32602, request("fake_echo", {"text": "x", "times": "2"})),
        (-32602, request("fake_echo", {"text": "x", "times": True})),
        (-32602, request("fake_echo", ["x", 1, 1])),
        (-32603, request("fake_fail")),
        (1201, request("fake_refuse")),
    ],
)
async def test_each_fault_has_its_code_and_says_what_to_do(code: int, asked: Any) -> None:
    error = (await reply_to(asked))["error"]

    assert code == error["code"] == error["data"]["code"]
    assert error["message"]
    assert error["data"]["reason"]
    assert error["data"]["hint"]
    assert isinstance(error["data"]["facts"], dict)


async def test_a_mistyped_method_is_told_which_one_was_meant() -> None:
    error = (await reply_to(request("fake_ekho", ["x"])))["error"]

    assert {"did_you_mean": "fake_echo"} == error["data"]["facts"]


async def test_a_mistyped_parameter_is_told_which_there_are() -> None:
    error = (await reply_to(request("fake_echo", {"text": "x", "tiems": 2})))["error"]

    assert {"unknown": "tiems", "known": ["text", "times"]} == error["data"]["facts"]


async def test_a_batch_is_answered_in_its_order_and_faults_stay_where_they_are() -> None:
    batch = [
        request("fake_echo", ["a"], id=1),
        7,
        {"jsonrpc": "2.0", "method": "fake_echo", "params": ["silent"]},
        request("fake_fail", id="f"),
        request("fake_echo", ["b"], id=2),
    ]

    answers = await reply_to(batch)

    assert [1, None, "f", 2] == [answer["id"] for answer in answers]
    assert [None, -32600, -32603, None] == [
        answer.get("error", {}).get("code") for answer in answers
    ]


async def test_calls_of_a_batch_run_side_by_side(autojump_clock: trio.testing.MockClock) -> None:
    with trio.move_on_after(1) as waited:
        await reply_to([request("fake_wait", id=number) for number in range(50)])

    assert waited.cancelled_caught


async def test_a_defect_tells_nothing_of_the_inside() -> None:
    error = (await reply_to(request("fake_fail")))["error"]

    assert "division" not in str(error)
    assert "ZeroDivisionError" not in str(error)


async def test_what_is_for_this_machine_alone_is_absent_elsewhere() -> None:
    here = await reply_to(request("fake_local"))
    away = await reply_to(request("fake_local"), AWAY)
    near = await reply_to(request("fake_loca"), AWAY)

    assert "local" == here["result"]
    assert -32601 == away["error"]["code"]
    assert "fake_local" != near["error"]["data"]["facts"]["did_you_mean"]


async def test_a_caller_beyond_its_rate_is_refused_and_told_when() -> None:
    served = Dispatcher(
        None,  # type: ignore[arg-type]
        METHODS,
        Clock(),
        batch_max_count=50,
        rate=Rate(tokens_per_second=1, tokens_max=2),
    )
    body = msgspec.json.encode(request("fake_echo", ["x"]))

    replies = [await served.reply(body, AWAY) for _ in range(3)]
    here = await served.reply(body, HERE)

    error = msgspec.json.decode(replies[2].data or b"")["error"]
    assert (1651, "limits.rate_exceeded") == (error["code"], error["data"]["reason"])
    assert error["data"]["facts"]["retry_after_ms"] == replies[2].retry_after_ms > 0
    assert [0, 0] == [reply.retry_after_ms for reply in replies[:2]]
    assert Reply(b'{"jsonrpc":"2.0","id":1,"result":"x"}') == here


async def test_a_large_body_is_read_as_well() -> None:
    text = "x" * 200_000

    assert text == (await reply_to(request("fake_echo", [text])))["result"]
