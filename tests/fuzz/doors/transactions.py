"""Admission: bytes as a stranger would submit them, taken apart and held against the state."""

from chain.block.transaction import (
    SignedTransaction,
    is_genuine_transaction,
    parse_transaction,
)
from chain.codec.canonical import encode
from chain.codec.record import Raw
from chain.kit import Refusal
from chain.machine.admit import admit
from chain.modules.ledger.transactions import Transfer
from derivatives.orders.transactions import CancelAll
from tests import given
from tests.fuzz.door import Door, said
from tests.fuzz.tree import PACKED
from tests.given import address

_WORLD = given.world()


def _strike(data: bytes) -> None:
    try:
        transaction = parse_transaction(_WORLD.application, _WORLD.chain_id, data)
        admit(_WORLD.application, _WORLD.tables, _WORLD.head.header.height, transaction)
    except Refusal as refusal:
        said(refusal)
        return
    signed = SignedTransaction(Raw(encode(transaction.body)), transaction.signatures)
    assert encode(signed) == data, "two forms of one transaction"
    is_genuine_transaction(transaction)


def _seeds() -> list[bytes]:
    pay = Transfer(to=address("bob"), asset="USD", amount_quantums=5)
    sweep = CancelAll(account_holder=given.holder("alice/0"), instrument="")
    return [
        _WORLD.bytes_of("alice", pay),
        _WORLD.bytes_of("alice", pay, sweep),
        _WORLD.bytes_of("carol", sweep, lane=63),
        _WORLD.bytes_of("alice", pay, keys=("alice", "bob")),
    ]


def _unharmed() -> None:
    assert _WORLD.tables.root == _WORLD.head.header.state_root


DOORS = (Door("transactions", _seeds, _strike, _unharmed, form=PACKED),)
