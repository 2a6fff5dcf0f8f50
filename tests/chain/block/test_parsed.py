"""TX-017."""

import pytest

from chain.block.parsed import ParsedTransactions
from chain.kit import Refusal
from chain.modules.ledger.transactions import Transfer
from tests import given

WORLD = given.world()


def payment(amount_quantums: int) -> bytes:
    return WORLD.bytes_of("alice", Transfer(given.address("bob"), "USD", amount_quantums))


def test_same_bytes_are_taken_apart_once() -> None:
    parsed = ParsedTransactions(WORLD.application, WORLD.chain_id, 2)

    assert parsed.parse(payment(1)) is parsed.parse(payment(1))
    assert 1 == len(parsed)


def test_oldest_is_forgotten_first() -> None:
    parsed = ParsedTransactions(WORLD.application, WORLD.chain_id, 2)
    first, second = parsed.parse(payment(1)), parsed.parse(payment(2))

    parsed.parse(payment(3))

    assert second is parsed.parse(payment(2))
    assert first is not parsed.parse(payment(1))
    assert 2 == len(parsed)


def test_refused_bytes_are_not_remembered() -> None:
    parsed = ParsedTransactions(WORLD.application, WORLD.chain_id, 2)

    with pytest.raises(Refusal):
        parsed.parse(b"")
    assert 0 == len(parsed)
