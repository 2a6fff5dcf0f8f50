"""OPTI-010 to OPTI-014: an option is marked by its forward and the volatility at its strike."""

import pytest
from mpmath import erf, mp, mpf, sqrt

from derivatives.marks import options
from derivatives.marks.options import (
    Asked,
    known_volatility,
    option_ticks,
    ticks_of_options,
    window_of,
)
from derivatives.marks.state import MARKS
from derivatives.oracle.state import SURFACES
from derivatives.pricing.kernel import level
from tests.given_dated import WINDOW_MS
from tests.given_market import UNIT_E8
from tests.given_options import CALL, PUT, STRIKE_TICKS, Optioned

YEAR_MS = 365 * 86_400_000
mp.dps = 40


def ticks(market: Optioned, name: str) -> int:
    mark = market.state.get(MARKS, name)
    assert mark is not None
    assert mark.mark_value_quantums == mark.index_value_quantums == mark.mark_price_ticks * 500
    return mark.mark_price_ticks


def at_the_money(price: int, volatility: mpf, term_ms: mpf) -> int:
    spread = volatility * sqrt(term_ms / YEAR_MS)
    return int(price * erf(spread / (2 * sqrt(mpf(2)))))


def test_mark_is_black_76_of_the_mean_an_hour_ahead() -> None:
    market = Optioned()

    # The mean over the last half hour has the variance of a time 20 minutes shorter.
    expected = at_the_money(STRIKE_TICKS, mpf("0.6"), mpf(40 * 60_000))
    assert expected == ticks(market, CALL) == ticks(market, PUT)


def test_call_less_put_is_forward_less_strike_to_the_tick() -> None:
    market = Optioned()
    for price_usd in (60_000, 63_990, 64_123, 70_000):
        market.forward(price_usd)
        market.block(0)
        difference = ticks(market, CALL) - ticks(market, PUT)
        assert abs(difference - (2 * price_usd - STRIKE_TICKS)) <= 1


def test_more_volatility_is_worth_more() -> None:
    market = Optioned()
    before = ticks(market, CALL)
    market.volatility(120)
    market.block(0)

    assert ticks(market, CALL) > before


def test_without_a_surface_an_option_has_no_mark_of_its_own() -> None:
    market = Optioned()
    market.state.delete(MARKS, CALL)
    market.state.delete(SURFACES, "BTC")

    market.block(0)

    assert market.state.get(MARKS, CALL) is None


def test_inside_the_window_only_what_is_to_come_varies() -> None:
    market = Optioned()
    assert window_of(market.state, CALL) is None
    market.minutes(45)
    window = window_of(market.state, CALL)
    assert window is not None

    assert WINDOW_MS // 2 == window.left_ms
    # Half is fixed at the strike: half a forward, with a third of its quarter hour's variance.
    half = at_the_money(STRIKE_TICKS // 2, mpf("0.6"), mpf(5 * 60_000))
    assert half == ticks(market, CALL)


@pytest.mark.parametrize("in_c", [True, False])
@pytest.mark.parametrize("minutes", [0, 45])
def test_many_at_once_are_worth_what_each_is(
    monkeypatch: pytest.MonkeyPatch, in_c: bool, minutes: int
) -> None:
    if not in_c:
        monkeypatch.setattr(level, "kernel", None)
    market = Optioned()
    market.minutes(minutes)
    for percent, price_usd in ((60, 64_000), (61, 63_999), (200, 90_000), (5, 70_000), (5, 1)):
        market.volatility(percent)
        asked = [Asked(name, market.terms(name), price_usd * UNIT_E8 + 7) for name in (CALL, PUT)]

        found = ticks_of_options(market.state, asked, market.time_ms)

        assert {
            one.instrument_id: option_ticks(market.state, *one, market.time_ms) for one in asked
        } == found


def test_without_a_surface_none_of_many_is_worth_anything() -> None:
    market = Optioned()
    market.state.delete(SURFACES, "BTC")
    asked = [Asked(CALL, market.terms(CALL), 64_000 * UNIT_E8)]

    assert {CALL: None} == ticks_of_options(market.state, asked, market.time_ms)
    assert {} == ticks_of_options(market.state, [], market.time_ms)


def test_volatility_is_looked_up_until_a_surface_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market = Optioned()
    one, expiry_ms = Asked(CALL, market.terms(CALL), 1), market.expiry.expiry_ms
    monkeypatch.setattr(options, "MEMO_MAX", 1)

    first = known_volatility(market.state, one, expiry_ms)
    monkeypatch.setattr(options, "volatility_of", lambda *_: 5)
    again = known_volatility(market.state, one, expiry_ms)
    market.volatility(61)

    assert first == again
    assert 5 == known_volatility(market.state, one, expiry_ms)


def test_settled_options_are_worth_what_they_pay() -> None:
    market = Optioned()
    market.minutes(30)
    market.spot(65_000)
    market.minutes(30)

    assert (2_000, 0) == (ticks(market, CALL), ticks(market, PUT))


def test_put_in_the_money_pays_strike_less_price() -> None:
    market = Optioned()
    market.minutes(30)
    market.spot(63_000)
    market.minutes(30)

    assert (0, 2_000) == (ticks(market, CALL), ticks(market, PUT))
