"""The funds of the house, for people. Criterion: CLI-080 of docs/specs/cli.md."""

from collections.abc import Callable
from typing import Any

from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]
FUND = {
    "compartment": "main",
    "settlement_asset": "USD",
    "insurance_quantums": "8000000000",
    "default_fund_quantums": "500000000",
    "layers": [
        {"name": "insurance", "quantums": "2000000000", "rule": "INS-014"},
        {"name": "default_fund", "quantums": "500000000", "rule": "INS-015"},
    ],
    "insurance_limit_quantums": "2000000000",
    "debt_quantums": "0",
    "short_since_ms": None,
    "closing": None,
    "height": "9",
    "time_ms": 10_000,
    "finalized": True,
}
CLOSING = {
    "taken_over_ms": 5_000,
    "tear_up_ms": 65_000,
    "budget_quantums": "80000000",
    "solvency_quantums": "0",
    "positions": [{"instrument": "BTC-PERP", "size_lots": "-1500"}],
}
MARKETS = {
    "items": [{"instrument": "BTC-PERP", "quote": "USD", "tick_size": "0.5", "lot_size": "0.001"}],
    "next_cursor": None,
}
USD = {"value": {"decimals": 6}}


def test_a_fund_is_told_in_whole_units(novation: Run, serve: Serve) -> None:
    node = serve(clearing_getFund=FUND, state_get=USD)

    said = novation("clearing", "fund", "--rpc", node.url)

    assert 0 == said.code, said.err
    assert [
        "main at height 9",
        "  insurance                8,000.00 USD",
        "  of it payable this hour  2,000.00 USD",
        "  default fund             500.00 USD",
        "  owed                     0.00 USD",
    ] == said.out.splitlines()


def test_a_fund_says_what_it_still_closes(novation: Run, serve: Serve) -> None:
    node = serve(clearing_getFund={**FUND, "closing": CLOSING}, state_get=USD, market_list=MARKETS)

    said = novation("clearing", "fund", "--rpc", node.url)

    assert [
        "  the default account holds -1.5 BTC-PERP",
        "  what is open is torn up in 55.0 s; until then slices may cost 80.00 USD",
    ] == said.out.splitlines()[-2:]


def test_the_waterfall_names_who_pays_in_order_with_the_rule(novation: Run, serve: Serve) -> None:
    node = serve(clearing_getFund={**FUND, "debt_quantums": "7000000"}, state_get=USD)

    said = novation("clearing", "waterfall", "--rpc", node.url)

    rows = [line.split() for line in said.out.splitlines()[2:]]
    assert [["1", "INS-014"], ["2", "INS-015"], ["3", "INS-020"], ["4", "INS-030"]] == [
        [row[0], row[-1]] for row in rows[:4]
    ]
    assert "7.00 USD are owed" in said.out


def test_a_fund_as_json_is_what_the_node_says(novation: Run, serve: Serve) -> None:
    said = novation(
        "clearing", "fund", "--json", "--rpc", serve(clearing_getFund=FUND, state_get=USD).url
    )

    assert FUND == said.document["data"]


LIQUIDATION = {
    "kind": "slice",
    "account": "nov1someone/0",
    "height": "8",
    "time_ms": 1_000,
    "equity_quantums": "1280800000",
    "closes": [{"instrument": "BTC-PERP", "size_lots": "-100"}],
    "collateral": [{"asset": "USD", "amount_quantums": "7000000"}],
    "keeper": None,
    "reward_quantums": "14000000",
    "insurance_quantums": "729200",
    "positions_count": 1,
}


def test_liquidations_are_told_a_slice_a_line(novation: Run, serve: Serve) -> None:
    takeover = {**LIQUIDATION, "kind": "takeover", "closes": [], "collateral": []}
    items = [takeover, {**LIQUIDATION, "keeper": "nov1keeper/2"}, LIQUIDATION]
    node = serve(
        clearing_listLiquidations={"items": items, "next_cursor": "9", "height": "9"},
        clearing_getFund=FUND,
        state_get=USD,
        market_list=MARKETS,
    )

    said = novation("clearing", "liquidations", "--rpc", node.url)

    over, kept, booked = said.out.splitlines()[2:5]
    assert "all, 1 position" in over
    assert "the house" in over
    assert "nov1keeper/2" in kept
    assert "0.1 BTC-PERP, 7.00 USD" in booked
    assert "the book" in booked
    assert "14.7292 USD" in booked
    assert "older: --cursor 9" in said.out
