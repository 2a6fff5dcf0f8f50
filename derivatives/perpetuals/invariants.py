"""What is always true of funding.

Source: docs/specs/perpetuals.md, PERP-001 to PERP-003.
"""

from chain.kit import View, each, hold
from chain.modules.ledger.balances import balance_of
from derivatives.ids import funding_house_of
from derivatives.instruments.state import INSTRUMENTS, KIND_PERPETUAL
from derivatives.perpetuals.funding import E18
from derivatives.perpetuals.state import FUNDING, FUNDING_TERMS
from derivatives.positions.state import POSITIONS


def funding_sums_to_dust(view: View) -> None:
    """Hold that a funding house has what is still owed negated, and the counted dust."""
    owed_e18: dict[str, int] = {}
    indices = {str(key): funding.index_e18 for key, funding in view.scan(FUNDING)}
    for key, position in each(view, POSITIONS):
        assert isinstance(key, tuple)
        instrument_id = str(key[1])
        moved_e18 = indices.get(instrument_id, 0) - position.funding_index_e18
        owed_e18[instrument_id] = owed_e18.get(instrument_id, 0) + position.size_lots * moved_e18
    for key, instrument in view.scan(INSTRUMENTS):
        instrument_id = str(key)
        balance = balance_of(view, funding_house_of(instrument_id), instrument.quote)
        found_e18 = balance * E18 + owed_e18.get(instrument_id, 0)
        funding = view.get(FUNDING, instrument_id)
        dust_e18 = 0 if funding is None else funding.dust_e18
        hold(found_e18 == dust_e18, f"{instrument_id}: {found_e18} and not {dust_e18} e-18")
        hold(dust_e18 >= 0, f"{instrument_id}: dust of {dust_e18} e-18")


def every_perpetual_has_terms_of_funding(view: View) -> None:
    """Hold that funding is of perpetuals, each of which has its terms."""
    perpetuals = {
        key for key, instrument in view.scan(INSTRUMENTS) if instrument.kind == KIND_PERPETUAL
    }
    hold({key for key, _ in view.scan(FUNDING_TERMS)} == perpetuals, "terms of funding differ")
    hold({key for key, _ in view.scan(FUNDING)} <= perpetuals, "funding of no perpetual")
    for key, terms in view.scan(FUNDING_TERMS):
        sound = terms.premium_limit_ppm > 0 and terms.interest_band_8h_e9 >= 0
        hold(sound, f"{key!r}: limits below zero")


INVARIANTS = (funding_sums_to_dust, every_perpetual_has_terms_of_funding)
