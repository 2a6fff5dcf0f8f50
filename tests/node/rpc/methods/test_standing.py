"""Where a transaction stands. Criterion: RPC-094 of docs/specs/rpc.md."""

from chain.modules.ledger.transactions import Transfer
from node.rpc.methods.standing import receipt_at, receipt_shape, transaction_standing
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


def test_a_stranger_is_unknown(rooms: Rooms) -> None:
    assert "unknown" == transaction_standing(rooms.services, bytes(32))["status"]
    assert receipt_at(rooms.services, bytes(32)) is None
