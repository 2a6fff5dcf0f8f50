"""One account. Criterion: RPC-116 of docs/specs/rpc.md."""

import pytest

from chain.crypto.addresses import text_of
from chain.modules.ledger.state import BALANCES, Balance
from derivatives.accounts.state import ACCOUNTS, CUSTODY, Custody
from derivatives.insurance.shortfall import owe
from derivatives.margin.transactions import WithdrawCollateral
from node.rpc.methods.trading.accounts import free_quantums
from tests import given
from tests.given_insurance import Insured
from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import USD, Market

ALICE = text_of(given.address("alice"))


async def test_an_account_without_positions_has_all_of_its_cash_free(
    market: Market, call: Caller
) -> None:
    answer = await call("account_get", account=ALICE)

    assert (ALICE + "/0", ALICE, 0, "main") == tuple(
        answer[name] for name in ("account", "owner", "number", "compartment")
    )
    assert ("cross", "standard", "healthy") == tuple(
        answer[name] for name in ("mode", "schedule", "state")
    )
    assert str(100_000 * USD) == answer["equity_quantums"] == answer["free_quantums"]
    assert ("0", "0") == (
        answer["initial_margin_quantums"],
        answer["maintenance_margin_quantums"],
    )
    assert [
        {
            "asset": "USD",
            "amount_quantums": str(100_000 * USD),
            "value_quantums": str(100_000 * USD),
            "haircut_ppm": 0,
        }
    ] == answer["collateral"]


async def test_collateral_is_valued_and_its_haircut_is_margin(market: Market, call: Caller) -> None:
    market.deposit("alice", 10**8, "BTC")

    answer = await call("account_get", account=ALICE)

    values = {item["asset"]: item["value_quantums"] for item in answer["collateral"]}
    assert {"BTC": str(64_000 * USD), "USD": str(100_000 * USD)} == values
    assert str(164_000 * USD) == answer["equity_quantums"]
    assert int(answer["maintenance_margin_quantums"]) >= 6_400 * USD


async def test_what_is_free_can_be_withdrawn_and_not_a_quantum_more(
    market: Market, call: Caller
) -> None:
    market.trade("alice", "bob", 10_000)
    free = int((await call("account_get", account=ALICE))["free_quantums"])
    account = given.holder("alice/0")

    market.send("alice", WithdrawCollateral(account, "USD", free + 1))
    beyond = market.receipt()
    market.send("alice", WithdrawCollateral(account, "USD", free))
    whole = market.receipt()

    assert (False, True) == (beyond.ok, whole.ok)
    assert "0" == (await call("account_get", account=ALICE))["free_quantums"]


def test_no_more_is_free_than_the_share_of_who_waits_for_a_debt() -> None:
    # INS-056: 1,000 in two accounts, of which the insurance fund has lost 250
    market = Insured(1)
    for name, usd in (("alice", 600), ("bob", 400)):
        market.deposit(name, usd * USD)
    market.block(3_600_000)
    account = given.holder("alice/0")
    free = []
    for _ in range(2):
        record = market.state.get(ACCOUNTS, account)
        assert record is not None
        free.append(free_quantums(market.state, account, record, market.health("alice")))
        owe(market.block_context(), "main", 1)
        market.state.put(CUSTODY, ("main", "USD"), Custody(750 * USD))
        market.state.put(BALANCES, ("insurance/main", "USD"), Balance(-250 * USD))

    assert [600 * USD, 450 * USD] == free


async def test_parts_of_margin_add_up_to_it(market: Market, call: Caller) -> None:
    market.deposit("alice", 10**8, "BTC")
    market.trade("alice", "bob", 3_000)
    market.order("alice", 1, 500, 127_000)

    answer = await call("account_getMargin", account=ALICE)
    account = await call("account_get", account=ALICE)

    for kind in ("initial", "maintenance"):
        total = sum(int(part[f"{kind}_quantums"]) for part in answer["parts"])
        assert total == int(answer[f"{kind}_margin_quantums"])
        assert answer[f"{kind}_margin_quantums"] == account[f"{kind}_margin_quantums"]
    excess = int(answer["equity_quantums"]) - int(answer["initial_margin_quantums"])
    assert str(excess) == answer["excess_quantums"]
    assert all(int(part["initial_quantums"]) >= 0 for part in answer["parts"])


async def test_the_worst_scenario_of_a_long_is_the_deepest_fall(
    market: Market, call: Caller
) -> None:
    market.trade("alice", "bob", 1_000)

    long = (await call("account_getMargin", account=ALICE))["worst"]
    short = (await call("account_getMargin", account=text_of(given.address("bob"))))["worst"]

    assert ("BTC", -40_000, 0) == tuple(
        long[name] for name in ("underlying", "price_move_ppm", "volatility_move_ppm")
    )
    assert 40_000 == short["price_move_ppm"]
    # Four per cent of one bitcoin, and the bracket of two quantums a lot.
    assert str(2_560 * USD + 2_000) == long["loss_quantums"]


async def test_nothing_held_has_no_worst_scenario(market: Market, call: Caller) -> None:
    assert None is (await call("account_getMargin", account=ALICE))["worst"]


@pytest.mark.parametrize("name", ["account_get", "account_getMargin"])
async def test_an_account_that_is_not_open_is_not_found(
    market: Market, call: Caller, name: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await call(name, account=ALICE + "/9")

    assert "lookup.account_unknown" == refused.value.reason
