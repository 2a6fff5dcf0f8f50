"""The tests notice: each of these mistakes is caught by its scenario or by a seed."""

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.plan import Plan
from tests.simulation.scenarios import SCENARIOS

pytestmark = pytest.mark.simulation

KILLED_BY_SCENARIO = {
    "no justification check": "unjustified_parents_while_finality_lags",
    "floor on the own view only": "lost_records_and_a_late_finalize",
    "records of later epochs dropped": "log_newer_than_the_store",
    "above my log": "log_that_lacks_a_vote_of_a_view_it_knows",
    "nullify for a bad envelope": "forwarder_strips_justifications",
    "no boundary re-proposal": "boundaries_are_not_final_in_their_first_view",
    "parent rule for re-proposals": "boundaries_are_not_final_in_their_first_view",
    "cap without fetch": "many_nullified_views",
    "no budget fall-back": "every_block_is_poison",
    "fixed budget": "blocks_that_take_seconds",
    "nullify spin": "faults_do_not_spin_through_views",
    "unbounded timer": "a_clock_is_an_hour_off",
    "own votes only, no push, no forwarding": "cliques_that_share_hubs",
    "timely asked of certified blocks": "old_certified_blocks_are_taken",
    "no de-duplication of evidence": "equivocation_is_told_once",
    "fin is tip": "crash_between_batches",
    "several final, certificate unlogged": "all_crash_between_batches",
}
KILLED_BY_SEEDS = {
    "quorum of 2f + 1": range(60),
    "finalize after nullify": range(60),
    "send before fsync": range(60),
    "certificates unlogged": range(60),
}


@pytest.mark.parametrize("name", list(KILLED_BY_SCENARIO))
def test_scenario_catches(name: str) -> None:
    scenario = SCENARIOS[KILLED_BY_SCENARIO[name]]

    with MUTANTS[name](), pytest.raises(AssertionError):
        scenario()


@pytest.mark.parametrize("name", list(KILLED_BY_SEEDS))
def test_seeds_catch(name: str) -> None:
    with MUTANTS[name]():
        caught = any(Plan(seed).run().violation for seed in KILLED_BY_SEEDS[name])

    assert caught


def test_every_mutant_is_listed() -> None:
    assert set(MUTANTS) == set(KILLED_BY_SCENARIO) | set(KILLED_BY_SEEDS)
