"""RPC-161: a date's options by strike, with the volatilities that prices stand for."""

from typing import Any

import pytest

from derivatives.options.greeks import lean_of
from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import E8, Market

MARCH_MS = 1_806_048_000_000
FUTURE = "BTC-26MAR27"
CALL, PUT = f"{FUTURE}-64000-C", f"{FUTURE}-64000-P"


@pytest.fixture
def smiling(market: Market) -> Market:
    """The open market with volatility told, so that options trade."""
    world = market.rooms.world
    world.prices_e8[FUTURE] = 64_000 * E8
    world.volatilities_ppm["BTC"] = 600_000
    for _ in range(20):
        market.rooms.finalise()
    return market


def order(market: Market, name: str, side: int, ticks: int, instrument: str) -> None:
    place = market.placing(name, side, 10, ticks)
    market.send(name, type(place)(**{**_fields(place), "instrument": instrument}))


def _fields(place: Any) -> dict[str, Any]:
    return {name: getattr(place, name) for name in place.__struct_fields__}


async def test_a_chain_has_a_call_and_a_put_at_each_strike(smiling: Market, call: Caller) -> None:
    answer = await call("market_getChain", underlying="BTC")

    assert ("BTC", MARCH_MS, "0.5", "0.001") == tuple(
        answer[name] for name in ("underlying", "expiry_ms", "tick_size", "lot_size")
    )
    assert [
        {
            "expiry_ms": MARCH_MS,
            "forward": FUTURE,
            "forward_e8": str(64_000 * E8),
            "strikes_count": 3,
        }
    ] == answer["dates"]
    strikes = [int(one["strike_e8"]) // E8 for one in answer["strikes"]]
    assert [56_000, 64_000, 72_000] == strikes
    middle = answer["strikes"][1]
    assert (CALL, PUT) == (middle["call"]["instrument"], middle["put"]["instrument"])
    lean = lean_of(smiling.rooms.world.tables, CALL)
    assert lean is not None
    assert str(lean.vega_quantums) == middle["call"]["vega_quantums"]
    assert str(lean.volatility_e9) == middle["call"]["mark_volatility_e9"]
    # A put's delta is a call's less one.
    assert 1_000_000 == middle["call"]["delta_ppm"] - middle["put"]["delta_ppm"]
    assert middle["call"]["mark_price_ticks"] == middle["put"]["mark_price_ticks"]


async def test_quotes_show_the_volatility_they_stand_for(smiling: Market, call: Caller) -> None:
    option = (await call("market_getChain", underlying="BTC"))["strikes"][1]["call"]
    assert (None, None) == (option["bid_price_ticks"], option["bid_volatility_e9"])
    ticks = int(option["mark_price_ticks"])

    order(smiling, "alice", 1, ticks, CALL)
    order(smiling, "bob", 2, ticks + 200, CALL)

    option = (await call("market_getChain", underlying="BTC"))["strikes"][1]["call"]
    assert (str(ticks), str(ticks + 200)) == (option["bid_price_ticks"], option["ask_price_ticks"])
    # 200 ticks of 500 quantums more are so much of vega, which is for 1.00.
    mark = int(option["mark_volatility_e9"])
    more_e9 = 100_000 * 10**9 // int(option["vega_quantums"])
    assert abs(int(option["bid_volatility_e9"]) - mark) < more_e9 // 100
    assert abs(int(option["ask_volatility_e9"]) - mark - more_e9) < more_e9 // 100


async def test_open_interest_is_told(smiling: Market, call: Caller) -> None:
    ticks = int(
        (await call("market_getChain", underlying="BTC"))["strikes"][1]["put"]["mark_price_ticks"]
    )
    order(smiling, "alice", 1, ticks, PUT)
    order(smiling, "bob", 2, ticks, PUT)

    middle = (await call("market_getChain", underlying="BTC"))["strikes"][1]

    assert ("10", "0") == tuple(middle[side]["open_interest_lots"] for side in ("put", "call"))


async def test_before_volatility_is_told_there_is_no_price(market: Market, call: Caller) -> None:
    option = (await call("market_getChain", underlying="BTC"))["strikes"][0]["call"]

    assert {None} == {
        option[name]
        for name in ("mark_price_ticks", "mark_volatility_e9", "delta_ppm", "bid_volatility_e9")
    }
    assert "auction" == option["state"]


async def test_an_underlying_without_options_has_no_chain(market: Market, call: Caller) -> None:
    answer = await call("market_getChain", underlying="ETH")

    assert (None, [], []) == tuple(answer[name] for name in ("expiry_ms", "dates", "strikes"))


async def test_an_underlying_that_has_no_feed_is_told_from_one_without_options(
    market: Market, call: Caller
) -> None:
    with pytest.raises(Refusal) as refused:
        await call("market_getChain", underlying="BTCC")

    assert "lookup.underlying_unknown" == refused.value.reason
    assert {"underlying": "BTCC", "did_you_mean": "BTC"} == refused.value.facts


async def test_another_date_is_refused_with_those_there_are(market: Market, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("market_getChain", underlying="BTC", expiry_ms=5)

    assert -32602 == refused.value.code
