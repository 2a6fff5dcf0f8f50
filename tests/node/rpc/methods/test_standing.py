"""Where a transaction stands. Criterion: RPC-094 of docs/specs/rpc.md."""

from typing import cast

from chain.block.transaction import parse_transaction
from chain.machine.run import BlockFacts
from chain.modules.ledger.transactions import Transfer
from node.executor import Executor
from node.proposer import Contents
from node.rpc.methods.standing import final_place, receipt_at, receipt_shape, transaction_standing
from tests import given
from tests.node.rpc.conftest import Rooms


def pay(rooms: Rooms, amount_quantums: int) -> bytes:
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=amount_quantums)
    return rooms.world.bytes_of("alice", transfer)


def test_a_final_refusal_keeps_its_receipt_and_says_what_to_do(rooms: Rooms) -> None:
    rooms.finalise(pay(rooms, 10**15))
    receipt = rooms.world.outcomes[-1].receipts[0]

    standing = transaction_standing(rooms.services, receipt.id)

    assert ("refused", "1", "ledger.balance_short", True) == (
        standing["status"],
        standing["height"],
        standing["reason"],
        standing["finalized"],
    )
    assert receipt_at(rooms.services, receipt.id) == standing["receipt"]
    assert receipt_shape(rooms.services, receipt, 1) == standing["receipt"]
    assert standing["receipt"]["hint"]


def test_what_is_on_the_disk_is_final_once_the_state_holds_it(rooms: Rooms) -> None:
    head = rooms.services.finality.head
    rooms.finalise(pay(rooms, 5))
    identity = rooms.world.outcomes[-1].receipts[0].id
    now = rooms.services.finality.head

    rooms.services.finality.revert(head)
    before = final_place(rooms.services, identity), receipt_at(rooms.services, identity)
    rooms.services.finality.revert(now)

    assert (None, None) == before
    assert (1, 0) == final_place(rooms.services, identity)
    assert "applied" == transaction_standing(rooms.services, identity)["status"]


def test_a_stranger_is_unknown(rooms: Rooms) -> None:
    assert "unknown" == transaction_standing(rooms.services, bytes(32))["status"]
    assert receipt_at(rooms.services, bytes(32)) is None


async def test_what_stands_in_a_block_that_is_not_final_is_proposed(rooms: Rooms) -> None:
    world, services = rooms.world, rooms.services
    head = services.finality.head
    data = pay(rooms, 5)
    await services.admission.submit(data)
    transaction = parse_transaction(world.application, world.chain_id, data)
    facts = BlockFacts(
        chain_id=world.chain_id,
        epoch=0,
        height=1,
        view=1,
        parent_id=head.block_id,
        proposer=0,
        time_ms=head.time_ms + 500,
    )
    executor = cast("Executor", services.simulator)
    waiting = transaction_standing(services, transaction.id)

    await executor.build(facts, lambda _state: Contents((transaction,), b"", ()), 1_000)
    proposed = transaction_standing(services, transaction.id)
    executor.forget()
    waiting_again = transaction_standing(services, transaction.id)

    assert ["waiting", "proposed", "waiting"] == [
        one["status"] for one in (waiting, proposed, waiting_again)
    ]
    assert str(transaction.body.valid_until_height) == proposed["valid_until_height"]
    assert not proposed["finalized"]
