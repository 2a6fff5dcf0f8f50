from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.node.client.fake_node import FakeNode


@pytest.fixture
def serve() -> Iterator[Callable[..., FakeNode]]:
    nodes: list[FakeNode] = []

    def make(**answers: Any) -> FakeNode:
        nodes.append(FakeNode(answers))
        return nodes[-1]

    yield make
    for node in nodes:
        node.close()
