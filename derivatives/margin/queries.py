"""What can be asked of margin that is not simply stored."""

from chain.kit import Query, View, record
from derivatives.ids import ACCOUNT, COMPARTMENT
from derivatives.margin.account import health_of, standing_of
from derivatives.margin.state import OUTFLOWS
from derivatives.margin.withdrawal import outflow_of


@record
class AccountHealth:
    """An account's equity, its requirements and what they are made of; zeros if unknown.

    `excess_quantums` is equity less the initial requirement.
    """

    account_holder: str
    equity_quantums: int
    solvency_quantums: int
    initial_quantums: int
    maintenance_quantums: int
    excess_quantums: int
    unrealised_quantums: int
    risk_quantums: int
    risk_open_quantums: int
    haircut_quantums: int
    delta_quantums: int


@record
class Outflow:
    """What has left a compartment in this hour, and how much may."""

    compartment: str
    hour_start_ms: int
    outflow_quantums: int
    limit_quantums: int


def account_health(view: View, account_holder: str) -> AccountHealth:
    """Return how an account stands now, resting orders included."""
    if standing_of(view, account_holder) is None:
        return AccountHealth(account_holder, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    found = health_of(view, account_holder)
    return AccountHealth(
        account_holder,
        found.equity_quantums,
        found.solvency_quantums,
        found.initial_quantums,
        found.maintenance_quantums,
        found.excess_quantums,
        found.unrealised_quantums,
        found.risk_quantums,
        found.risk_open_quantums,
        found.haircut_quantums,
        found.delta_quantums,
    )


def compartment_outflow(view: View, compartment: str) -> Outflow:
    """Return what has left a compartment in this hour, deposits counted against it."""
    hour = view.get(OUTFLOWS, compartment)
    if hour is None:
        return Outflow(compartment, 0, 0, 0)
    return Outflow(
        compartment, hour.hour_start_ms, outflow_of(view, compartment), hour.limit_quantums
    )


QUERIES = (
    Query("health", account_health, {"account_holder": ACCOUNT}),
    Query("outflow", compartment_outflow, {"compartment": COMPARTMENT}),
)
