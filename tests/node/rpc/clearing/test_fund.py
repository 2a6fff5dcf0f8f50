"""What pays for losses. Criterion: RPC-120 of docs/specs/rpc.md."""

import pytest

from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import MARK_TICKS, USD, Market


async def test_a_fund_says_what_each_layer_pays_in_order(market: Market, call: Caller) -> None:
    answer = await call("clearing_getFund")

    assert ["insurance", "default_fund"] == [layer["name"] for layer in answer["layers"]]
    assert ("main", "USD", "0", None, None) == tuple(
        answer[name]
        for name in (
            "compartment",
            "settlement_asset",
            "debt_quantums",
            "short_since_ms",
            "closing",
        )
    )


async def test_an_unknown_compartment_is_refused_with_the_nearest(
    market: Market, call: Caller
) -> None:
    with pytest.raises(Refusal) as refused:
        await call("clearing_getFund", compartment="mian")

    assert "lookup.compartment_unknown" == refused.value.reason
    assert "main" == refused.value.facts["did_you_mean"]


async def test_a_default_account_shows_what_it_closes_until_when(
    market: Market, call: Caller
) -> None:
    market.deposit("carol", 4_000 * USD)
    market.trade("carol", "bob", 1_000, MARK_TICKS)

    market.move(45_000)
    closing = (await call("clearing_getFund"))["closing"]

    assert [{"instrument": "BTC-PERP", "size_lots": "1000"}] == closing["positions"]
    assert 60_000 == closing["tear_up_ms"] - closing["taken_over_ms"]
