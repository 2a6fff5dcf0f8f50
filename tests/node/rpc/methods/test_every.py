"""Which chain serves which methods. Criteria: RPC-040, RPC-042, RPC-105 of docs/specs/rpc.md."""

import sys

import pytest

from node.rpc.method import Caller as AskedBy
from node.rpc.method import Method
from node.rpc.methods.every import ALWAYS, methods_for
from tests.node.rpc.conftest import Caller, Rooms

PROMISED = {
    "chain_getStatus", "chain_getBlock", "chain_getAuthorities", "chain_getProof", "tx_describe",
    "tx_build", "tx_submit", "tx_submitMany", "tx_submitAndWait", "tx_simulate", "tx_getStatus",
    "tx_explain",
    "ledger_getBalances", "state_get", "state_scan", "query_call", "node_getPeers",
    "node_explainStall", "subscribe", "unsubscribe", "rpc.discover", "events_list",
    "account_get", "account_getMargin", "account_getHistory", "position_list", "order_list",
    "market_list", "market_getBook", "market_getTrades", "market_getCandles", "market_getFunding",
    "market_getSurface", "oracle_getFeeds", "oracle_submitReport", "clearing_getFund",
    "clearing_listLiquidations", "event_explain", "risk_whatIf", "risk_getScenarios",
    "risk_getGreeks", "risk_getSeries",
}  # fmt: skip
VIRTUAL = {"dev_mine", "dev_advanceTime", "dev_snapshot", "dev_revert"}
ANYWHERE = {"dev_faucet", "dev_setPrice"}


def names(kind: str, *, has_controls: bool = True) -> set[str]:
    return {method.name for method in methods_for(kind, has_controls=has_controls)}


def test_every_promised_method_is_always_there() -> None:
    assert PROMISED <= names("live")


@pytest.mark.parametrize(
    ("kind", "own"),
    [("live", set()), ("dev", VIRTUAL | ANYWHERE), ("devnet", {"dev_isolate"} | ANYWHERE)],
)
def test_controls_are_there_only_where_they_work(kind: str, own: set[str]) -> None:
    assert own == {name for name in names(kind) if name.startswith("dev_")}


def test_without_controls_there_are_none() -> None:
    assert names("live") == names("dev", has_controls=False)


def test_every_method_that_is_declared_is_served_somewhere() -> None:
    declared = {
        one.name
        for path, module in sys.modules.items()
        if path.startswith("node.rpc.")
        for one in vars(module).values()
        if isinstance(one, Method)
    }

    assert declared == names("live") | names("dev") | names("devnet")


def test_no_name_is_declared_twice() -> None:
    assert len(ALWAYS) == len({method.name for method in ALWAYS})


async def test_everything_served_is_described_and_nothing_else(rooms: Rooms, call: Caller) -> None:
    described = await call("rpc.discover")

    assert [method.name for method in call.dispatcher.methods_for(call.me)] == [
        method["name"] for method in described["methods"]
    ]


async def test_what_is_for_this_machine_alone_is_not_advertised(rooms: Rooms, call: Caller) -> None:
    away = Caller(call.dispatcher, AskedBy("192.0.2.1", loopback=False))

    described = await away("rpc.discover")

    assert not [one for one in described["methods"] if one["name"].startswith("dev_")]
