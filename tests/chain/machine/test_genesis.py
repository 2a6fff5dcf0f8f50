"""MACH-050 to MACH-056."""

import json
from typing import Any

import pytest

from chain.block.block import body_fault
from chain.crypto.digest import ZERO_HASH, tagged
from chain.machine.application import Application
from chain.machine.genesis import Genesis, GenesisFault, genesis_state, load_genesis
from chain.machine.genesis_development import development_genesis, genesis_json
from chain.modules.registry import BASE_MODULES
from chain.modules.system.standing import progress_of

APPLICATION = Application(BASE_MODULES)


def load(document: dict[str, Any]) -> Genesis:
    return load_genesis(APPLICATION, genesis_json(document))


def fault_of(document: object) -> str:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(GenesisFault) as caught:
        load_genesis(APPLICATION, data)
    return str(caught.value)


def changed(**changes: object) -> dict[str, Any]:
    return {**development_genesis(4), **changes}


def with_table(name: str, rows: object) -> dict[str, Any]:
    document = development_genesis(4)
    return {**document, "tables": {**document["tables"], name: rows}}


def test_block_0_is_the_anchor() -> None:
    genesis = load(development_genesis(4))

    tables, block = genesis_state(APPLICATION, genesis)

    header = block.header
    assert (0, 0, 0, 0) == (header.epoch, header.height, header.view, header.proposer)
    assert ZERO_HASH == header.parent_id == header.history_root
    assert tables.root == header.state_root
    assert tagged(b"NOVATION/receipts/1", ZERO_HASH, ZERO_HASH) == header.receipts_root
    assert "" == body_fault(block)
    assert genesis.time_ms == progress_of(tables).time_ms


def test_chain_id_is_of_the_records_and_not_of_the_text() -> None:
    document = development_genesis(4)
    tables = {name: rows[::-1] for name, rows in reversed(document["tables"].items())}
    other_text = json.dumps({**document, "chain_name": "other", "tables": tables}).encode()

    assert load(document).chain_id == load_genesis(APPLICATION, other_text).chain_id


@pytest.mark.parametrize("change", [{"kind": "dev"}, {"time_ms": 1}])
def test_chain_id_covers_kind_and_time(change: dict[str, Any]) -> None:
    assert load(changed()).chain_id != load(changed(**change)).chain_id


def test_genesis_says_who_and_how_fast() -> None:
    genesis = load(development_genesis(4))

    assert ("novation-devnet", "devnet", True) == (
        genesis.chain_name,
        genesis.kind,
        genesis.is_development,
    )
    assert {"auth0", "auth1", "auth2", "auth3"} == {m.name for m in genesis.authorities.members}
    assert (100, 500) == (genesis.parameters.min_block_ms, genesis.parameters.target_block_ms)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "$: no JSON"),
        (b"[]", "$: expected an object"),
        (b"\xff", "$: no JSON"),
        (b'{"kind": 1, "kind": 2}', "$...kind: the same name twice"),
        (b'{"time_ms": 1.0}', "$: 1.0 is a floating-point number"),
        (b'{"time_ms": NaN}', "$: NaN is a floating-point number"),
        (b"[" * 100_000, "$: no JSON"),
        ({}, "$.genesis_version: missing"),
        (changed(more=1), "$.more: unknown field; known are genesis_version"),
        (changed(genesis_version=2), "$.genesis_version: expected 1"),
        (changed(kind="test"), "$.kind: expected one of dev, devnet, live"),
        (changed(chain_name=""), "$.chain_name"),
        (changed(time_ms="1"), "$.time_ms"),
        (changed(time_ms=0), "$.time_ms"),
        (changed(tables=[]), "$.tables: expected an object of tables"),
        (with_table("ballances", []), "$.tables.ballances: genesis fills only"),
        (with_table("lanes", []), "$.tables.lanes: genesis fills only"),
        (with_table("balances", {}), "$.tables.balances: expected a list of objects"),
        (
            with_table("assets", [{"asset": "USD", "decimals": "6"}]),
            "$.tables.assets[0].decimals: expected a whole number, got '6'",
        ),
        (
            with_table("assets", [{"asset": "USD", "decimals": 256}]),
            "$.tables.assets[0].decimals: 256 is above 255",
        ),
        (
            with_table("supplies", [{"asset": "USD", "supply_quantums": 5}]),
            "$.tables.supplies[0].supply_quantums: expected a whole number in quotation marks",
        ),
        (
            with_table("assets", [{"asset": "USD", "decimals": 6}] * 2),
            "$.tables.assets[1]: the same key as $.tables.assets[0]",
        ),
        (
            with_table("assets", [{"asset": "USD", "decimals": 6, "name": "dollar"}]),
            "$.tables.assets[0].name: unknown field; known are asset, decimals",
        ),
        (with_table("consensus_parameters", []), "$.tables.consensus_parameters: missing"),
        (
            with_table("consensus_parameters", [{"min_block_ms": 500, "target_block_ms": 100}]),
            "system.blocks_may_not_be_due_before_they_are_allowed does not hold",
        ),
        (with_table("authorities", []), "the_current_epoch_has_its_authorities"),
        (with_table("supplies", []), "ledger.balances_sum_to_supplies does not hold: BTC"),
        (with_table("assets", []), "ledger.balances_sum_to_supplies does not hold"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(document: object, said: str) -> None:
    assert said in fault_of(document)


def test_live_chain_has_at_least_four_authorities() -> None:
    assert "live" == load(development_genesis(4, kind="live")).kind
    assert "at least 4 authorities" in fault_of(development_genesis(3, kind="live"))


def test_member_given_twice_is_refused() -> None:
    document = development_genesis(4)
    members = document["tables"]["authorities"][0]["members"]
    rows = [{"epoch": "0", "members": [members[0], members[0]]}]

    assert "authorities_are_told_apart" in fault_of(with_table("authorities", rows))
