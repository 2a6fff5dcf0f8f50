"""The interface describes itself. Criterion: RPC-042 of docs/specs/rpc.md."""

from node.rpc.method import Caller as AskedBy
from tests.node.rpc.conftest import Caller, Rooms


async def test_everything_served_is_described_and_nothing_else(rooms: Rooms, call: Caller) -> None:
    described = await call("rpc.discover")

    assert [method.name for method in call.dispatcher.methods_for(call.me)] == [
        method["name"] for method in described["methods"]
    ]


async def test_what_is_for_this_machine_alone_is_not_advertised(rooms: Rooms, call: Caller) -> None:
    away = Caller(call.dispatcher, AskedBy("192.0.2.1", loopback=False))

    described = await away("rpc.discover")

    assert not [one for one in described["methods"] if one["name"].startswith("dev_")]
