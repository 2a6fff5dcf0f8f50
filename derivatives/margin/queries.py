"""What can be asked of margin that is not simply stored."""

from chain.kit import Query, View, record
from derivatives.ids import ACCOUNT, COMPARTMENT
from derivatives.margin.account import health_of, standing_of
from derivatives.margin.charges.ranges import growth_ppm, range_of, target_ppm
from derivatives.margin.state import FAMILIES, FAMILY, OUTFLOWS, RANGE_TERMS, RANGES, SCHEDULE
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


@record
class ScanRange:
    """How far a family is scanned, and how far from when on; zeros where that does not change.

    `target_ppm` is what the slow variance asks for, before steps; `fast_ppm` what the fast one
    does; both are of returns of 300 s.  Initial margin counts losses `growth_ppm` already.
    """

    compartment: str
    schedule: str
    family: str
    range_ppm: int
    scheduled_ppm: int
    scheduled_from_ms: int
    target_ppm: int
    fast_ppm: int
    growth_ppm: int
    slow_variance_q62: int
    fast_variance_q62: int


def scan_range(view: View, compartment: str, schedule: str, family: str) -> ScanRange:
    """Return how far a family is scanned now, and what is announced."""
    place = (compartment, schedule, family)
    found, terms = view.get(RANGES, place), view.get(RANGE_TERMS, place)
    scanned = view.get(FAMILIES, place)
    if found is None or terms is None or scanned is None:
        return ScanRange(*place, 0, 0, 0, 0, 0, 0, 0, 0)
    return ScanRange(
        *place,
        found.range_ppm,
        found.scheduled_ppm,
        found.scheduled_from_ms,
        target_ppm(found.slow_variance_q62, terms, range_of(scanned)),
        found.fast_ppm,
        growth_ppm(view, *place),
        found.slow_variance_q62,
        found.fast_variance_q62,
    )


QUERIES = (
    Query(
        "range",
        scan_range,
        {"compartment": COMPARTMENT, "schedule": SCHEDULE, "family": FAMILY},
    ),
    Query("health", account_health, {"account_holder": ACCOUNT}),
    Query("outflow", compartment_outflow, {"compartment": COMPARTMENT}),
)
