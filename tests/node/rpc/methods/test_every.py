"""Which chain serves which methods. Criteria: RPC-040, RPC-105 of docs/specs/rpc.md."""

import pytest

from node.rpc.methods.every import ALWAYS, methods_for

PROMISED = {
    "chain_getStatus", "chain_getBlock", "chain_getAuthorities", "chain_getProof", "tx_describe",
    "tx_build", "tx_submit", "tx_submitAndWait", "tx_simulate", "tx_getStatus", "tx_explain",
    "ledger_getBalances", "state_get", "state_scan", "query_call", "node_getPeers",
    "node_explainStall", "subscribe", "unsubscribe", "rpc.discover", "events_list",
}  # fmt: skip
VIRTUAL = {"dev_faucet", "dev_mine", "dev_advanceTime", "dev_snapshot", "dev_revert"}


def names(kind: str, *, has_controls: bool = True) -> set[str]:
    return {method.name for method in methods_for(kind, has_controls=has_controls)}


def test_every_promised_method_is_always_there() -> None:
    assert PROMISED <= names("live")


@pytest.mark.parametrize(
    ("kind", "own"),
    [("live", set()), ("dev", VIRTUAL), ("devnet", {"dev_faucet", "dev_isolate"})],
)
def test_controls_are_there_only_where_they_work(kind: str, own: set[str]) -> None:
    assert own == {name for name in names(kind) if name.startswith("dev_")}


def test_without_controls_there_are_none() -> None:
    assert names("live") == names("dev", has_controls=False)


def test_no_name_is_declared_twice() -> None:
    assert len(ALWAYS) == len({method.name for method in ALWAYS})
