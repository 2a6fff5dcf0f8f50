"""REPORT-022: a made-up surface is one that the chain admits, at every moment."""

import pytest

from derivatives.oracle.volatility import SmileQuote
from derivatives.pricing.surface.admission import Surface, fault_of
from derivatives.pricing.surface.svi import Slice, volatility_e9
from node.reports.forward import carried_e8
from node.reports.smiles import OTHER_VOLATILITY_PPM, made_up_smiles, volatility_of

NOW_MS = 1_800_000_000_000
DAY_MS = 86_400_000
SPOT_E8 = 64_000 * 10**8


def slice_of(quote: SmileQuote) -> Slice:
    return Slice(quote.a_q56, quote.b_q56, quote.rho_q56, quote.m_q56, quote.sigma_q56)


@pytest.mark.parametrize("volatility_ppm", [50_000, 550_000, 3_000_000])
def test_a_surface_is_admissible_and_has_the_volatility_asked_for(volatility_ppm: int) -> None:
    terms = (60_000, 3_600_000, DAY_MS, 30 * DAY_MS, 365 * DAY_MS, 5 * 365 * DAY_MS)
    dates = [NOW_MS + term_ms for term_ms in terms]

    smiles = made_up_smiles(SPOT_E8, dates, NOW_MS, volatility_ppm)

    forwards = tuple(one.forward_e8 for one in smiles)
    surface = Surface(NOW_MS, tuple(dates), forwards, tuple(map(slice_of, smiles)))
    assert fault_of(surface) is None
    assert [carried_e8(SPOT_E8, term_ms) for term_ms in terms] == list(forwards)
    for quote, term_ms in zip(smiles, terms, strict=True):
        found = volatility_e9(slice_of(quote), quote.forward_e8, quote.forward_e8, term_ms)
        assert abs(found - volatility_ppm * 1_000) < 1_000
        low = volatility_e9(slice_of(quote), quote.forward_e8, quote.forward_e8 * 9 // 10, term_ms)
        assert low > found


def test_what_is_usual_depends_on_the_underlying() -> None:
    assert [550_000, 700_000, OTHER_VOLATILITY_PPM] == [
        volatility_of(name) for name in ("BTC", "ETH", "XAU")
    ]
