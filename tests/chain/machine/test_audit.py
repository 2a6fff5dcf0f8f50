"""MACH-061."""

from chain.kit import replace
from chain.machine.audit import Breach, run_invariants
from chain.modules.ledger.state import SUPPLIES, Supply
from chain.modules.signers.state import LANES, Lane
from chain.state.overlay import Overlay
from derivatives.instruments.state import INSTRUMENTS
from derivatives.margin.state import FAMILIES
from tests import given

WORLD = given.world({"alice": {"USD": 7}})


def test_sound_state_has_no_breach() -> None:
    assert [] == run_invariants(WORLD.application, WORLD.view)


def test_every_breach_is_told_in_registry_order_with_its_numbers() -> None:
    overlay = Overlay(WORLD.tables)
    overlay.put(SUPPLIES, "USD", Supply(8))
    overlay.put(LANES, (bytes(32), 0), Lane(1))

    breaches = run_invariants(WORLD.application, overlay)

    assert [
        ("signers", "only_open_signers_have_lanes_and_agents"),
        ("ledger", "balances_sum_to_supplies"),
    ] == [(breach.module, breach.invariant) for breach in breaches]
    assert (
        Breach(
            "ledger",
            "balances_sum_to_supplies",
            "USD: holders have 7 quantums, the supply is 8",
        )
        == breaches[1]
    )


def test_a_row_that_names_what_is_no_key_is_a_breach_and_no_defect() -> None:
    overlay = Overlay(WORLD.tables)
    gold = WORLD.tables.get(INSTRUMENTS, "sGOLD")
    assert gold is not None
    overlay.put(INSTRUMENTS, "sGOLD", replace(gold, compartment="\0"))

    found = {breach.invariant: breach.what for breach in run_invariants(WORLD.application, overlay)}

    assert "compartment: text without NUL" in found["every_synthetic_is_listed_whole"]


def test_what_cannot_be_reckoned_because_of_a_row_is_a_breach_too() -> None:
    overlay = Overlay(WORLD.tables)
    for key, family in WORLD.tables.scan(FAMILIES):
        overlay.put(FAMILIES, key, replace(family, scenarios=()))

    found = {breach.invariant for breach in run_invariants(WORLD.application, overlay)}

    assert {"scenarios_are_sound", "every_synthetic_is_listed_whole"} <= found
