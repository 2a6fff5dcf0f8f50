"""A chain with two compartments: `main`, and `side`, which settles in USD and lists nothing."""

from chain.kit import Module
from chain.machine.application import Application
from chain.machine.genesis import genesis_state, load_genesis
from chain.machine.genesis_development import genesis_json
from derivatives.registry import REGISTRY
from derivatives.solvency.module import MODULE as SOLVENCY
from tests import given

SIDE = "side"
OF_COMPARTMENTS = ("compartments", "margin_schedules", "insurance_terms", "liquidation_terms")


def two_compartments(*more: Module) -> given.World:
    """Return a chain at genesis with both compartments, and these modules more."""
    application = Application([*(m for m in REGISTRY if m is not SOLVENCY), *more, SOLVENCY])
    document = given.genesis_object()
    tables = document["tables"]
    for name in [name for name in OF_COMPARTMENTS if name in tables]:
        tables[name] = tables[name] + [row | {"compartment": SIDE} for row in tables[name]]
    par = next(row for row in tables["collateral"] if row["asset"] == "USD")
    tables["collateral"] = [*tables["collateral"], par | {"compartment": SIDE}]
    genesis = load_genesis(application, genesis_json(document))
    return given.World(application, genesis, *genesis_state(application, genesis))
