"""Synthetics. Criteria: CLI-078 and CLI-079 of docs/specs/cli.md."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.node.cli.commands.trading.conftest import ALICE, HEAD, MARKET

Run = Callable[..., Any]
GOLD = {
    **MARKET,
    "instrument": "sGOLD",
    "kind": "synthetic",
    "tick_size": "0.01",
    "lot_size": "0.0001",
}
STANDING = {
    "instrument": "sGOLD",
    "asset": "sGOLD",
    "underlying": "GOLD",
    "quote": "USD",
    "supply_lots": "25000",
    "supply_cap_lots": "125000000",
    "hour_minted_lots": "0",
    "mint_hour_cap_lots": "12500000",
    "index_value_quantums": "400050",
    "mint_fee_ppm": 1_000,
    "collateral_ratio_ppm": 1_206_250,
    "haircut_ppm": 250_000,
    "delay_ms": 2_000,
    "size_min_lots": "100",
    "pending_lots": "5000",
    "requests_count": 2,
    "is_priced": True,
}
WAITING = {
    "instrument": "sGOLD",
    "request_id": 7,
    "kind": "redeem",
    "signer": ALICE,
    "account": None,
    "size_lots": "5000",
    "asked_ms": 3,
    "due_ms": 2_003,
}
ASKED = [
    {
        "name": "synthetics.synthetic_requested",
        "request_id": 9,
        "size_lots": "5000",
        "due_ms": 2_500,
    }
]


def _served(traded: Run, **answers: Any) -> Any:
    return traded(ASKED, market_list={"items": [GOLD], **HEAD}, **answers)


def test_synthetics_are_listed_in_units_and_per_cent(novation: Run, traded: Run) -> None:
    usd = {"value": {"decimals": 6}, **HEAD}
    node = _served(traded, synthetic_list={"items": [STANDING], **HEAD}, state_get=usd)

    said = novation("synthetic", "list", "--rpc", node.url)

    assert 0 == said.code, said.err
    for words in ("4,000.50 USD", "2.5 of 12,500", "120.625 %", "0.1 %", "0.5 in 2 requests"):
        assert words in said.out


@pytest.mark.parametrize(("due_ms", "words"), [(2_005, "in 2000 ms"), (5, "at the next price")])
def test_what_waits_says_when_it_is_due(
    novation: Run, traded: Run, due_ms: int, words: str
) -> None:
    waiting = {"items": [{**WAITING, "due_ms": due_ms}], **HEAD}
    node = _served(traded, synthetic_listRequests=waiting)

    said = novation("synthetic", "requests", "alice", "--rpc", node.url)

    assert words in said.out
    assert ALICE == node.asked("synthetic_listRequests")[0]["signer"]


def test_nothing_that_waits_is_said_in_a_line(novation: Run, traded: Run) -> None:
    node = _served(traded, synthetic_listRequests={"items": [], **HEAD})

    assert "nothing waits at height 9" in novation("synthetic", "requests", "--rpc", node.url).out


@pytest.mark.parametrize(("verb", "account"), [("mint", True), ("burn", True), ("redeem", False)])
def test_sizes_are_units_and_the_account_is_that_of_from(
    novation: Run, traded: Run, verb: str, account: bool
) -> None:
    node = _served(traded)

    said = novation("synthetic", verb, "sGOLD", "0.5", "--from", "alice/1", "--rpc", node.url)

    assert 0 == said.code, said.err
    asked = node.asked("tx_build")[0]
    expected = {"instrument": "sGOLD", "size_lots": "5000"}
    assert expected | ({"account_holder": f"{ALICE}/1"} if account else {}) == asked["fields"]
    assert f"synthetics.{verb}" == asked["kind"]
    assert (
        "request 9: 0.5 sGOLD, filled at the first price observed after 1970-01-01 00:00:02"
        in said.out
    )


def test_less_than_a_lot_is_no_size(novation: Run, traded: Run) -> None:
    said = novation(
        "synthetic", "mint", "sGOLD", "0.00005", "--from", "alice", "--rpc", _served(traded).url
    )

    assert 2 == said.code
    assert "0.0001" in said.err
