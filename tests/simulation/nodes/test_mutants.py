"""The tests notice: each of these mistakes of a node is caught by its scenario or by a seed."""

import pytest

from tests.simulation.nodes.mutants import MUTANTS
from tests.simulation.nodes.run import run_seed
from tests.simulation.nodes.scenarios import SCENARIOS

pytestmark = pytest.mark.simulation

KILLED_BY_SCENARIO = {
    "signatures known by id": "a_block_copy_with_forged_signatures",
    "shielded wait for a store": "a_store_that_fails_while_catching_up",
    "certificates of ranges believed": "wiped_nodes_and_lying_servers",
    "evidence kept by nobody": "an_equivocator_goes_on_record_once",
    "evidence proposed again": "an_equivocator_goes_on_record_once",
}
KILLED_BY_SEEDS = {
    "vote log never synced": range(60),
    "sent before the frame is durable": range(60),
    "log forgotten at a start": range(60),
}


@pytest.mark.parametrize("name", list(KILLED_BY_SCENARIO))
def test_scenario_catches(name: str) -> None:
    scenario = SCENARIOS[KILLED_BY_SCENARIO[name]]

    with MUTANTS[name](), pytest.raises(AssertionError):
        scenario()


@pytest.mark.parametrize("name", list(KILLED_BY_SEEDS))
def test_seeds_catch(name: str) -> None:
    with MUTANTS[name]():
        caught = any(run_seed(seed).violation for seed in KILLED_BY_SEEDS[name])

    assert caught


def test_every_mutant_is_listed() -> None:
    assert set(MUTANTS) == set(KILLED_BY_SCENARIO) | set(KILLED_BY_SEEDS)
