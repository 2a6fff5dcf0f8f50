"""The whole door of a real node. Criteria: RPC-002, RPC-050 to RPC-053 of docs/specs/rpc.md."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import trio
from trio_websocket import WebSocketConnection, open_websocket_url

from chain.crypto.addresses import text_of
from chain.modules.ledger.transactions import Transfer
from derivatives.margin.kernel.level import level_name
from node.config import Configuration, Rpc
from node.rpc.web.door import checks_of, serve, version_shape
from tests import given
from tests.node.rpc.conftest import Rooms, get, post


@pytest.fixture
async def port(rooms: Rooms) -> AsyncIterator[int]:
    async with trio.open_nursery() as nursery:
        yield await serve(nursery, rooms.services)
        nursery.cancel_scope.cancel()


async def ask(port: int, data: bytes) -> Any:
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    received = b""
    async with stream:
        await stream.send_all(data)
        while part := await stream.receive_some():
            received += part
    return msgspec.json.decode(received.partition(b"\r\n\r\n")[2])


async def follow(socket: WebSocketConnection, topic: str, **more: Any) -> None:
    params = {"topic": topic, **more}
    asked = {"jsonrpc": "2.0", "id": topic, "method": "subscribe", "params": params}
    await socket.send_message(msgspec.json.encode(asked).decode())
    answer = msgspec.json.decode(await socket.get_message())
    assert topic == answer["result"]["topic"], answer


async def told(socket: WebSocketConnection, count: int) -> list[dict[str, Any]]:
    with trio.fail_after(60):
        return [msgspec.json.decode(await socket.get_message())["params"] for _ in range(count)]


def pay(rooms: Rooms, amount_quantums: int = 1_000_000) -> bytes:
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=amount_quantums)
    return rooms.world.bytes_of("alice", transfer)


async def test_a_node_answers_calls_and_pages(rooms: Rooms, port: int) -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"chain_getStatus"}'
    status = await ask(port, post(body, "connection: close"))
    version = await ask(port, get("/version"))
    ready = await ask(port, get("/readyz"))
    document = await ask(port, get("/openrpc.json"))

    assert "0" == status["result"]["height"]
    assert status["result"]["chain_id"] == version["chain_id"]
    assert ready["ready"]
    names = {method["name"] for method in document["methods"]}
    assert "chain_getBlock" in names
    assert not {name for name in names if name.startswith("dev_")}


async def test_blocks_events_and_outcomes_are_told_as_they_become_final(
    rooms: Rooms, port: int
) -> None:
    bob = text_of(given.address("bob"))
    data = pay(rooms)
    identity = "0x" + rooms.world.transaction("alice", pay_record()).id.hex()
    await rooms.services.admission.submit(data)
    async with open_websocket_url(f"ws://127.0.0.1:{port}/ws") as socket:
        for topic in ("blocks", f"account:{bob}", f"tx:{identity}"):
            await follow(socket, topic)
        (waiting,) = await told(socket, 1)

        rooms.finalise(data)
        messages = {message["topic"]: message for message in await told(socket, 3)}

    assert ("snapshot", "waiting") == (waiting["type"], waiting["data"]["status"])
    assert "1" == messages["blocks"]["data"]["height"]
    assert [True] == [one["ok"] for one in messages["blocks"]["data"]["transactions"]]
    event = messages[f"account:{bob}"]["data"]["event"]
    assert ("ledger.transferred", "1000000") == (event["name"], event["amount_quantums"])
    assert "applied" == messages[f"tx:{identity}"]["data"]["status"]


def pay_record() -> Transfer:
    return Transfer(to=given.address("bob"), asset="USD", amount_quantums=1_000_000)


async def test_what_is_past_comes_first_and_is_the_same_as_live(rooms: Rooms, port: int) -> None:
    alice = text_of(given.address("alice"))
    rooms.finalise(pay(rooms))
    async with open_websocket_url(f"ws://127.0.0.1:{port}/ws") as live:
        await follow(live, f"account:{alice}")
        rooms.finalise(pay(rooms))
        (second,) = await told(live, 1)
    async with open_websocket_url(f"ws://127.0.0.1:{port}/ws") as resumed:
        await follow(resumed, f"account:{alice}", from_seq=0)
        messages = await told(resumed, 2)

    assert second == messages[1]
    assert messages[0]["seq"] < messages[1]["seq"]


async def test_consensus_is_shown_and_each_change_of_it(rooms: Rooms, port: int) -> None:
    async with open_websocket_url(f"ws://127.0.0.1:{port}/ws") as socket:
        await follow(socket, "consensus")
        (first,) = await told(socket, 1)
        rooms.consensus.view = 8
        (second,) = await told(socket, 1)

    assert ["7", "8"] == [first["data"]["view"], second["data"]["view"]]


async def test_a_closed_door_stays_closed(rooms: Rooms) -> None:
    closed = replace(rooms.services, configuration=Configuration(rpc=Rpc(enabled=False, port=0)))
    async with trio.open_nursery() as nursery:
        assert 0 == await serve(nursery, closed)


def test_silence_of_a_quorum_and_catching_up_are_not_ready(rooms: Rooms) -> None:
    rooms.consensus.silent = ("auth1", "auth2")
    rooms.consensus.syncing = True

    failed = [check.name for check in checks_of(rooms.services) if not check.ok]

    assert ["synced", "peers", "node"] == failed


def test_version_names_the_chain(rooms: Rooms) -> None:
    assert ("devnet", level_name()) == (
        version_shape(rooms.services)["kind"],
        version_shape(rooms.services)["kernel"],
    )
