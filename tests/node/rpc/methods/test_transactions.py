"""Build, sign elsewhere, submit, follow. Criteria: RPC-090 to RPC-096 of docs/specs/rpc.md."""

import base64
from typing import Any

import pytest
import trio

from chain.block.transaction import body_of, sign_bytes_of, transaction_id
from chain.crypto.addresses import text_of
from chain.modules.ledger.transactions import Transfer
from tests import given
from tests.node.rpc.conftest import Caller, Refusal, Rooms

ALICE, BOB = text_of(given.address("alice")), text_of(given.address("bob"))
FIELDS = {"to": BOB, "asset": "USD", "amount_quantums": "2500000"}


def blob(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pay(rooms: Rooms, amount_quantums: int = 1_000_000, **how: Any) -> bytes:
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=amount_quantums)
    return rooms.world.bytes_of("alice", transfer, **how)


async def test_every_kind_describes_itself(rooms: Rooms, call: Caller) -> None:
    kinds = await call("tx_describe")

    (transfer,) = [kind for kind in kinds if kind["name"] == "ledger.transfer"]
    assert transfer["sentence"]
    assert 4 == transfer["transaction_class"]
    assert [
        ("to", "address", None, "string"),
        ("asset", "text", None, "string"),
        ("amount_quantums", "integer", "quantums", "string"),
    ] == [(one["name"], one["form"], one["unit"], one["json"]) for one in transfer["fields"]]
    assert "system.list" in [kind["name"] for kind in kinds]


async def test_what_is_built_can_be_signed_by_anybody_and_submitted(
    rooms: Rooms, call: Caller
) -> None:
    built = await call("tx_build", kind="ledger.transfer", fields=FIELDS, signer=ALICE)
    signature = given.key("alice").sign(base64.b64decode(built["sign_bytes"]))
    signed = {
        "public_key": "0x" + given.address("alice").hex(),
        "signature": "0x" + signature.hex(),
    }

    submitted = await call("tx_submit", unsigned=built["unsigned"], signatures=[signed])

    assert built["id"] == submitted["id"]
    assert "600" == submitted["valid_until_height"] == built["valid_until_height"]
    status = await call("tx_getStatus", id=built["id"])
    assert "waiting" == status["status"]


async def test_what_is_built_is_what_the_chain_defines(rooms: Rooms, call: Caller) -> None:
    built = await call(
        "tx_build",
        kind=201,
        fields=FIELDS,
        signer=ALICE,
        lane=3,
        sequence="7",
        valid_until_height=99,
    )

    body = body_of(
        signer=given.address("alice"),
        lane=3,
        sequence=7,
        valid_until_height=99,
        kind=201,
        payload=Transfer(to=given.address("bob"), asset="USD", amount_quantums=2_500_000),
    )
    chain_id = rooms.world.chain_id
    assert blob(body) == built["unsigned"]
    assert blob(sign_bytes_of(chain_id, body)) == built["sign_bytes"]
    assert "0x" + transaction_id(chain_id, body).hex() == built["id"]


async def test_the_next_sequence_counts_what_waits(rooms: Rooms, call: Caller) -> None:
    await call("tx_submit", tx=blob(pay(rooms)))

    built = await call("tx_build", kind="ledger.transfer", fields=FIELDS, signer=ALICE)

    assert "1" == built["sequence"]


async def test_a_list_is_built_from_its_actions(rooms: Rooms, call: Caller) -> None:
    action = {"kind": "ledger.transfer", "fields": FIELDS}
    built = await call(
        "tx_build", kind="system.list", fields={"actions": [action, action]}, signer=ALICE
    )
    signature = given.key("alice").sign(base64.b64decode(built["sign_bytes"]))
    signed = {
        "public_key": "0x" + given.address("alice").hex(),
        "signature": "0x" + signature.hex(),
    }

    receipt = await call("tx_simulate", unsigned=built["unsigned"], signatures=[signed])

    assert (True, "system.list", 2) == (receipt["ok"], receipt["kind"], len(receipt["events"]))


async def test_waiting_for_the_outcome_gives_the_final_receipt(rooms: Rooms, call: Caller) -> None:
    data = pay(rooms)
    answers = []

    async def submit() -> None:
        answers.append(await call("tx_submitAndWait", tx=blob(data)))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(submit)
        while not rooms.services.mempool.waiting_count:
            await trio.testing.wait_all_tasks_blocked()
        rooms.finalise(data)

    (receipt,) = answers
    assert (True, "1", True) == (receipt["ok"], receipt["height"], receipt["finalized"])
    assert (receipt["reason"], {}) == (None, receipt["facts"])


async def test_a_refused_transaction_has_its_reason_and_numbers(rooms: Rooms, call: Caller) -> None:
    data = pay(rooms, 10**15)
    rooms.finalise(data)

    receipt = await call("tx_submitAndWait", tx=blob(data))

    assert (False, "ledger.balance_short") == (receipt["ok"], receipt["reason"])
    assert "10000" == receipt["fee_quantums"]
    assert receipt["hint"]
    assert all(
        isinstance(value, str) for name, value in receipt["facts"].items() if "quantums" in name
    )


async def test_an_outcome_not_known_in_time_says_until_when_it_may_come(
    rooms: Rooms, call: Caller
) -> None:
    with pytest.raises(Refusal) as refused:
        await call("tx_submitAndWait", tx=blob(pay(rooms)), timeout_ms=0)

    assert "mempool.outcome_unknown" == refused.value.reason
    assert {"valid_until_height": "101"} == refused.value.facts


async def test_what_no_block_took_in_time_is_expired_and_known_to_be(
    rooms: Rooms, call: Caller
) -> None:
    data = pay(rooms, valid_until_height=2)
    refusals = []

    async def submit() -> None:
        with pytest.raises(Refusal) as refused:
            await call("tx_submitAndWait", tx=blob(data))
        refusals.append(refused.value)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(submit)
        while not rooms.services.mempool.waiting_count:
            await trio.testing.wait_all_tasks_blocked()
        rooms.finalise()
        rooms.finalise()

    (refusal,) = refusals
    assert "transaction.expired" == refusal.reason
    assert {"valid_until_height": "2", "next_height": "3"} == refusal.facts


async def test_sending_twice_is_harmless(rooms: Rooms, call: Caller) -> None:
    data = pay(rooms)
    first = await call("tx_submit", tx=blob(data))
    second = await call("tx_submit", tx=blob(data))
    rooms.finalise(data)
    third = await call("tx_submit", tx=blob(data))
    receipt = await call("tx_submitAndWait", tx=blob(data))

    assert first == second == third
    assert receipt["ok"]


async def test_many_are_answered_as_each_alone_would_be(rooms: Rooms, call: Caller) -> None:
    # RPC-098
    rooms.finalise(pay(rooms))
    forged = bytearray(pay(rooms, 3, sequence=2))
    forged[-1] ^= 1
    good, known = pay(rooms, 2, sequence=1), pay(rooms, 4, sequence=3)
    await call("tx_submit", tx=blob(known))
    given = [good, bytes(forged), b"\xc0", pay(rooms, sequence=0), known]
    answers = await call("tx_submitMany", txs=[blob(data) for data in given])

    reasons = [answer["error"] and answer["error"]["data"]["reason"] for answer in answers]
    assert [
        None,
        "transaction.bad_signature",
        "transaction.malformed",
        "signers.sequence_stale",
        None,
    ] == reasons
    assert 2 == rooms.services.mempool.waiting_count


async def test_more_than_two_hundred_are_not_taken_together(rooms: Rooms, call: Caller) -> None:
    # RPC-098
    with pytest.raises(Refusal, match="at most 200"):
        await call("tx_submitMany", txs=["AA=="] * 201)


async def test_simulating_changes_nothing(rooms: Rooms, call: Caller) -> None:
    root = rooms.services.state_store.tables.root

    receipt = await call("tx_simulate", tx=blob(pay(rooms)))

    assert (True, "1", False) == (receipt["ok"], receipt["height"], receipt["finalized"])
    assert root == rooms.services.state_store.tables.root
    assert 0 == rooms.services.mempool.waiting_count


async def test_what_waits_in_a_lane_goes_before_what_is_tried(rooms: Rooms, call: Caller) -> None:
    # RPC-095
    second = rooms.world.bytes_of(
        "alice", Transfer(to=given.address("bob"), asset="USD", amount_quantums=1), sequence=1
    )
    with pytest.raises(Refusal, match="gap"):
        await call("tx_simulate", tx=blob(second))
    await call("tx_submit", tx=blob(pay(rooms)))

    receipt = await call("tx_simulate", tx=blob(second))

    assert receipt["ok"]


async def test_where_a_transaction_stands(rooms: Rooms, call: Caller) -> None:
    data = pay(rooms)
    identity = (await call("tx_submit", tx=blob(data)))["id"]
    waiting = await call("tx_getStatus", id=identity)
    rooms.finalise(data)
    applied = await call("tx_getStatus", id=identity)
    unknown = await call("tx_getStatus", id="0x" + "77" * 32)

    assert ("waiting", "101") == (waiting["status"], waiting["valid_until_height"])
    assert ("applied", "1", 0) == (applied["status"], applied["height"], applied["index"])
    assert applied["receipt"]["ok"]
    assert "unknown" == unknown["status"]


@pytest.mark.parametrize(
    ("reason", "method", "parameters"),
    [
        ("lookup.kind_unknown", "tx_build", {"kind": "ledger.transfr"}),
        ("lookup.kind_unknown", "tx_build", {"kind": 9_999}),
        ("rpc.parameters_invalid", "tx_build", {"signer": BOB[:-1] + "q"}),
        ("rpc.parameters_invalid", "tx_build", {"signer": "nov1"}),
        ("rpc.parameters_invalid", "tx_build", {"fields": {**FIELDS, "amount_quantums": 7}}),
        ("rpc.parameters_invalid", "tx_build", {"fields": {**FIELDS, "amount_quantums": "7.5"}}),
        ("rpc.parameters_invalid", "tx_build", {"fields": {**FIELDS, "amount_quantums": "9" * 30}}),
        ("rpc.parameters_invalid", "tx_build", {"fields": {"to": BOB}}),
        ("rpc.parameters_invalid", "tx_build", {"fields": {**FIELDS, "note": "x"}}),
        ("rpc.parameters_invalid", "tx_build", {"lane": 65_536}),
        ("rpc.parameters_invalid", "tx_build", {"valid_until_height": 2**40}),
        ("rpc.parameters_invalid", "tx_submit", {}),
        ("rpc.parameters_invalid", "tx_submit", {"tx": "AA==", "unsigned": "AA=="}),
        ("rpc.parameters_invalid", "tx_submit", {"tx": "no base64"}),
        ("transaction.malformed", "tx_submit", {"tx": "AA=="}),
        ("transaction.malformed", "tx_simulate", {"tx": ""}),
        ("rpc.parameters_invalid", "tx_submitAndWait", {"tx": "AA==", "timeout_ms": 60_001}),
        ("rpc.parameters_invalid", "tx_submitAndWait", {"tx": "AA==", "timeout_ms": -1}),
        ("rpc.parameters_invalid", "tx_getStatus", {"id": "0x77"}),
        ("rpc.parameters_invalid", "tx_getStatus", {"id": "0x" + "AB" * 32}),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    rooms: Rooms, call: Caller, reason: str, method: str, parameters: dict[str, Any]
) -> None:
    if method == "tx_build":
        parameters = {"kind": "ledger.transfer", "fields": FIELDS, "signer": ALICE, **parameters}

    with pytest.raises(Refusal) as refused:
        await call(method, **parameters)

    assert reason == refused.value.reason


async def test_a_false_signature_is_refused_at_the_door(rooms: Rooms, call: Caller) -> None:
    data = bytearray(pay(rooms))
    data[-1] ^= 1

    with pytest.raises(Refusal) as refused:
        await call("tx_submit", tx=blob(bytes(data)))

    assert "transaction.bad_signature" == refused.value.reason
    assert 0 == rooms.services.mempool.waiting_count


async def test_a_used_sequence_is_refused_with_what_is_expected(rooms: Rooms, call: Caller) -> None:
    rooms.finalise(pay(rooms))

    with pytest.raises(Refusal) as refused:
        await call("tx_submit", tx=blob(pay(rooms, 7, sequence=0)))

    assert "signers.sequence_stale" == refused.value.reason
    assert {"1", "0"} <= {str(value) for value in refused.value.facts.values()}
