"""Candles. Criterion: RPC-121 of docs/specs/rpc.md."""

import pytest

from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import BTC_PERP, MARK_TICKS, Market


async def test_trades_of_a_span_are_one_candle(market: Market, call: Caller) -> None:
    for lots, ticks in ((3, MARK_TICKS), (2, MARK_TICKS + 40), (1, MARK_TICKS - 20)):
        market.trade("alice", "bob", lots, ticks)

    (candle,) = (await call("market_getCandles", instrument=BTC_PERP, interval="1d"))["items"]

    prices = (MARK_TICKS, MARK_TICKS + 40, MARK_TICKS - 20, MARK_TICKS - 20)
    assert [str(price) for price in prices] == [
        candle[f"{name}_ticks"] for name in ("open", "high", "low", "close")
    ]
    assert ("6", 3) == (candle["volume_lots"], candle["trades_count"])


async def test_a_market_without_trades_has_no_candles(market: Market, call: Caller) -> None:
    answer = await call("market_getCandles", instrument="ETH-PERP")

    assert ([], None, 60_000) == (answer["items"], answer["next_cursor"], answer["interval_ms"])


async def test_an_interval_that_there_is_not_is_refused(market: Market, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("market_getCandles", instrument=BTC_PERP, interval="2m")

    assert -32602 == refused.value.code


async def test_a_cursor_beyond_63_bits_is_refused(market: Market, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("market_getCandles", instrument=BTC_PERP, cursor=str(2**63))

    assert -32602 == refused.value.code
