"""Whole nodes hold every invariant under faults, and a seed means the same in every process."""

import os
import subprocess
import sys

import pytest

from tests.simulation.nodes.run import run_seed, run_seeds, totals

DIGESTS = (
    "from tests.simulation.nodes.run import run_seed\n"
    "print(' '.join(run_seed(seed).digest for seed in range(3)))"
)


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


def test_a_seed_is_the_same_run_whatever_hashes_are() -> None:
    digests = [
        subprocess.run(
            [sys.executable, "-c", DIGESTS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "4242")
    ]

    assert digests[0] == digests[1]
    assert 3 == len(set(digests[0].split()))
