"""SIGN-010: the next sequence can be asked."""

from chain.machine.query import call
from chain.modules.ledger.transactions import Transfer
from chain.modules.registry import BASE_MODULES
from chain.modules.signers.queries import NextSequence
from tests import given


def test_next_sequence_is_answered_for_used_and_unused_lanes() -> None:
    world = given.world({"alice": {"USD": 9_000_000}}, modules=BASE_MODULES)
    world.send("alice", Transfer(given.address("bob"), "USD", 1_000_000), lane=2)

    answers = [
        call(
            world.application,
            world.view,
            "signers.next_sequence",
            {"signer": given.address("alice"), "lane": lane},
        )
        for lane in (0, 2)
    ]

    assert [NextSequence(0), NextSequence(1)] == answers
