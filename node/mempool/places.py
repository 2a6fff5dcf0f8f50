"""May a transaction wait in the place that it names, by what else waits in its lane?

Source: docs/specs/mempool.md, POOL-002, POOL-003.
"""

from chain.block.transaction import Transaction
from chain.kit.reason import Refusal
from node.mempool import reasons
from node.mempool.entry import Entry, Limits

CANCEL_CLASS = 1
REPLACEABLE_CLASSES = (2, 3)


def place_refusal(
    transaction: Transaction,
    expected: int,
    missing: int,
    former: Entry | None,
    *,
    waiting_count: int,
    limits: Limits,
) -> Refusal | None:
    """Return why it may not wait in its place, or None when it may.

    The lane expects `expected`, its first gap is `missing`, `former` stands in the place now, and
    `waiting_count` stand in the lane.

    Refusals: mempool.sequence_used, .slot_taken, .sequence_gap_too_far, .lane_full.
    """
    body = transaction.body
    if body.sequence < expected:
        return Refusal(reasons.SEQUENCE_USED, lane=body.lane, expected=expected, got=body.sequence)
    if former is not None:
        replaces = (
            transaction.transaction_class == CANCEL_CLASS
            and former.transaction.transaction_class in REPLACEABLE_CLASSES
        )
        if replaces:
            return None
        return Refusal(reasons.SLOT_TAKEN, lane=body.lane, sequence=body.sequence)
    if body.sequence <= missing:
        return None
    ahead_max = limits.pending_per_signer_max_count + limits.future_per_lane_max_count
    if body.sequence > expected + ahead_max:
        return Refusal(
            reasons.SEQUENCE_GAP_TOO_FAR, lane=body.lane, expected=expected, got=body.sequence
        )
    if waiting_count - (missing - expected) >= limits.future_per_lane_max_count:
        return Refusal(
            reasons.LANE_FULL,
            lane=body.lane,
            limit_count=limits.future_per_lane_max_count,
            missing=missing,
        )
    return None
