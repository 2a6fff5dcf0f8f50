"""The port of JSON-RPC: requests, bodies and WebSocket frames of strangers."""

import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import msgspec
import trio
import trio.testing

from node.clock import Clock
from node.config import Rpc
from node.rpc.dispatch import Dispatcher
from node.rpc.method import Caller
from node.rpc.methods.every import methods_for
from node.rpc.subscriptions import Desk
from node.rpc.web.access import Access
from node.rpc.web.connection import Connection, House
from node.rpc.web.pages import Pages
from node.telemetry.metrics import RPC_DEFECTS
from tests.fuzz.door import Door
from tests.node.rpc.conftest import METHODS, FakeFeed, node_at_genesis
from tests.node.rpc.rooms import Rooms
from tests.node.rpc.web.test_server import FRAME, HANDSHAKE, SEEDS

_HERE = Caller("127.0.0.1", loopback=True)
_OPEN = ExitStack()


def _in_virtual_time(work: Callable[[], Awaitable[None]]) -> None:
    trio.run(work, clock=trio.testing.MockClock(autojump_threshold=0))


@cache
def _house() -> House:
    dispatcher = Dispatcher(None, METHODS, Clock(), batch_max_count=8)
    pages = Pages(checks=list, version={"version": "0"}, document=dict, clock=Clock())
    return House(Rpc(port=0), dispatcher, Desk(FakeFeed()), pages, Access("127.0.0.1", ()))


def _strike_connections(data: bytes) -> None:
    """Be the server of one connection on which these bytes come, and then the end."""

    async def converse() -> None:
        ours, theirs = trio.testing.memory_stream_pair()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(Connection(ours, _HERE, _house()).serve)  # type: ignore[arg-type]
            await theirs.send_all(data)
            await theirs.send_eof()
            with trio.move_on_after(120):
                while await theirs.receive_some():
                    pass
            await theirs.aclose()

    before = _defects()
    _in_virtual_time(converse)
    assert before == _defects(), "a defect of ours"


@cache
def _node() -> tuple[Rooms, Dispatcher]:
    folder = _OPEN.enter_context(tempfile.TemporaryDirectory())
    rooms = _OPEN.enter_context(node_at_genesis(Path(folder)))
    methods = methods_for("devnet", has_controls=True)
    return rooms, Dispatcher(rooms.services, methods, Clock(), batch_max_count=8)


def _strike_calls(data: bytes) -> None:
    """Answer one body with every method of a node behind it."""
    _, dispatcher = _node()

    async def answer() -> None:
        with trio.move_on_after(600):
            reply = await dispatcher.reply(data, _HERE)
            if reply.data:
                msgspec.json.decode(reply.data)

    before = _defects()
    _in_virtual_time(answer)
    assert before == _defects(), "a defect of ours"


def _call_seeds() -> list[bytes]:
    names = [method.name for method in methods_for("devnet", has_controls=True)]
    fields = (
        '{"height":"0","from_height":"0","account":"nov1","limit":3,"table":"balances",'
        '"instrument":"BTC-PERP","id":"0x00","feed":"BTC","transaction":"AA=="}'
    )
    return [
        f'{{"jsonrpc":"2.0","id":1,"method":"{name}","params":{params}}}'.encode()
        for name in names
        for params in ("{}", fields)
    ] + [b'[{"jsonrpc":"2.0","id":"x","method":"chain_getStatus"},7]']


def _defects() -> float:
    return float(
        sum(RPC_DEFECTS.labels(where)._value.get() for where in ("connection", "call", "socket"))
    )


def _unharmed() -> None:
    rooms, _ = _node()
    root = rooms.services.state_store.tables.root
    assert root == rooms.services.state_store.head.header.state_root


DOORS = (
    Door("connections", lambda: [*SEEDS, HANDSHAKE, HANDSHAKE + FRAME * 3], _strike_connections),
    Door("calls", _call_seeds, _strike_calls, _unharmed),
)
