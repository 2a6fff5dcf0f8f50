"""LEDG-020 to LEDG-023."""

import pytest

from chain.modules.ledger.events import Transferred
from chain.modules.ledger.transactions import Transfer
from chain.modules.registry import BASE_MODULES
from tests import given

BOB = given.address("bob")


def world() -> given.World:
    return given.world(
        {"alice": {"USD": 1_000_000, "BTC": 5}, "bob": {"USD": 1}}, modules=BASE_MODULES
    )


def test_transfer_moves_from_wallet_to_wallet() -> None:
    chain = world()

    answer = chain.send("alice", Transfer(BOB, "BTC", 5))

    expected = Transferred(given.holder("alice"), given.holder("bob"), "BTC", 5)
    assert (expected,) == answer.events
    assert (0, 5) == (chain.holds("alice", "BTC"), chain.holds("bob", "BTC"))


@pytest.mark.parametrize(
    ("payload", "slug"),
    [
        (Transfer(given.address("zoe"), "XYZ", 0), "ledger.amount_not_positive"),
        (Transfer(BOB, "USD", -5), "ledger.amount_not_positive"),
        (Transfer(given.address("zoe"), "XYZ", 1), "signers.minimum_not_met"),
        (Transfer(BOB, "XYZ", 1), "ledger.asset_unknown"),
        (Transfer(given.address("alice"), "USD", 2_000_000), "ledger.same_holder"),
        (Transfer(BOB, "USD", 1_000_001), "ledger.balance_short"),
        (Transfer(given.address("zoe"), "USD", 1_000_001), "ledger.balance_short"),
    ],
)
def test_refused_transfer_moves_nothing_but_the_fee(payload: Transfer, slug: str) -> None:
    chain = world()

    answer = chain.send("alice", payload)

    assert slug == answer.reason
    assert (990_000, 1, 10_000, 0) == tuple(
        chain.holds(name) for name in ("alice", "bob", "fees", "zoe")
    )
