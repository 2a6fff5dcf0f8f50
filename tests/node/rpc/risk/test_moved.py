"""RPC-131: what an option would be worth is what the chain would say in a market that moved."""

from chain.kit import PPM
from derivatives.margin.rows import line_of
from derivatives.marks.state import MARKS
from derivatives.oracle.state import PRICES, SURFACES
from derivatives.oracle.surfaces import volatility_at_e9
from node.rpc.risk.moved import (
    STILL,
    MovedView,
    feeds_of_underlying,
    moved_option_line,
    moved_view,
)
from tests.given_dated import FUTURE
from tests.given_market import BTC_PERP, UNIT_E8
from tests.given_options import CALL, PUT, Optioned

STRIKE_E8 = 64_000 * UNIT_E8


def test_an_underlying_moves_with_its_dates_and_a_date_alone() -> None:
    state = Optioned().state

    assert ("BTC", FUTURE) == feeds_of_underlying(state, "BTC")
    assert (FUTURE,) == feeds_of_underlying(state, FUTURE)


def test_a_line_of_nothing_that_moved_is_the_one_there_is() -> None:
    market = Optioned()

    line = moved_option_line(moved_view(market.state, {}), CALL, "standard", market.time_ms)

    assert line_of(market.state, CALL, "main", "standard") == line


def test_a_price_that_moves_is_what_the_next_block_would_say() -> None:
    market = Optioned()
    ratios = dict.fromkeys(("BTC", FUTURE), STILL.then(50_000, 0))

    foreseen = {
        name: moved_option_line(moved_view(market.state, ratios), name, "standard", market.time_ms)
        for name in (CALL, PUT)
    }
    market.forward(67_200)
    market.block(0)

    for name, line in foreseen.items():
        assert line_of(market.state, name, "main", "standard") == line


def test_volatility_that_moves_is_what_a_surface_would_say() -> None:
    market = Optioned()
    ratios = {"BTC": STILL.then(0, 250_000)}

    moved = moved_view(market.state, ratios)
    line = moved_option_line(moved, CALL, "standard", market.time_ms)
    found = volatility_at_e9(moved, "BTC", market.expiry.expiry_ms, STRIKE_E8)
    market.volatility(75)
    market.block(0)

    real = line_of(market.state, CALL, "main", "standard")
    assert line is not None
    assert real is not None
    assert real.mark_value_quantums == line.mark_value_quantums
    assert found is not None
    assert abs(found - 750_000_000) < 10


def test_moves_follow_one_another() -> None:
    twice = STILL.then(100_000, 0).then(-100_000, 500_000)

    assert 990_000 * twice.price_whole == twice.price * PPM
    assert 1_500_000 * twice.volatility_whole == twice.volatility * PPM


def test_what_is_no_option_or_has_no_price_keeps_its_line() -> None:
    market = Optioned()
    moved = moved_view(market.state, {"BTC": STILL.then(50_000, 0)})

    assert moved_option_line(moved, BTC_PERP, "standard", market.time_ms) is None
    assert moved_option_line(moved, "DOGE-PERP", "standard", market.time_ms) is None
    market.state.delete(SURFACES, "BTC")
    assert moved_option_line(MovedView(market.state), CALL, "standard", market.time_ms) is None


def test_the_state_itself_stays() -> None:
    market = Optioned()
    before = market.state.get(PRICES, "BTC"), market.state.get(MARKS, CALL)
    moved = moved_view(market.state, dict.fromkeys(("BTC", FUTURE), STILL.then(50_000, 0)))

    moved_option_line(moved, CALL, "standard", market.time_ms)

    assert before == (market.state.get(PRICES, "BTC"), market.state.get(MARKS, CALL))
    assert before[1] != moved.get(MARKS, CALL)
    assert moved.get(MARKS, CALL) in [row for _, row in moved.scan(MARKS)]
