"""How an account stands after a transaction. Criterion: RPC-130 of docs/specs/rpc.md."""

from base64 import b64encode
from typing import Any

import pytest

from chain.crypto.addresses import text_of
from derivatives.accounts.transactions import Deposit
from derivatives.margin.risk import Health
from node.rpc.risk.standing import state_of
from tests import given
from tests.node.rpc.conftest import Caller
from tests.node.rpc.methods.conftest import MARK_TICKS, USD, Market

ALICE, FRANK = (text_of(given.address(name)) for name in ("alice", "frank"))


async def tried(market: Market, call: Caller, name: str, payload: Any, **more: Any) -> Any:
    data = market.rooms.world.bytes_of(name, payload)
    return await call("tx_simulate", tx=b64encode(data).decode(), **more)


async def test_an_order_says_how_the_account_would_stand(market: Market, call: Caller) -> None:
    market.order("bob", 2, 500, MARK_TICKS)
    payload = market.placing("alice", 1, 500, MARK_TICKS)
    margin_before = await call("account_getMargin", account=ALICE)

    change = (await tried(market, call, "alice", payload, account=ALICE))["change"]
    market.send("alice", payload)

    after = await call("account_getMargin", account=ALICE)
    assert ALICE + "/0" == change["account"]
    assert margin_before["equity_quantums"] == change["before"]["equity_quantums"]
    assert after["initial_margin_quantums"] == change["after"]["initial_margin_quantums"]
    assert ["500"] == [one["size_lots"] for one in change["after"]["positions"]]


async def test_an_account_that_is_opened_by_it_has_no_before(market: Market, call: Caller) -> None:
    payload = Deposit(given.holder("frank/0"), "USD", 5 * USD)

    change = (await tried(market, call, "frank", payload, account=FRANK))["change"]

    assert change["before"] is None
    assert str(5 * USD) == change["after"]["equity_quantums"]


async def test_a_refused_order_changes_nothing(market: Market, call: Caller) -> None:
    payload = market.placing("alice", 1, 10**6, MARK_TICKS)

    answer = await tried(market, call, "alice", payload, account=ALICE)

    assert not answer["ok"]
    assert answer["change"]["before"] == answer["change"]["after"]


async def test_without_an_account_nothing_is_said_of_one(market: Market, call: Caller) -> None:
    payload = Deposit(given.holder("alice/0"), "USD", 5)

    assert (await tried(market, call, "alice", payload))["change"] is None


@pytest.mark.parametrize(
    ("equity", "solvency", "state"),
    [(10, 10, "healthy"), (9, 9, "warning"), (4, 4, "liquidatable"), (4, -1, "insolvent")],
)
def test_a_word_for_each_standing(equity: int, solvency: int, state: str) -> None:
    found = Health(0, equity, 0, solvency, 0, 0, 0, 0, 0, 10, 5, 0)

    assert state == state_of(found)
