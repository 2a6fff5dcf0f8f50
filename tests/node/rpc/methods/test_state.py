"""Tables, ranges and queries by name. Criteria: RPC-084 to RPC-086 of docs/specs/rpc.md."""

from typing import Any

import pytest

from chain.crypto.addresses import text_of
from chain.modules.ledger.transactions import Transfer
from tests import given
from tests.node.rpc.conftest import Caller, Refusal, Rooms

ALICE, BOB = text_of(given.address("alice")), text_of(given.address("bob"))


def pay(rooms: Rooms, amount_quantums: int) -> None:
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=amount_quantums)
    rooms.finalise(rooms.world.bytes_of("alice", transfer))


@pytest.mark.parametrize("key", [{"holder": BOB, "asset": "USD"}, [BOB, "USD"]])
async def test_a_record_is_found_by_a_key_of_either_form(
    rooms: Rooms, call: Caller, key: Any
) -> None:
    answer = await call("state_get", table="balances", key=key)

    assert {"amount_quantums": "1000000000000"} == answer["value"]
    assert {"holder": BOB, "asset": "USD"} == answer["key"]
    assert ("0", True) == (answer["height"], answer["finalized"])


async def test_a_table_of_one_record_has_the_empty_key(rooms: Rooms, call: Caller) -> None:
    answer = await call("state_get", table="consensus_parameters")

    assert {"min_block_ms": 100, "target_block_ms": 500} == answer["value"]


async def test_an_earlier_height_answers_as_it_did(rooms: Rooms, call: Caller) -> None:
    pay(rooms, 5)
    pay(rooms, 7)

    amounts = [
        (await call("state_get", table="balances", key=[BOB, "USD"], at=at))["value"]
        for at in (0, "1", "finalized", 2)
    ]

    assert [0, 5, 12, 12] == [
        int(value["amount_quantums"]) - 1_000_000_000_000 for value in amounts
    ]


@pytest.mark.parametrize("at", ["finalized", 1])
@pytest.mark.parametrize("table", ["assets", "balances", "signers"])
async def test_pages_of_a_range_together_are_the_whole_of_it(
    rooms: Rooms, call: Caller, table: str, at: Any
) -> None:
    pay(rooms, 5)
    whole = await call("state_scan", table=table, limit=1000, at=at)

    pages, cursor = [], None
    while True:
        page = await call("state_scan", table=table, limit=2, cursor=cursor, at=at)
        pages += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert whole["next_cursor"] is None
    assert whole["items"] == pages
    expected = rooms.world.tables.scan(rooms.world.application.table(table))
    assert len(list(expected)) == len(pages)


async def test_a_prefix_bounds_a_range(rooms: Rooms, call: Caller) -> None:
    answer = await call("state_scan", table="balances", prefix={"holder": ALICE})

    assert {ALICE} == {item["key"]["holder"] for item in answer["items"]}
    assert ["BTC", "ETH", "USD"] == [item["key"]["asset"] for item in answer["items"]]


async def test_a_query_answers_its_record(rooms: Rooms, call: Caller) -> None:
    answer = await call("query_call", name="ledger.balances", fields={"holder": ALICE})

    assert ALICE == answer["value"]["holder"]
    assert {"asset": "USD", "amount_quantums": "1000000000000"} in answer["value"]["balances"]


async def test_balances_say_their_decimals(rooms: Rooms, call: Caller) -> None:
    answer = await call("ledger_getBalances", holder=ALICE)

    assert {"asset": "USD", "amount_quantums": "1000000000000", "decimals": 6} in answer["balances"]


@pytest.mark.parametrize(
    ("reason", "method", "parameters"),
    [
        ("lookup.table_unknown", "state_get", {"table": "balance"}),
        ("lookup.table_unknown", "state_scan", {"table": "x" * 5_000}),
        ("lookup.query_unknown", "query_call", {"name": "ledger.balance"}),
        ("node.height_ahead", "state_get", {"table": "assets", "key": "USD", "at": 7}),
        ("rpc.parameters_invalid", "state_get", {"table": "balances", "key": [BOB]}),
        ("rpc.parameters_invalid", "state_get", {"table": "balances", "key": [BOB[:-1], "USD"]}),
        ("rpc.parameters_invalid", "state_get", {"table": "balances", "key": {"asset": "USD"}}),
        ("rpc.parameters_invalid", "state_get", {"table": "assets", "key": {"aset": "USD"}}),
        ("rpc.parameters_invalid", "state_get", {"table": "assets", "key": "x" * 17}),
        ("rpc.parameters_invalid", "state_get", {"table": "assets", "key": 7}),
        ("rpc.parameters_invalid", "state_get", {"table": "assets", "key": ["USD", "BTC"]}),
        ("rpc.parameters_invalid", "state_get", {"table": "assets", "key": "USD", "at": "-1"}),
        ("rpc.parameters_invalid", "state_get", {"table": "assets", "key": "USD", "at": "latest"}),
        ("rpc.parameters_invalid", "state_scan", {"table": "assets", "limit": 0}),
        ("rpc.parameters_invalid", "state_scan", {"table": "assets", "limit": 1_001}),
        ("rpc.parameters_invalid", "state_scan", {"table": "assets", "cursor": "!!"}),
        ("rpc.parameters_invalid", "state_scan", {"table": "assets", "cursor": "AAAA"}),
        ("rpc.parameters_invalid", "state_scan", {"table": "balances", "prefix": {"asset": "U"}}),
        ("rpc.parameters_invalid", "query_call", {"name": "ledger.balances", "fields": {}}),
        ("rpc.parameters_invalid", "query_call", {"name": "ledger.balances", "fields": {"a": 1}}),
        ("rpc.parameters_invalid", "ledger_getBalances", {"holder": "nov1nobody"}),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_its_place(
    rooms: Rooms, call: Caller, reason: str, method: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(Refusal) as refused:
        await call(method, **parameters)

    assert reason == refused.value.reason
    assert len(str(refused.value.error)) < 1_500


async def test_a_mistyped_table_is_told_which_was_meant(rooms: Rooms, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("state_get", table="balance")

    assert {"table": "balance", "did_you_mean": "balances"} == refused.value.facts
