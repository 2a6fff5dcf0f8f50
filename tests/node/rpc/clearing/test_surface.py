"""RPC-160: the surface that was chosen, in volatilities that a person can read."""

import pytest

from derivatives.oracle.surfaces import dates_of
from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import E8, Market


async def test_a_surface_shows_volatilities_by_date_and_strike(
    market: Market, call: Caller
) -> None:
    world = market.rooms.world
    world.prices_e8["BTC"] = 64_000 * E8
    world.volatilities_ppm["BTC"] = 600_000
    market.rooms.finalise()

    answer = await call("market_getSurface", underlying="BTC")

    assert ("BTC", "normal", 0, 0, 0, 0) == tuple(
        answer[name]
        for name in (
            "underlying",
            "state",
            "age_ms",
            "held_count",
            "authority_index",
            "distance_ppm",
        )
    )
    expected = dates_of(world.tables, world.head.header.time_ms)["BTC"]
    assert list(expected) == [one["expiry_ms"] for one in answer["dates"]]
    smile = answer["dates"][0]
    assert abs(int(smile["volatility_e9"]) - 600_000_000) < 1_000
    by_percent = {one["percent"]: int(one["volatility_e9"]) for one in smile["points"]}
    assert by_percent[100] == int(smile["volatility_e9"])
    assert by_percent[50] > by_percent[80] > by_percent[100]
    assert 64_000 * E8 <= int(smile["forward_e8"]) < 70_000 * E8
    assert 1 == smile["dispersion_ppm"]


async def test_a_round_that_moved_too_far_shows_in_the_state(market: Market, call: Caller) -> None:
    world = market.rooms.world
    for volatility_ppm in (600_000, 900_000):
        world.volatilities_ppm["BTC"] = volatility_ppm
        for _ in range(11):
            market.rooms.finalise()

    answer = await call("market_getSurface", underlying="BTC")

    assert ("jump", 2) == (answer["state"], answer["held_count"])
    assert answer["age_ms"] >= 5_000
    assert min(date["dispersion_ppm"] for date in answer["dates"]) > 250_000


async def test_before_the_first_there_is_none(market: Market, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("market_getSurface", underlying="BTC")

    assert "lookup.surface_unknown" == refused.value.reason
    assert "" == refused.value.facts["did_you_mean"]


async def test_a_slip_of_the_hand_is_told_the_nearest(market: Market, call: Caller) -> None:
    world = market.rooms.world
    world.volatilities_ppm["BTC"] = 600_000
    market.rooms.finalise()

    for name in ("BTV", "btc", "", "B" * 40):
        with pytest.raises(Refusal) as refused:
            await call("market_getSurface", underlying=name)
        assert "lookup.surface_unknown" == refused.value.reason
    with pytest.raises(Refusal) as refused:
        await call("market_getSurface", underlying="BTV")
    assert "BTC" == refused.value.facts["did_you_mean"]
