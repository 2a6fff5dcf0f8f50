"""Networks over real sockets of the loopback interface, and a way to wait for what they do."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
import trio

from p2p.frame import encoded
from p2p.identity import peer_id_of_public_key
from p2p.network import (
    Member,
    Network,
    NetworkConfiguration,
    PeerAddress,
    PeerId,
    Rejected,
    Standing,
    run_network,
)
from p2p.peers import HELLO, KIND_ACCEPTED, KIND_HELLO
from tests.ports import PORTS

FRAME_LIMITS = {1: 64 * 1024, 2: 4 * 1024 * 1024}


async def until(condition: Callable[[], Any], within_s: float = 60) -> None:
    """Wait until a condition holds."""
    with trio.fail_after(within_s):
        while not condition():  # noqa: ASYNC110 - many unrelated things are waited for
            await trio.sleep(0.01)


def connected(network: Network, peer: PeerId) -> bool:
    """Whether both hellos between a network and a peer are accepted."""
    return any(one.connected for one in network.peers() if one.peer == peer)


@dataclass
class Witness:
    """Remembers what a network told."""

    events: list[tuple[str, dict[str, str | int]]] = field(default_factory=list)

    def told(self, event: str, **facts: str | int) -> None:
        self.events.append((event, facts))

    def named(self, event: str) -> list[dict[str, str | int]]:
        return [facts for name, facts in self.events if name == event]


@dataclass
class Club:
    """A greeter whose hello is the name; who is on the list is an authority."""

    name: str
    authorities: frozenset[PeerId]
    refused: frozenset[str] = frozenset()

    def hello_for(self, peer_id: PeerId) -> bytes:
        return self.name.encode()

    def judge(self, peer_id: PeerId, hello: bytes) -> Member:
        name = hello.decode()
        if name in self.refused:
            raise Rejected("wrong chain")
        standing = Standing.AUTHORITY if peer_id in self.authorities else Standing.FOLLOWER
        return Member(standing, name)


def seed_of(number: int) -> bytes:
    return bytes([number]) * 32


def public_key_of(seed: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def peer_id_of(number: int) -> PeerId:
    return peer_id_of_public_key(public_key_of(seed_of(number)))


@dataclass
class House:
    """Where the networks of one test live."""

    authorities_count: int
    ports: list[int]
    refused: frozenset[str] = frozenset()
    configuration: dict[str, Any] = field(default_factory=dict)
    dialled_ports: dict[int, int] = field(default_factory=dict)
    """Where others dial a network, if not where it listens."""

    def peer(self, number: int) -> PeerId:
        return peer_id_of(number + 1)

    def configuration_of(self, number: int) -> NetworkConfiguration:
        authorities = range(self.authorities_count)
        return replace(
            NetworkConfiguration(
                identity_seed=seed_of(number + 1),
                listen_host="127.0.0.1",
                listen_port=self.ports[number],
                peers=tuple(
                    PeerAddress(
                        self.peer(other),
                        "127.0.0.1",
                        self.dialled_ports.get(other, self.ports[other]),
                        authority=True,
                    )
                    for other in authorities
                    if other != number
                ),
                counter_start=number * 1000,
                frame_limits=FRAME_LIMITS,
            ),
            **self.configuration,
        )

    @asynccontextmanager
    async def open(self, number: int, **more: Any) -> AsyncIterator[tuple[Any, Witness]]:
        witness = Witness()
        authorities = frozenset(self.peer(other) for other in range(self.authorities_count))
        club = Club(f"node{number}", authorities, self.refused)
        async with trio.open_nursery() as nursery:
            network = await nursery.start(
                partial(run_network, replace(self.configuration_of(number), **more), club, witness)
            )
            yield network, witness
            nursery.cancel_scope.cancel()


MakeHouse = Callable[..., House]


@pytest.fixture
def house() -> MakeHouse:
    """Return a maker of houses, each with ports of its own."""

    def make(authorities_count: int, others_count: int = 0, **more: Any) -> House:
        ports = [next(PORTS) for _ in range(authorities_count + others_count)]
        return House(authorities_count, ports, **more)

    return make


@asynccontextmanager
async def plain_host(number: int) -> AsyncIterator[Any]:
    """Run a libp2p host as the library makes it, which obeys none of our rules."""
    from libp2p import new_host
    from libp2p.crypto.ed25519 import create_new_key_pair
    from multiaddr import Multiaddr

    host = new_host(key_pair=create_new_key_pair(seed_of(number)))
    async with host.run(listen_addrs=[Multiaddr(f"/ip4/127.0.0.1/tcp/{next(PORTS)}")]):
        try:
            yield host
        finally:
            with trio.move_on_after(3) as scope:
                scope.shield = True
                await host.close()


async def connect(host: Any, home: House, number: int) -> Any:
    """Connect a plain host to a network and return the connection."""
    from libp2p.peer.id import ID
    from multiaddr import Multiaddr

    address = Multiaddr(f"/ip4/127.0.0.1/tcp/{home.ports[number]}")
    return await host.get_network().dial_addr(address, ID.from_base58(home.peer(number)))


@asynccontextmanager
async def member_host(home: House, number: int) -> AsyncIterator[tuple[Any, Any]]:
    """Run a plain host that says hello to network 0 as it should; what it does then is its own."""

    async def accept(stream: Any) -> None:
        await stream.read(65536)
        await stream.write(encoded(KIND_ACCEPTED, b"\x02"))
        await stream.close()

    async with plain_host(number) as host:
        host.set_stream_handler(HELLO, accept)
        connection = await connect(host, home, 0)
        stream = await host.new_stream(connection.muxed_conn.peer_id, [HELLO])
        await stream.write(encoded(KIND_HELLO, b"villain"))
        assert encoded(KIND_ACCEPTED, b"\x02") == await stream.read(65536)
        yield host, connection


class Wire:
    """A TCP proxy that can fall silent without closing anything."""

    def __init__(self, port: int, behind: int) -> None:
        self.port = port
        self._behind = behind
        self._alive: list[bool] = []

    def swallow(self) -> None:
        """Let everything vanish that is sent on the connections of now."""
        self._alive[:] = [False] * len(self._alive)

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        await trio.serve_tcp(self._carry, self.port, host="127.0.0.1", task_status=task_status)

    async def _carry(self, front: trio.SocketStream) -> None:
        number = len(self._alive)
        self._alive.append(True)
        back = await trio.open_tcp_stream("127.0.0.1", self._behind)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._pipe, number, front, back)
            nursery.start_soon(self._pipe, number, back, front)

    async def _pipe(self, number: int, source: Any, target: Any) -> None:
        try:
            async for data in source:
                if self._alive[number]:
                    await target.send_all(data)
            if self._alive[number]:
                await target.aclose()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return
