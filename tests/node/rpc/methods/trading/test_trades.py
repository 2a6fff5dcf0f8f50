"""What was traded. Criterion: RPC-114 of docs/specs/rpc.md."""

import pytest

from chain.crypto.addresses import text_of
from tests import given
from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import BTC_PERP, MARK_TICKS, Market

ALICE, BOB = (text_of(given.address(name)) + "/0" for name in ("alice", "bob"))


async def test_trades_are_told_the_newest_first(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 3)
    market.trade("bob", "alice", 2, MARK_TICKS + 1)

    answer = await call("market_getTrades", instrument=BTC_PERP)

    assert [("2", str(MARK_TICKS + 1), BOB), ("3", str(MARK_TICKS), ALICE)] == [
        (item["size_lots"], item["price_ticks"], item["buyer"]) for item in answer["items"]
    ]
    assert [2, 1] == [item["trade_id"] for item in answer["items"]]
    assert {"buyer"} == {item["taker_side"] for item in answer["items"]}
    newest = answer["items"][0]
    assert (str(market.rooms.world.head.header.height), market.rooms.world.head.header.time_ms) == (
        newest["height"],
        newest["time_ms"],
    )


async def test_pages_of_trades_together_are_all_of_them(market: Market, call: Caller) -> None:
    for lots in (1, 2, 3):
        market.trade("alice", "bob", lots)

    found, cursor = [], None
    while True:
        page = await call("market_getTrades", instrument=BTC_PERP, limit=1, cursor=cursor)
        found += [item["size_lots"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert ["3", "2", "1"] == found


async def test_another_market_has_none_of_them(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 3)

    assert [] == (await call("market_getTrades", instrument="ETH-PERP"))["items"]


async def test_a_cursor_beyond_what_was_told_is_refused(market: Market, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("market_getTrades", instrument=BTC_PERP, cursor="999999")

    assert -32602 == refused.value.code
