"""What is final, as the outside sees it. Criteria: RPC-080 to RPC-083 of docs/specs/rpc.md."""

import base64
from typing import Any

import pytest

from chain.block.certificate import AuthoritySet
from chain.block.header import block_id_of, parse_header
from chain.block.vote import FINALIZE, vote_bytes
from chain.codec.canonical import decode
from chain.crypto.addresses import text_of
from chain.crypto.verification import is_genuine
from chain.modules.ledger.transactions import Transfer
from chain.state.proof import Proof, verify_proof
from tests import given
from tests.node.rpc.conftest import Caller, Refusal, Rooms


def pay(rooms: Rooms, amount_quantums: int = 1_000_000) -> bytes:
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=amount_quantums)
    return rooms.world.bytes_of("alice", transfer)


async def test_status_says_where_the_chain_stands(rooms: Rooms, call: Caller) -> None:
    rooms.finalise()

    status = await call("chain_getStatus")

    assert "1" == status["height"]
    assert "0x" + rooms.world.chain_id.hex() == status["chain_id"]
    assert "0x" + rooms.world.tables.root.hex() == status["state_root"]
    assert ["auth0", "auth1", "auth2", "auth3"] == sorted(status["authorities"])
    assert ("devnet", "7", False, True) == (
        status["kind"],
        status["view"],
        status["syncing"],
        status["finalized"],
    )


async def test_a_block_shows_its_transactions_and_what_came_of_them(
    rooms: Rooms, call: Caller
) -> None:
    rooms.finalise(pay(rooms, 2_500_000))

    block = await call("chain_getBlock", height="1")

    (transaction,) = block["transactions"]
    assert "ledger.transfer" == transaction["kind"]
    assert {
        "to": text_of(given.address("bob")),
        "asset": "USD",
        "amount_quantums": "2500000",
    } == transaction["fields"]
    assert transaction["receipt"]["ok"]
    assert "ledger.transferred" == transaction["receipt"]["events"][0]["name"]
    assert transaction["id"] == transaction["receipt"]["id"]


async def test_a_block_comes_with_what_proves_it_final_to_a_stranger(
    rooms: Rooms, call: Caller
) -> None:
    rooms.finalise(pay(rooms))

    block = await call("chain_getBlock", height=1)
    authorities = await call("chain_getAuthorities")

    header = parse_header(base64.b64decode(block["header"]["raw"]))
    certificate = block["certificate"]
    keys = tuple(bytes.fromhex(one["public_key"][2:]) for one in authorities["authorities"])
    message = vote_bytes(
        header.chain_id, 0, int(certificate["view"]), FINALIZE, block_id_of(header)
    )
    genuine = [
        is_genuine(bytes.fromhex(key[2:]), message, bytes.fromhex(signature[2:]))
        for key, signature in zip(certificate["signers"], certificate["signatures"], strict=True)
    ]
    assert block["header"]["block_id"] == "0x" + block_id_of(header).hex()
    assert AuthoritySet(0, keys).quorum == authorities["quorum_count"] == len(genuine)
    assert all(genuine)
    assert [] == certificate["headers"]


async def test_a_block_without_a_certificate_of_its_own_shows_the_one_above(
    rooms: Rooms, call: Caller
) -> None:
    rooms.finalise()

    genesis = await call("chain_getBlock", height=0)

    assert "1" == genesis["certificate"]["height"]
    assert ["1"] == [header["height"] for header in genesis["certificate"]["headers"]]
    assert genesis["header"]["block_id"] == genesis["certificate"]["headers"][0]["parent_id"]


async def test_a_block_is_found_by_its_id_too(rooms: Rooms, call: Caller) -> None:
    block = rooms.finalise()

    found = await call("chain_getBlock", block_id="0x" + block_id_of(block.header).hex())

    assert "1" == found["height"]


@pytest.mark.parametrize("which", [{"height": "2"}, {"block_id": "0x" + "77" * 32}])
async def test_a_block_that_is_not_here_is_not_found(
    rooms: Rooms, call: Caller, which: dict[str, Any]
) -> None:
    rooms.finalise()

    with pytest.raises(Refusal) as refused:
        await call("chain_getBlock", **which)

    assert "lookup.block_unknown" == refused.value.reason


async def test_a_value_is_proven_to_the_root_of_its_block(rooms: Rooms, call: Caller) -> None:
    rooms.finalise(pay(rooms))
    key = {"holder": text_of(given.address("bob")), "asset": "USD"}

    answer = await call("chain_getProof", table="balances", key=key)

    root = bytes.fromhex(answer["state_root"][2:])
    proof = decode(Proof, base64.b64decode(answer["encoded_proof"]))
    encoded_key = base64.b64decode(answer["encoded_key"])
    value = base64.b64decode(answer["encoded_value"])
    assert rooms.world.tables.root == root
    assert verify_proof(root, encoded_key, value, proof)
    assert not verify_proof(root, encoded_key, None, proof)
    assert key == answer["key"]


async def test_an_absence_is_proven_too(rooms: Rooms, call: Caller) -> None:
    answer = await call("chain_getProof", table="signers", key=text_of(bytes(32)))

    root = bytes.fromhex(answer["state_root"][2:])
    proof = decode(Proof, base64.b64decode(answer["encoded_proof"]))
    assert answer["value"] is None
    assert verify_proof(root, base64.b64decode(answer["encoded_key"]), None, proof)


async def test_an_earlier_height_is_proven_to_its_own_root(rooms: Rooms, call: Caller) -> None:
    rooms.finalise(pay(rooms, 1_000_000))
    first_root = rooms.world.tables.root
    rooms.finalise(pay(rooms, 3_000_000))
    key = [text_of(given.address("bob")), "USD"]

    then = await call("chain_getProof", table="balances", key=key, at=1)
    now = await call("chain_getProof", table="balances", key=key)

    assert 3_000_000 == (
        int(now["value"]["amount_quantums"]) - int(then["value"]["amount_quantums"])
    )
    assert "0x" + first_root.hex() == then["state_root"]
    proof = decode(Proof, base64.b64decode(then["encoded_proof"]))
    value = base64.b64decode(then["encoded_value"])
    assert verify_proof(first_root, base64.b64decode(then["encoded_key"]), value, proof)


async def test_a_height_that_is_not_final_yet_is_said(rooms: Rooms, call: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await call("chain_getAuthorities", at="5")

    assert ("node.height_ahead", 1542) == (refused.value.reason, refused.value.code)
    assert {"head_height": "0"} == refused.value.facts
