"""PRIC-034 to PRIC-039: rows of options bracket the truth, and shocks lean the right way."""

import mpmath
import pytest
from hypothesis import given, strategies

from derivatives.pricing.black import DAY_MS, call_price, put_price
from derivatives.pricing.scenarios import (
    DOWN,
    FLAT,
    MONTH_MS,
    UP,
    Move,
    VolatilityShocks,
    option_row,
    shocked_volatilities_e9,
    skewed_volatilities_e9,
)
from derivatives.pricing.volatility import TERM_MS_MAX, VOLATILITY_E9_MAX

SHOCKS = VolatilityShocks()
MOVES = tuple(
    Move(forward_ppm, volatility)
    for forward_ppm in (-160_000, -72_000, -16_000, 0, 16_000, 72_000, 160_000)
    for volatility in (FLAT, UP, DOWN)
)
VALUES = strategies.integers(1_000, 10**12)
VOLATILITY = strategies.integers(10**7, 10**10)
TERM = strategies.integers(0, 5 * 365 * DAY_MS)


@given(strategies.booleans(), VALUES, VALUES, VOLATILITY, TERM)
def test_values_are_the_low_ends_of_prices_under_each_shock(
    is_call: bool, forward: int, strike: int, volatility: int, term: int
) -> None:
    row = option_row(
        is_call=is_call,
        forward=forward,
        strike=strike,
        volatility_e9=volatility,
        term_ms=term,
        moves=MOVES,
        shocks=SHOCKS,
    )

    price = call_price if is_call else put_price
    up, down = shocked_volatilities_e9(volatility, term, SHOCKS)
    for move, value in zip(MOVES, row.values, strict=True):
        moved = max(1, forward * (1_000_000 + move.forward_ppm) // 1_000_000)
        bracket = price(moved, strike, (volatility, up, down)[move.volatility], term)
        assert bracket.low_ticks == value
        assert bracket.high_ticks <= value + 2
    assert price(forward, strike, volatility, term).low_ticks == row.base
    assert 0 <= row.vega
    assert 0 <= (row.delta if is_call else -row.delta) <= forward


@given(VALUES, VALUES, VOLATILITY, TERM)
def test_call_and_put_rows_differ_by_the_forward_alone(
    forward: int, strike: int, volatility: int, term: int
) -> None:
    call, put = (
        option_row(
            is_call=is_call,
            forward=forward,
            strike=strike,
            volatility_e9=volatility,
            term_ms=term,
            moves=MOVES,
            shocks=SHOCKS,
        )
        for is_call in (True, False)
    )

    assert forward - strike == call.base - put.base == call.linear_skew - put.linear_skew
    assert forward == call.delta - put.delta
    assert call.vega == put.vega


@pytest.mark.parametrize("days", [0.5, 1, 7, 29, 30, 90, 1_825])
def test_shocks_fall_with_the_term_as_powers(days: float) -> None:
    term = int(days * DAY_MS)
    power = 0.3 if term < MONTH_MS else 0.13

    up, down = shocked_volatilities_e9(10**9, term, SHOCKS)

    with mpmath.workdps(40):
        multiple = (mpmath.mpf(MONTH_MS) / max(term, DAY_MS)) ** mpmath.mpf(str(power))
        # Away from where it is: up is never below what is exact, down never above.
        assert -1e-6 < up - 10**9 * (1 + mpmath.mpf("0.45") * multiple) < 1
        assert -1 < down - 10**9 * max(0, 1 - mpmath.mpf("0.28") * multiple) < 1e-6


@given(strategies.integers(0, VOLATILITY_E9_MAX), strategies.integers(0, TERM_MS_MAX))
def test_shocks_never_turn_round_nor_leave_what_can_be_priced(volatility: int, term: int) -> None:
    up, down = shocked_volatilities_e9(volatility, term, SHOCKS)

    assert 0 <= down <= volatility <= up <= VOLATILITY_E9_MAX
    assert SHOCKS.floor_e9 <= up


def test_skew_leans_with_moneyness_and_stops_at_its_cap() -> None:
    month = 30 * DAY_MS
    low, high = (
        skewed_volatilities_e9(100_000, strike, 10**9, month) for strike in (90_000, 110_000)
    )

    assert low[0] < 10**9 < low[1]
    assert high[0] == high[1] > 10**9
    assert (10**9, 10**9) == skewed_volatilities_e9(100_000, 100_000, 10**9, month)
    assert (10**9 - 221_331_000, 10**9 + 221_331_000) == skewed_volatilities_e9(
        100_000, 1, 10**9, month
    )


def test_far_terms_have_no_skew_shock() -> None:
    assert (10**9, 10**9) == skewed_volatilities_e9(100, 200, 10**9, 7 * 365 * DAY_MS)


def test_delta_and_vega_are_what_a_small_move_gains() -> None:
    forward, strike, volatility, term = 64_000_000_000, 70_000_000_000, 600_000_000, 30 * DAY_MS
    row = option_row(
        is_call=True,
        forward=forward,
        strike=strike,
        volatility_e9=volatility,
        term_ms=term,
        moves=(),
        shocks=SHOCKS,
    )
    base = call_price(forward, strike, volatility, term).near_ticks
    moved = call_price(forward + forward // 10_000, strike, volatility, term).near_ticks
    wilder = call_price(forward, strike, volatility + volatility // 10_000, term).near_ticks

    assert abs((moved - base) * 10_000 - row.delta) < row.delta // 1_000
    assert abs((wilder - base) * 10_000 - row.vega) < row.vega // 1_000
    assert () == row.values
