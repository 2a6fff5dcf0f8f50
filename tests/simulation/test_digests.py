"""A seed means the same in every process: nothing that happens follows an order of hashes."""

import pytest

from tests.simulation.digests import differing


@pytest.mark.simulation
@pytest.mark.parametrize("world", ["cores", "nodes"])
def test_a_hundred_seeds_are_the_same_runs_whatever_hashes_are(world: str) -> None:
    assert [] == differing(world, range(100))


@pytest.mark.parametrize("world", ["cores", "nodes"])
def test_a_few_seeds_are_the_same_runs_whatever_hashes_are(world: str) -> None:
    assert [] == differing(world, range(3))
