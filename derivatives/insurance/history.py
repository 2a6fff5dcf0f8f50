"""What an insurance fund may pay now: a share of what it held an hour before, in any hour.

    limit = floor(limit_ppm x held an hour before) - paid since then, at least 0

    budget of a takeover = limit_ppm x held, and what is left of another for the slices of an hour

Kept exactly: a row for every block that left the fund otherwise than it found it, saying
what stood until then.  What held at a time is in the first row beyond it.

Source: docs/specs/insurance.md, INS-040 to INS-046.
"""

from chain.kit import BlockContext, Key, State, View, multiply_ppm_down, replace
from chain.modules.ledger.balances import balance_of
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.state import COMPARTMENTS
from derivatives.ids import CompartmentId, insurance_of
from derivatives.insurance.state import (
    INSURED,
    INSURED_BEFORE,
    InsuranceTerms,
    Insured,
    InsuredBefore,
)

HOUR_MS = 3_600_000
FORGOTTEN_MAX_COUNT = 64


def limit_quantums(view: View, compartment: CompartmentId, time_ms: int) -> int:
    """Return what insurance may still pay now by its hourly limit. Rounds: down."""
    terms = compartment_terms(view, compartment)
    now = insured_of(view, compartment)
    then = insured_at(view, compartment, time_ms - HOUR_MS)
    allowed = multiply_ppm_down(then.held_quantums, terms.insurance_hourly_limit_ppm)
    return max(0, allowed - (now.paid_quantums - then.paid_quantums))


def insured_of(view: View, compartment: CompartmentId) -> Insured:
    """Return what was last written down; before that, a fund has held what it has."""
    stored = view.get(INSURED, compartment)
    if stored is not None:
        return stored
    asset = compartment_terms(view, compartment).settlement_asset
    return Insured(balance_of(view, insurance_of(compartment), asset), 0, 0)


def insured_at(view: View, compartment: CompartmentId, time_ms: int) -> Insured:
    """Return what the last block at or before a time within the last hour left."""
    after = (compartment, max(0, time_ms))
    for _, before in view.scan(INSURED_BEFORE, (compartment,), after=after):
        return Insured(before.held_quantums, before.paid_quantums, before.sliced_quantums)
    return insured_of(view, compartment)


def count_paid(state: State, compartment: CompartmentId, paid_quantums: int, time_ms: int) -> None:
    """Count what insurance is about to pay in this block against its hourly limit."""
    if paid_quantums == 0:
        return
    paid_in_all = insured_of(state, compartment).paid_quantums + paid_quantums
    _count(state, compartment, time_ms, paid_quantums=paid_in_all)


def count_sliced(
    state: State, compartment: CompartmentId, cost_quantums: int, time_ms: int
) -> None:
    """Count what a slice costs insurance in this block against what slices may in an hour."""
    if cost_quantums == 0:
        return
    sliced_in_all = insured_of(state, compartment).sliced_quantums + cost_quantums
    _count(state, compartment, time_ms, sliced_quantums=sliced_in_all)


def budget_quantums(
    view: View, compartment: CompartmentId, terms: InsuranceTerms, time_ms: int
) -> int:
    """Return what the slices of a takeover now may cost insurance. Rounds: down."""
    asset = compartment_terms(view, compartment).settlement_asset
    held_quantums = balance_of(view, insurance_of(compartment), asset)
    then = insured_at(view, compartment, time_ms - HOUR_MS)
    sliced_quantums = insured_of(view, compartment).sliced_quantums - then.sliced_quantums
    of_hour = multiply_ppm_down(held_quantums, terms.slices_hourly_limit_ppm) - sliced_quantums
    return max(0, min(multiply_ppm_down(held_quantums, terms.slices_limit_ppm), of_hour))


def _count(state: State, compartment: CompartmentId, time_ms: int, **sums_quantums: int) -> None:
    """Write new sums beside what stood until this block."""
    known = insured_of(state, compartment)
    _keep(state, compartment, time_ms, known)
    state.put(INSURED, compartment, replace(known, **sums_quantums))


def _keep(state: State, compartment: CompartmentId, time_ms: int, then: Insured) -> None:
    """Write down what stood until this block, once."""
    key = (compartment, time_ms)
    if state.get(INSURED_BEFORE, key) is None:
        row = InsuredBefore(then.held_quantums, then.paid_quantums, then.sliced_quantums)
        state.put(INSURED_BEFORE, key, row)


def remember_insurance(context: BlockContext) -> None:
    """Write down what each fund holds at the end of the block, and forget what is too old.

    Bounded by the compartments: one row more each, and 64 rows less.
    """
    state, before = context.state, context.before()
    for key, terms in tuple(state.scan(COMPARTMENTS)):
        compartment = str(key)
        then = insured_of(before, compartment)
        held = balance_of(state, insurance_of(compartment), terms.settlement_asset)
        now = replace(insured_of(state, compartment), held_quantums=held)
        if now != then:
            _keep(state, compartment, context.time_ms, then)
            state.put(INSURED, compartment, now)
        _forget(state, compartment, context.time_ms - HOUR_MS)


def _forget(state: State, compartment: CompartmentId, time_ms: int) -> None:
    """Delete rows at or before a time: nobody asks for what stood before them."""
    forgotten: list[Key] = []
    for key, _ in state.scan(INSURED_BEFORE, (compartment,)):
        if int(key[1]) > time_ms or len(forgotten) == FORGOTTEN_MAX_COUNT:  # type: ignore[index]
            break
        forgotten.append(key)
    for key in forgotten:
        state.delete(INSURED_BEFORE, key)
