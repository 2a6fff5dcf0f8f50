"""Whatever five do, three others gain and lose by prices, their own fills and the rules alone."""

from collections import Counter

import pytest

from tests.simulation.clearing.bystanders import Bystanders


@pytest.mark.parametrize("seed", range(4))
def test_nobody_moves_the_equity_of_another(seed: int) -> None:
    assert Bystanders(seed).run()["Place"]


@pytest.mark.simulation
def test_nobody_moves_the_equity_of_another_in_forty_markets() -> None:
    met = sum((Bystanders(seed).run() for seed in range(4, 44)), start=Counter[str]())

    wanted = ("filled", "cut", "TakeSlices", "of a date", "settled")
    assert [] == [name for name in wanted if not met[name]]
