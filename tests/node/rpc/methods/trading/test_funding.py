"""What holding a perpetual costs. Criterion: RPC-113 of docs/specs/rpc.md."""

import pytest

from tests.node.rpc.conftest import Caller, Refusal, Rooms
from tests.node.rpc.methods.conftest import BTC_PERP, Market

HOUR_MS = 3_600_000
FUTURE = "BTC-26MAR27"


async def test_funding_tells_this_hours_rate_and_the_next(market: Market, call: Caller) -> None:
    answer = await call("market_getFunding", instrument=BTC_PERP)

    assert answer["hour_start_ms"] + 3_600_000 == answer["next_hour_ms"]
    # Without premiums a rate is its interest: 0.01 % for eight hours, 6,400 on 64 USD a lot.
    assert "100000" == answer["predicted_8h_e9"]
    assert int(answer["rate_8h_e9"]) // 1_000 == answer["funding_rate_ppm"]


async def test_an_unknown_instrument_is_not_found_and_the_nearest_is_named(
    rooms: Rooms, call: Caller
) -> None:
    with pytest.raises(Refusal) as refused:
        await call("market_getFunding", instrument="btc-prep")

    assert "lookup.instrument_unknown" == refused.value.reason
    assert BTC_PERP == refused.value.facts["did_you_mean"]


async def test_past_rates_are_told_the_newest_first(market: Market, call: Caller) -> None:
    for _ in range(2):
        market.rooms.finalise(after_ms=HOUR_MS)

    answer = await call("market_getFunding", instrument=BTC_PERP)

    hours = [rate["hour_start_ms"] for rate in answer["history"]]
    assert hours == sorted(hours, reverse=True)
    assert answer["hour_start_ms"] == hours[0]
    assert answer["rate_8h_e9"] == answer["history"][0]["rate_8h_e9"]
    assert len(hours) >= 2


async def test_pages_of_past_rates_go_back(market: Market, call: Caller) -> None:
    for _ in range(2):
        market.rooms.finalise(after_ms=HOUR_MS)

    newest = await call("market_getFunding", instrument=BTC_PERP, limit=1)
    older = await call(
        "market_getFunding", instrument=BTC_PERP, limit=1, cursor=newest["next_cursor"]
    )

    assert older["history"][0]["hour_start_ms"] < newest["history"][0]["hour_start_ms"]


async def test_what_is_no_perpetual_pays_no_funding(market: Market, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("market_getFunding", instrument=FUTURE)

    assert -32602 == refused.value.code
    assert "perpetuals alone pay funding" in refused.value.error["message"]
