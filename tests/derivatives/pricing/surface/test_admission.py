"""SURF-005 to SURF-014: reports are moved to what is common, then tested, and refused by name."""

import pytest

from derivatives.pricing.surface.admission import (
    FAULT_BUTTERFLY,
    FAULT_CALENDAR,
    FAULT_RANGE,
    Quote,
    SurfaceReport,
    anchored,
    fault_of,
    is_formed,
    is_within_range,
)
from derivatives.pricing.surface.svi import ONE_Q56, Slice, volatility_e9
from tests.given_smiles import EXPIRIES_MS, NOW_MS, VOGT, report, smile

GOOD = smile(0.01, 0.1, -0.3, 0.02, 0.1)


def _forwards(told: SurfaceReport) -> list[int]:
    return [quote.forward_e8 for quote in told.quotes]


def _surface_with(place: int, one: Slice) -> str | None:
    told = report(0)
    quotes = list(told.quotes)
    quotes[place] = quotes[place]._replace(one=one)
    told = told._replace(quotes=tuple(quotes))
    return fault_of(anchored(told, _forwards(told), EXPIRIES_MS, NOW_MS))


def test_a_sane_surface_has_no_fault() -> None:
    told = report(0)

    assert is_formed(told, EXPIRIES_MS)
    assert fault_of(anchored(told, _forwards(told), EXPIRIES_MS, NOW_MS)) is None


def test_anchoring_keeps_the_volatility_of_every_strike() -> None:
    told = report(0, late_ms=-1_900)
    others = [forward_e8 * 1_003 // 1_000 for forward_e8 in _forwards(told)]

    surface = anchored(told, others, EXPIRIES_MS, NOW_MS)

    for quote, forward, one, expiry_ms in zip(
        told.quotes, others, surface.slices, EXPIRIES_MS, strict=True
    ):
        for strike in (forward * 9 // 10, forward, forward * 11 // 10):
            said = volatility_e9(quote.one, quote.forward_e8, strike, expiry_ms - told.observed_ms)
            assert abs(said - volatility_e9(one, forward, strike, expiry_ms - NOW_MS)) <= 2


@pytest.mark.parametrize(
    "wrong",
    [
        GOOD._replace(b_q56=-1),
        GOOD._replace(rho_q56=ONE_Q56),
        GOOD._replace(rho_q56=-ONE_Q56),
        GOOD._replace(sigma_q56=ONE_Q56 // 2**21),
        GOOD._replace(sigma_q56=-ONE_Q56),
        GOOD._replace(m_q56=128 * ONE_Q56),
        smile(-0.01, 0.1, 0.0, 0.0, 0.1),
        smile(0.1, 1.5, 0.3, 0.0, 0.1),
        smile(0.1, 1.5, -0.3, 0.0, 0.1),
    ],
)
def test_parameters_out_of_range_are_refused(wrong: Slice) -> None:
    assert not is_within_range(wrong)
    assert FAULT_RANGE == _surface_with(2, wrong)


def test_wings_and_least_variance_may_reach_their_bounds() -> None:
    assert is_within_range(GOOD)
    assert is_within_range(Slice(ONE_Q56, 19 * ONE_Q56 // 10, 0, 0, ONE_Q56))
    assert not is_within_range(Slice(ONE_Q56, 19 * ONE_Q56 // 10 + 1, 0, 0, ONE_Q56))
    assert is_within_range(Slice(ONE_Q56 >> 40, 0, 0, 0, ONE_Q56))
    assert not is_within_range(Slice((ONE_Q56 >> 40) - 1, 0, 0, 0, ONE_Q56))


def test_one_negative_density_drops_the_whole_surface() -> None:
    assert FAULT_BUTTERFLY == _surface_with(len(EXPIRIES_MS) - 1, smile(*VOGT))


def test_an_expiry_out_of_order_drops_the_whole_surface() -> None:
    told = report(0)

    assert FAULT_CALENDAR == _surface_with(1, told.quotes[3].one)


@pytest.mark.parametrize(
    "wrong",
    [
        report(0)._replace(quotes=()),
        report(0)._replace(quotes=report(0).quotes[1:]),
        report(0)._replace(quotes=(Quote(0, GOOD), *report(0).quotes[1:])),
        report(0)._replace(quotes=(Quote(2**62, GOOD), *report(0).quotes[1:])),
        report(0)._replace(quotes=(Quote(1, Slice(2**63, 0, 0, 0, 1)), *report(0).quotes[1:])),
        report(0)._replace(quotes=(Quote(1, Slice(1, 0, 0, 0, 0)), *report(0).quotes[1:])),
        report(0)._replace(observed_ms=EXPIRIES_MS[0]),
        report(0)._replace(observed_ms=-1),
    ],
)
def test_what_is_no_report_is_not_formed(wrong: SurfaceReport) -> None:
    assert not is_formed(wrong, EXPIRIES_MS)
