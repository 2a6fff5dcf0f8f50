"""Two thousand fixed seeds hold every invariant."""

import pytest

from tests.simulation.plan import Plan
from tests.simulation.run import run_seeds


@pytest.mark.simulation
def test_two_thousand_seeds_violate_nothing() -> None:
    outcomes = run_seeds(range(2_000), processes=2)

    assert [] == [(o.seed, o.violation) for o in outcomes if o.violation]
    assert sum(o.crashes for o in outcomes) > 2_000
    assert sum(o.height for o in outcomes) > 20_000


def test_a_few_seeds_violate_nothing() -> None:
    outcomes = [Plan(seed).run() for seed in range(3_000, 3_020)]

    assert [] == [(o.seed, o.violation) for o in outcomes if o.violation]


@pytest.mark.parametrize("seed", [502, 250575930829063, 216608685840179, 234230214969126])
def test_seeds_that_once_failed_do_not(seed: int) -> None:
    assert "" == Plan(seed).run().violation
