from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from node.client.keyring import Keyring
from node.clock import Clock
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.agents.fake_market import FakeMarket
from tests.node.client.fake_node import FakeNode


@pytest.fixture
def market() -> FakeMarket:
    return FakeMarket()


@pytest.fixture
def serve() -> Iterator[Callable[[FakeMarket], FakeNode]]:
    nodes: list[FakeNode] = []

    def make(market: FakeMarket) -> FakeNode:
        nodes.append(FakeNode(market.answers()))
        return nodes[-1]

    yield make
    for node in nodes:
        node.close()


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """Keys of a maker, in a folder of their own."""
    Keystore([tmp_path]).create("maker", None, seed=development_seed("maker"))
    return Keyring([tmp_path])


class Hands(Clock):
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_ms = 1_000

    def monotonic_ms(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Hands:
    return Hands()
