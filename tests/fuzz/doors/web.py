"""The port of JSON-RPC: requests, bodies and WebSocket frames of strangers."""

import base64
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import trio
import trio.testing

from chain.crypto.addresses import text_of
from chain.modules.ledger.transactions import Transfer
from derivatives.accounts.transactions import Deposit
from derivatives.orders.state import SIDE_BUY, SIDE_SELL
from node.clock import Clock
from node.config import Rpc
from node.rpc.dispatch import Dispatcher
from node.rpc.method import Caller
from node.rpc.methods.every import methods_for
from node.rpc.subscriptions import Desk
from node.rpc.web.access import Access
from node.rpc.web.connection import Connection, House
from node.rpc.web.pages import Pages
from tests import given
from tests.fuzz.door import Door
from tests.fuzz.market import PRICES_E8, USD
from tests.fuzz.tree import JSON
from tests.given_book import placing
from tests.node.rpc.conftest import METHODS, FakeFeed, node_at_genesis
from tests.node.rpc.rooms import Rooms
from tests.node.rpc.web.test_server import FRAME, HANDSHAKE, SEEDS

_HERE = Caller("127.0.0.1", loopback=True)
_OPEN = ExitStack()


Visit = Callable[[bytes], Awaitable[None]]
"""What somebody does with these bytes, and what must come of it."""


def _volley(visit: Visit) -> Callable[[Iterable[bytes]], None]:
    """Return what lets one visitor come after the other, in virtual time and one loop."""

    async def visits(inputs: Iterable[bytes]) -> None:
        before = _task_count()
        for data in inputs:
            await visit(data)
            assert before == _task_count(), "somebody stayed"

    def strike(inputs: Iterable[bytes]) -> None:
        trio.run(visits, inputs, clock=trio.testing.MockClock(autojump_threshold=0))

    return strike


class _NoDefects:
    """A log in which no error may be written: guards tell it what they caught."""

    def error(self, what: str, **facts: Any) -> None:
        raise AssertionError(f"{what}: {facts}")


_LOG: Any = _NoDefects()


def _task_count() -> int:
    return trio.lowlevel.current_statistics().tasks_living


@cache
def _house() -> House:
    dispatcher = Dispatcher(None, METHODS, Clock(), batch_max_count=8, log=_LOG)
    pages = Pages(
        checks=list,
        version={"version": "0"},
        document=dict,
        clock=Clock(),
        measure=lambda: None,
    )
    return House(Rpc(port=0), dispatcher, Desk(FakeFeed()), pages, Access("127.0.0.1", ()))


async def _visit_connection(data: bytes) -> None:
    """Be the server of one connection on which these bytes come, and then the end."""
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Connection(ours, _HERE, _house()).serve)  # type: ignore[arg-type]
        await theirs.send_all(data)
        await theirs.send_eof()
        with trio.move_on_after(120):
            while await theirs.receive_some():
                pass
        await theirs.aclose()


@cache
def _node() -> tuple[Rooms, Dispatcher]:
    folder = _OPEN.enter_context(tempfile.TemporaryDirectory())
    rooms = _OPEN.enter_context(node_at_genesis(Path(folder)))
    _begin_trading(rooms)
    methods = methods_for("devnet", has_controls=True)
    return rooms, Dispatcher(rooms.services, methods, Clock(), batch_max_count=8, log=_LOG)


def _begin_trading(rooms: Rooms) -> None:
    """Let there be prices, an account with a position, and orders on both sides."""
    world = rooms.world
    world.prices_e8, world.volatilities_ppm = dict(PRICES_E8), {"BTC": 600_000}
    for _ in range(8):
        rooms.finalise()
    for name in ("alice", "bob"):
        deposit = Deposit(given.holder(f"{name}/0"), "USD", 20_000 * USD)
        rooms.finalise(world.bytes_of(name, deposit))
    for name, side, price_ticks in (
        ("alice", SIDE_SELL, 128_100),
        ("bob", SIDE_BUY, 128_100),
        ("bob", SIDE_BUY, 127_800),
        ("alice", SIDE_SELL, 128_400),
    ):
        rooms.finalise(world.bytes_of(name, placing(name, side, 500, price_ticks)))


async def _visit_methods(data: bytes) -> None:
    """Answer one body with every method of a node behind it."""
    _, dispatcher = _node()
    with trio.move_on_after(600) as waited:
        reply = await dispatcher.reply(data, _HERE)
        if reply.data:
            msgspec.json.decode(reply.data)
    assert not waited.cancelled_caught, "no answer"


def _call_seeds() -> list[bytes]:
    """Return a call of each method with what it must be told, one with all, and a batch."""
    methods = methods_for("devnet", has_controls=True)
    likely = _likely()
    calls = [
        {"jsonrpc": "2.0", "id": 1, "method": method.name, "params": {n: likely[n] for n in names}}
        for method in methods
        for names in (
            [field.name for field in msgspec.structs.fields(method.parameters) if field.required],
            method.parameters.__struct_fields__,
        )
    ]
    return [*(msgspec.json.encode(call) for call in calls), msgspec.json.encode([*calls[:3], 7])]


def _likely() -> dict[str, Any]:
    """Return a likely value of each parameter by its name."""
    world = given.world()
    alice = text_of(given.address("alice"))
    pay = Transfer(to=given.address("bob"), asset="USD", amount_quantums=5)
    tx = base64.b64encode(world.bytes_of("alice", pay)).decode()
    leg = {"instrument": "BTC-PERP", "side": "buy", "size_lots": "5"}
    at_zero = ("at", "cursor", "from_seq", "from_height", "to_height", "height", "seq", "sequence")
    counts = ("lane", "limit", "depth_count", "points_count", "timeout_ms")
    return {
        **dict.fromkeys(at_zero, "0"),
        **dict.fromkeys(counts, 3),
        **dict.fromkeys(("account", "holder", "signer"), alice),
        **dict.fromkeys(("tx", "unsigned", "report"), tx),
        **dict.fromkeys(("feed", "underlying"), "BTC"),
        **dict.fromkeys(("id", "block_id", "subscription"), "0x" + "00" * 32),
        "txs": [tx, tx],
        "signatures": [],
        "legs": [leg],
        "names": ["auth1"],
        "kinds": [],
        "moves": [{"underlying": "BTC", "move_ppm": -100_000}],
        "reach_ppm": 200_000,
        "kind": "ledger.transfer",
        "fields": {"to": alice, "asset": "USD"},
        "prefix": None,
        "table": "balances",
        "key": [alice, "USD"],
        "name": "ledger.balances",
        "asset": "USD",
        "amount": "none",
        "price_e8": "6400000000000",
        "compartment": "main",
        "instrument": "BTC-PERP",
        "instruments": ["BTC-PERP"],
        "interval": "1m",
        "expiry_ms": None,
        "topic": "blocks",
        "valid_until_height": "9",
    }


def _unharmed() -> None:
    rooms, _ = _node()
    root = rooms.services.state_store.tables.root
    assert root == rooms.services.state_store.head.header.state_root


_CONNECTIONS, _CALLS = _volley(_visit_connection), _volley(_visit_methods)

DOORS = (
    Door(
        "connections",
        lambda: [*SEEDS, HANDSHAKE, HANDSHAKE + FRAME * 3],
        lambda data: _CONNECTIONS([data]),
        volley=_CONNECTIONS,
    ),
    Door(
        "calls",
        _call_seeds,
        lambda data: _CALLS([data]),
        _unharmed,
        form=JSON,
        volley=_CALLS,
    ),
)
