"""Reasons of the pool: their numbers are for ever."""

from node.mempool.reasons import MEMPOOL


def test_codes_and_slugs_never_change() -> None:
    """POOL-020."""
    assert {
        1101: "mempool.duplicate",
        1102: "mempool.slot_taken",
        1103: "mempool.sequence_gap_too_far",
        1104: "mempool.lane_full",
        1105: "mempool.signer_full",
        1106: "mempool.full",
        1107: "mempool.sequence_used",
        1111: "mempool.outcome_unknown",
    } == {reason.code: reason.slug for reason in MEMPOOL.reasons}
