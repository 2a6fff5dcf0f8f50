"""SIGN-010 to SIGN-014."""

import pytest

from chain.modules.ledger.transactions import Transfer
from chain.modules.registry import BASE_MODULES
from chain.modules.signers.lanes import advance_lane, next_sequence, sequence_refusal
from chain.modules.signers.state import LANES, Lane
from tests import given

ALICE = given.address("alice")
PAYMENT = Transfer(to=given.address("bob"), asset="USD", amount_quantums=1_000_000)


def test_lane_begins_at_0_and_is_stored_when_used() -> None:
    world = given.world({"alice": {"USD": 9_000_000}}, modules=BASE_MODULES)
    assert world.view.get(LANES, (ALICE, 5)) is None

    world.send("alice", PAYMENT, lane=5)

    assert Lane(1) == world.view.get(LANES, (ALICE, 5))
    assert world.view.get(LANES, (ALICE, 0)) is None
    assert 0 == next_sequence(world.view, ALICE, 0)


def test_lanes_do_not_wait_for_each_other() -> None:
    world = given.world({"alice": {"USD": 9_000_000}}, modules=BASE_MODULES)

    reasons = [world.send("alice", PAYMENT, lane=lane).reason for lane in (0, 63, 0, 7, 63)]

    assert [""] * 5 == reasons
    assert [2, 1, 2] == [next_sequence(world.view, ALICE, lane) for lane in (0, 7, 63)]


@pytest.mark.parametrize(
    ("sequence", "slug"),
    [(0, "signers.sequence_stale"), (1, ""), (2, "signers.sequence_ahead")],
)
def test_only_the_next_sequence_may_come(sequence: int, slug: str) -> None:
    world = given.world({"alice": {"USD": 9_000_000}}, modules=BASE_MODULES)
    world.send("alice", PAYMENT)

    answer = world.send("alice", PAYMENT, sequence=sequence)

    assert slug == answer.reason
    if slug:
        assert {"expected": 1, "got": sequence} == answer.facts
        assert 1 == next_sequence(world.view, ALICE, 0)


def test_waiting_transaction_may_be_so_far_ahead_and_no_further() -> None:
    assert sequence_refusal(5, 85, 80) is None
    refusal = sequence_refusal(5, 86, 80)
    assert refusal is not None
    assert "signers.sequence_ahead" == refusal.reason.slug


def test_advancing_uses_up_the_sequence() -> None:
    world = given.world(modules=BASE_MODULES)
    world.open_block()

    advance_lane(world.view, ALICE, 0, 7)  # type: ignore[arg-type]

    assert 8 == next_sequence(world.view, ALICE, 0)
