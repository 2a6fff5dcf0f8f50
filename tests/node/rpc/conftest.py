"""A door with a handful of made-up methods behind it, on any free port of loopback."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio

from chain.modules.signers.lanes import next_sequence
from node.admission import Admission
from node.clock import Clock, VirtualClock
from node.config import Configuration, Rpc
from node.consensus.alarms import Alarms
from node.executor import Executor
from node.finality import Finality
from node.history.index import History
from node.mempool.entry import DefaultLimits
from node.mempool.pool import Mempool
from node.reports.room import Reports
from node.rpc import method as method_module
from node.rpc.dispatch import Dispatcher
from node.rpc.method import Call, Method, NoParameters, Parameters, method
from node.rpc.methods.development import DEV_KIND
from node.rpc.methods.every import methods_for
from node.rpc.openrpc import document
from node.rpc.rate import Rate
from node.rpc.reasons import BLOCK_UNKNOWN
from node.rpc.refusals import refused
from node.rpc.subscriptions import Desk, ToldEvent
from node.rpc.web.access import Access
from node.rpc.web.connection import House
from node.rpc.web.pages import Check, Pages
from node.rpc.web.server import Server
from node.services import Services
from node.signatures import Signatures
from node.state_store import StateStore
from node.storage.leveldb import Storage, Tuning
from tests import given
from tests.node.rpc.rooms import FakeConsensus, FakeControls, FakeHalt, Rooms


class Echo(Parameters, frozen=True):
    """What to say back."""

    text: str
    times: int = 1


class Topic(Parameters, frozen=True):
    """What to follow."""

    topic: str
    from_seq: int | None = None


class Named(Parameters, frozen=True):
    """Which subscription."""

    subscription: str


@method("fake_echo")
async def echo(call: Call, asked: Echo) -> str:
    """Say the text back."""
    return asked.text * asked.times


@method("fake_refuse")
async def refuse(call: Call, asked: NoParameters) -> str:
    """Refuse for a declared reason."""
    raise refused(BLOCK_UNKNOWN, block="7")


@method("fake_fail")
async def fail(call: Call, asked: NoParameters) -> str:
    """Have a defect."""
    return str(1 // 0)


@method("fake_local", loopback_only=True)
async def local(call: Call, asked: NoParameters) -> str:
    """Be served on loopback alone."""
    return "local"


@method("fake_wait")
async def wait(call: Call, asked: NoParameters) -> str:
    """Take until the end of time."""
    await trio.sleep_forever()
    return "never"


@method("subscribe")
async def subscribe(call: Call, asked: Topic) -> dict[str, str]:
    """Follow a topic."""
    assert call.caller.session is not None
    name, seq = await call.caller.session.subscribe(asked.topic, asked.from_seq)
    return {"subscription": name, "seq": str(seq)}


@method("unsubscribe")
async def unsubscribe(call: Call, asked: Named) -> bool:
    """Stop following."""
    assert call.caller.session is not None
    return call.caller.session.unsubscribe(asked.subscription)


METHODS = (echo, refuse, fail, local, wait, subscribe, unsubscribe)


@dataclass
class FakeFeed:
    """A chain that tests make grow."""

    height: int = 0
    told: list[ToldEvent] = field(default_factory=list)
    view: int = 1
    status: str = "waiting"
    padding: str = ""
    price: str = "10"

    def head_height(self) -> int:
        return self.height

    def oldest_block(self) -> int:
        return 0

    def block(self, height: int) -> Mapping[str, Any]:
        return {"height": str(height), "padding": self.padding}

    def next_event(self) -> int:
        return len(self.told)

    def events(self, from_seq: int, limit: int) -> Sequence[ToldEvent]:
        return self.told[from_seq : from_seq + limit]

    def standing(self) -> Mapping[str, Any]:
        return {"view": str(self.view)}

    def transaction(self, transaction_id: bytes) -> Mapping[str, Any]:
        return {"id": "0x" + transaction_id.hex(), "status": self.status}

    def mark(self, instrument: str) -> Mapping[str, Any]:
        return {"instrument": instrument, "mark_price_ticks": self.price}

    def book(self, instrument: str) -> Mapping[str, Any]:
        return {"instrument": instrument, "sequence": str(self.height), "bids": [[self.price, "1"]]}

    def trade(self, instrument: str, *addresses: str) -> None:
        seq = len(self.told)
        shape = {"seq": str(seq), "name": "trades.traded"}
        trade = {"trade_id": seq, "instrument": instrument}
        event = ToldEvent(seq, self.height, shape, frozenset(addresses), instrument, trade)
        self.told.append(event)

    def tell(self, *addresses: str) -> None:
        seq = len(self.told)
        shape = {"seq": str(seq), "name": "ledger.transferred"}
        self.told.append(ToldEvent(seq, self.height, shape, frozenset(addresses)))


@dataclass
class Door:
    """A running server and what stands behind it."""

    port: int
    feed: FakeFeed
    desk: Desk
    server: Server
    failing: list[str]

    async def connect(self) -> trio.SocketStream:
        return await trio.open_tcp_stream("127.0.0.1", self.port)

    async def ask(self, data: bytes, *, patience_s: float = 5.0) -> bytes:
        """Send bytes on a connection of their own and return all that comes back."""
        stream = await self.connect()
        async with stream:
            await stream.send_all(data)
            return await self.rest_of(stream, patience_s=patience_s)

    async def rest_of(self, stream: trio.SocketStream, *, patience_s: float = 5.0) -> bytes:
        received = b""
        with trio.move_on_after(patience_s):
            while data := await stream.receive_some():
                received += data
        return received

    async def call(self, method: str, parameters: Any = None, **more: Any) -> dict[str, Any]:
        """Return the response object of one call over a POST of its own."""
        body = msgspec.json.encode(
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters or {}, **more}
        )
        answer = await self.ask(post(body, "connection: close"))
        return msgspec.json.decode(answer.partition(b"\r\n\r\n")[2])


def post(body: bytes, *headers: str, path: str = "/") -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "host: localhost",
        f"content-length: {len(body)}",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def get(path: str, *headers: str, verb: str = "GET") -> bytes:
    lines = [f"{verb} {path} HTTP/1.1", "host: localhost", *headers, "connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


OpenDoor = Callable[..., Any]


@pytest.fixture
def open_door() -> OpenDoor:
    """Open a door: `async with open_door(...) as door`."""

    @asynccontextmanager
    async def opened(
        methods: Sequence[Method] = METHODS, rate: Rate | None = None, **settings: Any
    ) -> AsyncIterator[Door]:
        feed = FakeFeed()
        desk = Desk(feed)
        clock = Clock()
        rpc = Rpc(port=0, **settings)
        failing: list[str] = []
        pages = Pages(
            checks=lambda: [Check(name, ok=name not in failing, detail="") for name in ("disk",)],
            version={"version": "0"},
            document=lambda: {"openrpc": "1.3.2"},
            clock=clock,
            measure=lambda: None,
        )
        dispatcher = Dispatcher(
            None, methods, clock, rate=rate, batch_max_count=rpc.batch_max_count
        )
        house = House(rpc, dispatcher, desk, pages, Access(rpc.host, rpc.origins))
        server = Server(house)
        async with trio.open_nursery() as nursery:
            port = await nursery.start(server.run)
            yield Door(port, feed, desk, server, failing)
            nursery.cancel_scope.cancel()

    return opened


@pytest.fixture
async def door(open_door: OpenDoor) -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@contextmanager
def node_at_genesis(folder: Path) -> Iterator[Rooms]:
    """A node of the shipped devnet at genesis, its data in this folder."""
    world = given.world()
    storage = Storage.open(folder / "chain", world.chain_id, Tuning(flush=False))
    store = StateStore.recover(storage, world.application, world.genesis)
    clock = Clock()
    signatures = Signatures()
    mempool = Mempool(
        DefaultLimits(), lambda signer, lane: next_sequence(store.tables, signer, lane)
    )
    finality = Finality(store.head)
    consensus = FakeConsensus(finality)
    services = Services(
        configuration=Configuration(rpc=Rpc(port=0)),
        genesis=world.genesis,
        application=world.application,
        storage=storage,
        state_store=store,
        mempool=mempool,
        admission=Admission(
            application=world.application,
            chain_id=world.chain_id,
            state_store=store,
            mempool=mempool,
            signatures=signatures,
            clock=clock,
        ),
        consensus=consensus,
        simulator=Executor(
            application=world.application,
            chain_id=world.chain_id,
            storage=storage,
            state_store=store,
            signatures=signatures,
            # What is tried out happens a second after the head, as on a node that is awake.
            clock=VirtualClock(0),
            alarms=Alarms(clock),
        ),
        finality=finality,
        clock=clock,
        network=None,
        dev=None,
        history=History(
            storage=storage,
            application=world.application,
            path=folder / "history" / "index.sqlite",
            chain_id=world.chain_id,
            events_max_count=1_000_000,
        ),
        reports=Reports(chain_id=world.chain_id, state_store=store, clock=clock, own=None),
        own_name="auth0",
        halt=FakeHalt(),
    )
    rooms = Rooms(world, services, consensus)
    rooms.controls = services.dev = FakeControls(rooms)
    yield rooms
    services.history.close()
    storage.close()


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    """A node of the shipped devnet at genesis."""
    with node_at_genesis(tmp_path) as rooms:
        yield rooms


class Refusal(Exception):
    """A call was refused; `error` is the error object."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(str(error))
        self.error = error
        self.code: int = error["code"]
        self.reason: str = error["data"]["reason"]
        self.facts: dict[str, Any] = error["data"]["facts"]


HERE = method_module.Caller("127.0.0.1", loopback=True)


@dataclass
class Caller:
    """Calls methods of a node, and validates every answer against the published document."""

    dispatcher: Dispatcher
    me: method_module.Caller = HERE

    async def __call__(self, name: str, /, **parameters: Any) -> Any:
        body = msgspec.json.encode(
            {"jsonrpc": "2.0", "id": 1, "method": name, "params": parameters}
        )
        reply = await self.dispatcher.reply(body, self.me)
        assert reply.data is not None
        answer = msgspec.json.decode(reply.data)
        if "error" in answer:
            raise Refusal(answer["error"])
        result = answer["result"]
        described = document(self.dispatcher.methods_for(self.me))
        (own,) = [one for one in described["methods"] if one["name"] == name]
        assert [] == faults_of(result, own["result"]["schema"], described)
        return result


def faults_of(value: Any, schema: Any, whole: dict[str, Any], path: str = "$") -> list[str]:
    """Return where a value does not fit a schema: the parts of JSON Schema that we publish."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return faults_of(value, whole["components"]["schemas"][name], whole, path)
    if "anyOf" in schema:
        choices = [faults_of(value, choice, whole, path) for choice in schema["anyOf"]]
        return [] if [] in choices else choices[0]
    unknown = set(schema) - KNOWN_WORDS
    assert not unknown, unknown
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "boolean": bool,
        "null": type(None),
    }
    kind = schema.get("type")
    is_wrong_bool = isinstance(value, bool) and kind == "integer"
    if kind is not None and (not isinstance(value, kinds[kind]) or is_wrong_bool):
        return [f"{path}: {kind} expected, not {value!r}"]
    faults = []
    if "pattern" in schema and re.search(schema["pattern"], value) is None:
        faults.append(f"{path}: {value!r} does not match {schema['pattern']}")
    if kind == "string":
        length = len(value)
        if not schema.get("minLength", 0) <= length <= schema.get("maxLength", length):
            faults.append(f"{path}: {length} characters")
    if kind == "object":
        faults += [
            f"{path}: lacks {name}" for name in schema.get("required", ()) if name not in value
        ]
        for name, part in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
            if isinstance(inner, dict):
                faults += faults_of(part, inner, whole, f"{path}.{name}")
    if kind == "array":
        if len(value) > schema.get("maxItems", len(value)):
            faults.append(f"{path}: {len(value)} items")
        for index, item in enumerate(value):
            faults += faults_of(item, schema.get("items", {}), whole, f"{path}[{index}]")
    return faults


KNOWN_WORDS = {
    "type", "properties", "required", "additionalProperties", "items", "pattern", "title",
    "description", "default", "minLength", "maxLength", "minimum", "maximum",
    "exclusiveMinimum", "maxItems", "enum",
}  # fmt: skip


@pytest.fixture
def call(rooms: Rooms) -> Caller:
    """Call the methods of the node in `rooms` as a program on this machine."""
    methods = methods_for("devnet", has_controls=True) + DEV_KIND
    return Caller(Dispatcher(rooms.services, methods, Clock(), batch_max_count=50))
