"""What would be. Criterion: RPC-131 of docs/specs/rpc.md."""

from typing import Any

import pytest

from chain.crypto.addresses import text_of
from tests import given
from tests.node.rpc.clearing.test_chains import CALL, PUT, smiling
from tests.node.rpc.conftest import Caller, Refusal
from tests.node.rpc.methods.conftest import BTC_PERP, E8, MARK_TICKS, USD, Market

__all__ = ["smiling"]

ALICE, BOB = (text_of(given.address(name)) for name in ("alice", "bob"))
MARGINS = (
    "equity_quantums",
    "initial_margin_quantums",
    "maintenance_margin_quantums",
    "excess_quantums",
)


def leg(lots: int, instrument: str = BTC_PERP) -> dict[str, str]:
    return {"instrument": instrument, "size_lots": str(lots)}


def margins(answer: dict[str, Any]) -> list[str]:
    return [answer[name] for name in MARGINS]


@pytest.mark.parametrize("lots", [700, -300, -1_200])
async def test_what_a_trade_would_come_to_is_what_it_comes_to(
    market: Market, call: Caller, lots: int
) -> None:
    market.trade("alice", "bob", 500)

    foreseen = await call("risk_whatIf", account=ALICE, legs=[leg(lots)])
    market.order("bob", 2 if lots > 0 else 1, abs(lots), MARK_TICKS)
    market.order("alice", 1 if lots > 0 else 2, abs(lots), MARK_TICKS)

    found = await call("account_getMargin", account=ALICE)
    assert margins(found) == margins(foreseen["after"])
    (held,) = foreseen["after"]["positions"]
    (real,) = (await call("position_list", account=ALICE))["items"]
    assert (real["size_lots"], real["liquidation_price_ticks"]) == (
        held["size_lots"],
        held["liquidation_price_ticks"],
    )


async def test_a_move_takes_what_delta_says(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 1_000)
    moves = [{"underlying": "BTC", "price_move_ppm": -50_000}]

    answer = await call("risk_whatIf", account=ALICE, moves=moves)

    lost = int(answer["before"]["equity_quantums"]) - int(answer["after"]["equity_quantums"])
    assert 64_000 * USD // 20 == lost
    assert "0" == answer["fee_quantums"]


async def test_a_far_move_is_called_by_its_name(market: Market, call: Caller) -> None:
    market.deposit("carol", 4_000 * USD)
    market.trade("carol", "bob", 1_000)
    carol = text_of(given.address("carol"))

    states = [
        (
            await call(
                "risk_whatIf",
                account=carol,
                moves=[{"underlying": "BTC", "price_move_ppm": ppm}],
            )
        )["after"]["state"]
        for ppm in (0, -20_000, -40_000, -200_000)
    ]

    assert ["healthy", "warning", "liquidatable", "insolvent"] == states


async def test_an_account_without_anything_is_what_its_first_trade_makes_it(
    market: Market, call: Caller
) -> None:
    answer = await call("risk_whatIf", account=BOB, legs=[leg(-250)])

    assert [] == answer["before"]["positions"]
    assert ["-250"] == [one["size_lots"] for one in answer["after"]["positions"]]
    # 3 bp of 16,000 USD
    assert str(4_800_000) == answer["fee_quantums"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"legs": [leg(1, "BTC-PREP")]}, 1208),
        ({"moves": [{"underlying": "DOGE", "price_move_ppm": 1}]}, -32602),
        ({"moves": [{"underlying": "BTC", "price_move_ppm": -1_000_000}]}, -32602),
        ({"legs": [{"instrument": BTC_PERP, "size_lots": "1.5"}]}, -32602),
        ({"moves": [{"underlying": "BTC", "volatility_move_ppm": 5}]}, -32602),
    ],
)
async def test_what_cannot_be_is_refused(
    market: Market, call: Caller, asked: dict[str, Any], code: int
) -> None:
    with pytest.raises(Refusal) as refused:
        await call("risk_whatIf", account=ALICE, **asked)

    assert code == refused.value.code


async def test_nothing_is_changed_by_asking(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 500)
    before = await call("account_getMargin", account=ALICE)

    await call("risk_whatIf", account=ALICE, legs=[leg(9_000)], moves=[])

    assert before == await call("account_getMargin", account=ALICE)
    assert 64_000 * E8 == market.rooms.world.prices_e8["BTC"]


async def test_options_are_valued_and_shocked_anew(smiling: Market, call: Caller) -> None:
    legs = [leg(10, CALL), leg(-10, PUT)]

    async def equity(**move: int) -> tuple[int, int]:
        moves = [{"underlying": "BTC", **move}]
        answer = await call("risk_whatIf", account=ALICE, legs=legs, moves=moves)
        after = answer["after"]
        return int(after["equity_quantums"]), int(after["initial_margin_quantums"])

    still, margin = await equity(price_move_ppm=0)
    up, margin_up = await equity(price_move_ppm=100_000)
    wild, _ = await equity(volatility_move_ppm=500_000)

    # A call less a put moves like its forward, to the tick, and volatility is in both alike.
    assert abs(up - still - 10 * 64_000 * USD // 10_000) <= 2 * 10 * 500
    assert abs(wild - still) <= 2 * 10 * 500
    assert margin_up > margin


async def test_what_is_long_of_volatility_gains_by_it(smiling: Market, call: Caller) -> None:
    moves = [{"underlying": "BTC", "volatility_move_ppm": 100_000}]

    answer = await call("risk_whatIf", account=ALICE, legs=[leg(10, CALL)], moves=moves)
    chain = await call("market_getChain", underlying="BTC")

    vega = int(chain["strikes"][1]["call"]["vega_quantums"])
    gained = int(answer["after"]["equity_quantums"]) - int(answer["before"]["equity_quantums"])
    # A tenth of 60 % on ten lots, less the fee.
    expected = 10 * vega * 6 // 100 - int(answer["fee_quantums"])
    assert abs(gained - expected) < expected // 100
