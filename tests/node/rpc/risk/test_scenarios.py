"""Scenarios and sensitivities. Criterion: RPC-132 of docs/specs/rpc.md."""

from chain.crypto.addresses import text_of
from tests import given
from tests.node.rpc.conftest import Caller
from tests.node.rpc.methods.conftest import E8, USD, Market

ALICE = text_of(given.address("alice"))


async def test_the_worst_scenario_is_the_scan_of_margin(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 1_000)

    (btc,) = (await call("risk_getScenarios", account=ALICE))["items"]

    # MARG-049: 2,560 and the bracket.
    assert ("BTC", "2560002000") == (btc["underlying"], btc["scan_quantums"])
    (worst,) = [one for one in btc["scenarios"] if one["worst"]]
    assert (-40_000, "2560002000") == (worst["price_move_ppm"], worst["loss_quantums"])
    assert any(int(one["loss_quantums"]) < 0 for one in btc["scenarios"])


async def test_delta_is_what_the_account_gains_while_the_price_doubles(
    market: Market, call: Caller
) -> None:
    market.trade("alice", "bob", 1_000)
    market.deposit("alice", E8, "BTC")

    (btc,) = (await call("risk_getGreeks", account=ALICE))["items"]

    assert str(128_000 * USD) == btc["delta_quantums"]
    assert str(64_000 * USD) == btc["positions_delta_quantums"]


async def test_an_account_without_risk_has_no_underlying(market: Market, call: Caller) -> None:
    assert [] == (await call("risk_getScenarios", account=ALICE))["items"]
    assert [] == (await call("risk_getGreeks", account=ALICE))["items"]


async def test_perpetuals_have_a_delta_and_no_other_greek(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 1_000)

    (btc,) = (await call("risk_getGreeks", account=ALICE))["items"]

    assert ("0", "0", "0") == (btc["gamma_quantums"], btc["vega_quantums"], btc["theta_quantums"])
