"""What happened to an account. Criterion: RPC-122 of docs/specs/rpc.md."""

import pytest

from chain.crypto.addresses import text_of
from tests import given
from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import MARK_TICKS, USD, Market

ALICE, FRANK = (text_of(given.address(name)) for name in ("alice", "frank"))


async def test_an_account_is_told_what_changed_its_money(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 3)

    items = (await call("account_getHistory", account=ALICE))["items"]

    names = [item["event"]["name"] for item in items]
    expected = ["trades.traded", "accounts.collateral_deposited", "accounts.account_opened"]
    assert expected == names
    assert sorted((int(item["seq"]) for item in items), reverse=True) == [
        int(item["seq"]) for item in items
    ]


async def test_both_sides_of_a_trade_are_told_of_it(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 3)

    ours, theirs = [
        (await call("account_getHistory", account=text_of(given.address(name)), limit=1))["items"]
        for name in ("alice", "bob")
    ]

    assert ours == theirs


async def test_a_keeper_is_told_of_what_it_took(market: Market, call: Caller) -> None:
    market.deposit("carol", 4_000 * USD)
    market.trade("carol", "bob", 1_000, MARK_TICKS)
    market.move(61_300)
    market.take("alice", "carol", 2)

    items = (await call("account_getHistory", account=ALICE))["items"]

    assert 2 == sum(item["event"]["name"] == "liquidation.slice_taken" for item in items)


async def test_an_account_that_is_not_open_is_refused(market: Market, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("account_getHistory", account=FRANK)

    assert "lookup.account_unknown" == refused.value.reason
