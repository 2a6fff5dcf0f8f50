"""Margin number by number. Criterion: RPC-134 of docs/specs/rpc.md."""

import re
from pathlib import Path
from typing import Any

import pytest

from chain.crypto.addresses import text_of
from derivatives.margin.transactions import SetSchedule
from tests import given
from tests.node.rpc.conftest import Caller
from tests.node.rpc.methods.conftest import E8, MARK_TICKS, Market

ALICE = text_of(given.address("alice"))
SPECS = Path(__file__).resolve().parents[4] / "docs" / "specs"


def total(answer: dict[str, Any], name: str) -> int:
    return sum(int(line["quantums"]) for line in answer["lines"] if line["sum"] == name)


@pytest.mark.parametrize("lots", [1_000, -700])
async def test_lines_add_up_to_equity_and_both_requirements(
    market: Market, call: Caller, lots: int
) -> None:
    market.deposit("alice", E8, "BTC")
    buyer, seller = ("alice", "bob") if lots > 0 else ("bob", "alice")
    market.trade(buyer, seller, abs(lots))
    market.order("alice", 1, 300, MARK_TICKS - 50)

    answer = await call("account_getMargin", account=ALICE)

    assert int(answer["equity_quantums"]) == total(answer, "equity")
    assert int(answer["initial_margin_quantums"]) == total(answer, "initial")
    assert int(answer["maintenance_margin_quantums"]) == total(answer, "maintenance")
    scaled = {line["name"]: int(line["quantums"]) for line in answer["lines"]}
    assert -(-total(answer, "open_risk") * 5 // 4) == scaled["open_risk_scaled"]
    assert -(-total(answer, "risk") * 4 // 5) == scaled["risk_scaled"]
    assert scaled["resting_orders"] > 0


async def test_the_worked_example_of_the_rules_is_told_so(market: Market, call: Caller) -> None:
    market.trade("alice", "bob", 1_000)

    lines = (await call("account_getMargin", account=ALICE))["lines"]

    # MARG-049: scan 2,560.002, basis 320, maintenance 2,304.0016 + 19.20.
    found = {(line["sum"], line["name"], line["of"]): line["quantums"] for line in lines}
    assert "2560002000" == found["risk", "scan", "BTC"]
    assert "320000000" == found["risk", "basis", "BTC"]
    assert "2304001600" == found["maintenance", "risk_scaled", "800000 ppm"]
    assert "19200000" == found["maintenance", "exit_fees", "BTC-PERP"]


async def test_what_families_offset_is_a_line_of_its_own(market: Market, call: Caller) -> None:
    market.deposit("alice", 100 * E8, "ETH")
    market.send("alice", SetSchedule(given.holder("alice/0"), "portfolio"))
    market.trade("bob", "alice", 1_000)

    answer = await call("account_getMargin", account=ALICE)

    scaled = {line["name"]: int(line["quantums"]) for line in answer["lines"]}
    assert scaled["offset"] < 0
    assert -(-total(answer, "risk") * 4 // 5) == scaled["risk_scaled"]


async def test_every_rule_that_is_named_is_written(market: Market, call: Caller) -> None:
    market.deposit("alice", E8, "BTC")
    market.trade("alice", "bob", 1_000)
    written = "".join(page.read_text() for page in SPECS.glob("*.md"))

    answer = await call("account_getMargin", account=ALICE)

    codes = {code for line in answer["lines"] for code in re.findall(r"[A-Z]+-\d+", line["rule"])}
    assert codes
    assert [] == [code for code in sorted(codes) if f"| {code} |" not in written]
