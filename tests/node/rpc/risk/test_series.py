"""How an account stood. Criterion: RPC-133 of docs/specs/rpc.md."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from chain.crypto.addresses import text_of
from node.rpc.risk.series import spread
from tests import given
from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import USD, Market

CAROL = text_of(given.address("carol"))


async def test_a_fall_is_told_block_by_block(market: Market, call: Caller) -> None:
    market.deposit("carol", 4_000 * USD)
    market.trade("carol", "bob", 1_000)
    first = int(market.rooms.world.head.header.height)
    market.move(61_300)

    items = (await call("risk_getSeries", account=CAROL, from_height=first))["items"]

    assert [str(first + place) for place in range(len(items))] == [one["height"] for one in items]
    now = await call("account_getMargin", account=CAROL)
    assert now["equity_quantums"] == items[-1]["equity_quantums"]
    assert (False, True) == (items[0]["flagged"], items[-1]["flagged"])
    assert int(items[-1]["equity_quantums"]) < int(items[-1]["maintenance_margin_quantums"])


async def test_blocks_before_the_account_was_opened_are_left_out(
    market: Market, call: Caller
) -> None:
    market.deposit("carol", 4_000 * USD)
    opened = market.rooms.world.head.header.height

    items = (await call("risk_getSeries", account=CAROL, from_height=0))["items"]

    assert [str(opened)] == [one["height"] for one in items]


async def test_a_range_that_runs_backwards_is_refused(market: Market, call: Caller) -> None:
    market.deposit("carol", 4_000 * USD)

    with pytest.raises(Refusal) as refused:
        await call("risk_getSeries", account=CAROL, from_height=5, to_height=4)

    assert -32602 == refused.value.code


async def test_a_block_that_there_is_not_yet_is_refused(market: Market, call: Caller) -> None:
    market.deposit("carol", 4_000 * USD)

    with pytest.raises(Refusal) as refused:
        await call("risk_getSeries", account=CAROL, to_height=10**6, from_height=10**6)

    assert "node.height_ahead" == refused.value.reason


@for_all(st.integers(0, 10**6), st.integers(0, 5_000), st.integers(2, 200))
def test_heights_are_spread_from_the_first_to_the_last(first: int, span: int, count: int) -> None:
    found = spread(first, first + span, count)

    assert (first, first + span) == (found[0], found[-1])
    assert found == sorted(set(found))
    assert len(found) == min(span + 1, count)
