"""OPTI-020 to OPTI-025: an option is revalued whole in every scenario."""

import pytest

from derivatives.instruments.state import INSTRUMENTS
from derivatives.margin.rows import line_of
from derivatives.marks.state import MARKS
from derivatives.options.revaluing import revalued
from derivatives.oracle.state import PRICES
from derivatives.pricing.scenarios import DOWN, ENDED, FLAT, UP, Move
from tests.given_dated import FUTURE
from tests.given_options import CALL, PUT, Optioned

MOVES = (Move(-40_000, DOWN), Move(0, FLAT), Move(40_000, UP))


def values(market: Optioned, name: str) -> tuple[int, ...]:
    instrument, price = market.state.get(INSTRUMENTS, name), market.state.get(PRICES, FUTURE)
    assert instrument is not None
    assert price is not None
    return revalued(market.state, name, instrument, price, MOVES).values_quantums


def test_a_call_rises_and_a_put_falls_with_its_forward() -> None:
    market = Optioned()
    call, put = values(market, CALL), values(market, PUT)

    assert call[0] < call[1] < call[2]
    assert put[0] > put[1] > put[2]


def test_call_less_put_is_forward_less_strike_in_every_scenario() -> None:
    market = Optioned()
    market.forward(65_000)
    market.block(0)

    # 65 USD a lot, a strike of 64.
    differences = [
        call - put for call, put in zip(values(market, CALL), values(market, PUT), strict=True)
    ]
    assert [62_400_000 - 64_000_000, 1_000_000, 67_600_000 - 64_000_000] == differences


def test_volatility_moves_with_its_scenario() -> None:
    market = Optioned()
    instrument, price = market.state.get(INSTRUMENTS, CALL), market.state.get(PRICES, FUTURE)
    assert instrument is not None
    assert price is not None
    moves = tuple(Move(0, volatility) for volatility in (DOWN, FLAT, UP))

    down, flat, up = revalued(market.state, CALL, instrument, price, moves).values_quantums

    assert down < flat < up


def test_where_time_is_up_it_is_worth_what_it_pays() -> None:
    market = Optioned()
    instrument, price = market.state.get(INSTRUMENTS, CALL), market.state.get(PRICES, FUTURE)
    assert instrument is not None
    assert price is not None
    moves = (Move(-10_000, ENDED), Move(0, ENDED), Move(10_000, ENDED))

    found = revalued(market.state, CALL, instrument, price, moves)

    assert (0, 0, 640_000) == found.values_quantums
    assert 64_000_000 == found.lean.forward_quantums
    assert 0 < found.lean.stressed_quantums
    assert 64_000 * 10**8 == found.lean.strike_e8


def test_what_is_flat_is_the_mark_to_the_tick() -> None:
    market = Optioned()
    mark = market.state.get(MARKS, CALL)
    assert mark is not None

    assert 0 <= values(market, CALL)[1] - mark.mark_value_quantums < 500


def test_delta_of_calls_and_puts_makes_a_whole_forward() -> None:
    market = Optioned()
    call = line_of(market.state, CALL, "main", "standard")
    put = line_of(market.state, PUT, "main", "standard")
    assert call is not None
    assert put is not None

    assert 0 < call.moving_quantums < 64_000_000
    assert abs(call.moving_quantums - put.moving_quantums - 64_000_000) <= 1


@pytest.mark.parametrize(("name", "paid"), [(CALL, 0), (PUT, 1_000_000)])
def test_a_settled_option_loses_nothing_more(name: str, paid: int) -> None:
    market = Optioned()
    market.minutes(30)
    market.spot(63_000)
    market.minutes(30)

    line = line_of(market.state, name, "main", "standard")

    assert line is not None
    assert {0} == set(line.losses_quantums)
    assert (paid, 0, 0) == (line.mark_value_quantums, line.moving_quantums, line.exit_fee_ppm)


def test_a_call_that_is_in_for_good_moves_like_its_forward() -> None:
    market = Optioned()
    market.minutes(30)
    market.spot(200_000)
    market.minutes(20)

    line = line_of(market.state, CALL, "main", "standard")
    future = line_of(market.state, FUTURE, "main", "standard")

    assert line is not None
    assert future is not None
    spread = [a - b for a, b in zip(line.losses_quantums, future.losses_quantums, strict=False)]
    assert max(map(abs, spread)) <= 500 + 2


def test_what_is_in_or_out_for_good_is_worth_what_is_fixed_and_what_moves() -> None:
    # OPTI-024: a third of 64,000 is open; two thirds of 200,000 are fixed, 69,333.333 above 64,000
    market = Optioned()
    market.minutes(30)
    market.spot(200_000)
    market.minutes(20)

    assert (89_813_332, 90_666_666, 91_519_999) == values(market, CALL)
    assert (0, 0, 0) == values(market, PUT)


def test_the_same_records_make_the_same_line_and_a_new_surface_another() -> None:
    market = Optioned()
    first = line_of(market.state, CALL, "main", "standard")
    assert first is line_of(market.state, CALL, "main", "standard")

    market.volatility(61)

    assert first != line_of(market.state, CALL, "main", "standard")
