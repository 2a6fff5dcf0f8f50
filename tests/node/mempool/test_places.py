"""POOL-002, POOL-003: why a transaction may not wait in the place that it names."""

import pytest

from node.mempool.entry import DefaultLimits, Entry
from node.mempool.places import place_refusal
from tests.node.mempool.waiting import CANCEL, TRADE, transaction

LIMITS = DefaultLimits()


@pytest.mark.parametrize(
    ("sequence", "waiting_count", "slug"),
    [
        (4, 0, "mempool.sequence_used"),
        (5, 0, None),
        (7, 2, None),
        (85, 2, None),
        (86, 2, "mempool.sequence_gap_too_far"),
        (8, 17, None),
        (8, 18, "mempool.lane_full"),
    ],
)
def test_a_place_in_a_lane_that_expects_five_and_holds_five_and_six(
    sequence: int, waiting_count: int, slug: str | None
) -> None:
    refusal = place_refusal(
        transaction(sequence=sequence), 5, 7, None, waiting_count=waiting_count, limits=LIMITS
    )

    assert slug == (refusal and refusal.reason.slug)


@pytest.mark.parametrize(
    ("newcomer", "former", "slug"),
    [
        (CANCEL, TRADE, None),
        (CANCEL, CANCEL, "mempool.slot_taken"),
        (TRADE, TRADE, "mempool.slot_taken"),
    ],
)
def test_a_place_that_is_taken(newcomer: int, former: int, slug: str | None) -> None:
    entry = Entry(transaction(transaction_class=former), 0)

    refusal = place_refusal(
        transaction(transaction_class=newcomer), 0, 1, entry, waiting_count=1, limits=LIMITS
    )

    assert slug == (refusal and refusal.reason.slug)
