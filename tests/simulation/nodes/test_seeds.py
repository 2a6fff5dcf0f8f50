"""Whole nodes hold every invariant under faults."""

import pytest

from tests.simulation.nodes import plan
from tests.simulation.nodes.run import run_seed, run_seeds, totals


@pytest.mark.simulation
def test_hundreds_of_seeds_violate_nothing() -> None:
    outcomes = run_seeds(range(300), processes=2)

    assert [] == [(o.seed, o.violation) for o in outcomes if o.violation]
    happened = totals(outcomes)
    assert happened["power_cuts"] > 300
    assert happened["disk_faults"] > 150
    assert sum(outcome.transactions for outcome in outcomes) > 3_000


def test_a_few_seeds_violate_nothing() -> None:
    outcomes = [run_seed(seed) for seed in range(2_000, 2_005)]

    assert [] == [(o.seed, o.violation) for o in outcomes if o.violation]


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [1, 3])
def test_minutes_of_faults_violate_nothing(seed: int) -> None:
    assert "" == run_seed(seed, long_s=120).violation


@pytest.mark.parametrize("seed", [2, 5])
def test_a_run_is_the_same_whether_each_node_executes_a_block_or_takes_what_another_found(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "EXECUTED_EVERYWHERE_EVERY", 1)
    executed = run_seed(seed)
    monkeypatch.setattr(plan, "EXECUTED_EVERYWHERE_EVERY", seed + 1)
    taken = run_seed(seed)

    assert executed.transactions > 0
    assert executed == taken
