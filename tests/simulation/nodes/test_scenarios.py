"""Whole nodes survive every situation that broke them, or would break careless ones."""

import pytest

from tests.simulation.nodes.scenarios import SCENARIOS


@pytest.mark.simulation
@pytest.mark.parametrize("name", list(SCENARIOS))
def test_nodes_survive(name: str) -> None:
    SCENARIOS[name]()
