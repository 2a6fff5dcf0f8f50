"""What a synthetic is made of: its instrument, its issuer, what an account owes of it.

    collateral ratio = 1 + the largest share of its value that a debt needs as initial margin
                     = 1 + ceil(initial_ppm x (largest loss of a short + basis) / 10^6)

Source: docs/specs/synthetics.md, SYN-001 to SYN-009.
"""

from chain.kit import PPM, Refusal, View, divide_up, multiply_ppm_up
from chain.modules.ledger.balances import balance_of
from derivatives.accounts.state import COLLATERAL
from derivatives.ids import AccountId, CompartmentId, InstrumentId
from derivatives.instruments.state import INSTRUMENTS, Instrument
from derivatives.margin.state import FAMILIES, SCHEDULES, FamilyTerms
from derivatives.positions.fill import position_of
from derivatives.synthetics import reasons
from derivatives.synthetics.state import SYNTHETICS, Synthetic


def require_synthetic(view: View, instrument_id: InstrumentId) -> tuple[Synthetic, Instrument]:
    """Return a synthetic's terms and its instrument. Refuses: synthetics.synthetic_unknown."""
    terms, instrument = view.get(SYNTHETICS, instrument_id), view.get(INSTRUMENTS, instrument_id)
    if terms is None or instrument is None:
        raise Refusal(reasons.SYNTHETIC_UNKNOWN, instrument=instrument_id)
    return terms, instrument


def quantums_of(size_lots: int) -> int:
    """Return how much of the asset so many lots are: a lot is a quantum."""
    return size_lots


def owed_lots(view: View, account: AccountId, instrument_id: InstrumentId) -> int:
    """Return how many lots of a synthetic an account owes, 0 for none."""
    held = position_of(view, account, instrument_id)
    return 0 if held is None else max(0, -held.size_lots)


def synthetic_collateral_of(view: View, account: AccountId) -> str | None:
    """Return the first synthetic asset that an account has, None for none."""
    for key, _ in view.scan(SYNTHETICS):
        if balance_of(view, account, str(key)):
            return str(key)
    return None


def ratio_ppm(view: View, instrument_id: InstrumentId) -> int:
    """Return what a debt needs in collateral for each unit owed, under the strictest schedule.

    Rounds: up.
    """
    instrument = view.get(INSTRUMENTS, instrument_id)
    assert instrument is not None
    worst_ppm = 0
    for place, schedule in view.scan(SCHEDULES, (instrument.compartment,)):
        assert isinstance(place, tuple)
        family = view.get(FAMILIES, (*place, instrument.underlying))
        if family is not None:
            needed_ppm = multiply_ppm_up(_loss_of_short_ppm(family), schedule.initial_ppm)
            worst_ppm = max(worst_ppm, needed_ppm)
    return PPM + worst_ppm


def _loss_of_short_ppm(family: FamilyTerms) -> int:
    """Return the largest share of its value that a short loses by price and basis. Rounds: up."""
    shocks_ppm = [divide_up(one.shock_ppm * one.weight_ppm, PPM) for one in family.scenarios]
    return max(shocks_ppm) + family.basis_ppm


def haircut_ppm(view: View, compartment: CompartmentId, instrument_id: InstrumentId) -> int | None:
    """Return the haircut of a synthetic as collateral, None where it is none."""
    terms = view.get(COLLATERAL, (compartment, instrument_id))
    return None if terms is None else terms.haircut_ppm
