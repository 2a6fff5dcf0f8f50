"""Both sides of a book. Criterion: RPC-115 of docs/specs/rpc.md."""

import pytest

from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import BTC_PERP, MARK_TICKS, Market


async def test_a_book_has_its_best_prices_first_with_all_lots_of_each(
    market: Market, call: Caller
) -> None:
    market.order("alice", 1, 5, MARK_TICKS - 2)
    market.order("alice", 1, 7, MARK_TICKS - 1)
    market.order("bob", 1, 4, MARK_TICKS - 1)
    market.order("bob", 2, 9, MARK_TICKS + 3)

    answer = await call("market_getBook", instrument=BTC_PERP)

    assert [["127999", "11"], ["127998", "5"]] == answer["bids"]
    assert [["128003", "9"]] == answer["asks"]
    assert answer["height"] == answer["sequence"]


async def test_depth_bounds_a_side_and_an_earlier_height_answers_as_it_did(
    market: Market, call: Caller
) -> None:
    market.order("alice", 1, 5, MARK_TICKS - 2)
    before = market.rooms.world.head.header.height
    market.order("alice", 1, 7, MARK_TICKS - 1)

    now = await call("market_getBook", instrument=BTC_PERP, depth_count=1)
    then = await call("market_getBook", instrument=BTC_PERP, at=before)

    assert [["127999", "7"]] == now["bids"]
    assert [["127998", "5"]] == then["bids"]


async def test_depth_beyond_the_limit_is_refused(market: Market, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("market_getBook", instrument=BTC_PERP, depth_count=201)

    assert -32602 == refused.value.code
