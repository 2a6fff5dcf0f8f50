"""What a node asks of a transaction before it keeps and forwards it: cheap, exact, no change.

What one node would not take, no node forwards.  Whether the signatures are genuine is
asked apart, because it costs more than everything here.

Source: docs/specs/machine.md, MACH-048, MACH-049.
"""

from dataclasses import dataclass

from chain.block.transaction import Transaction
from chain.kit import Refusal, View
from chain.machine.application import Application
from chain.machine.run import SEQUENCES_AHEAD_MAX_COUNT, unfit_refusal
from chain.modules.signers.lanes import next_sequence
from chain.modules.system.standing import progress_of


@dataclass(frozen=True, slots=True)
class LaneWindow:
    """Which sequences of a lane may be admitted now: first <= sequence <= last."""

    first: int
    last: int


def lane_window(view: View, signer: bytes, lane: int) -> LaneWindow:
    """Return the window of a signer's lane: its next sequence, and how far ahead may wait."""
    first = next_sequence(view, signer, lane)
    return LaneWindow(first, first + SEQUENCES_AHEAD_MAX_COUNT)


def admit(application: Application, view: View, head_height: int, transaction: Transaction) -> None:
    """Refuse what could not be in the next block, nor in one soon after.

    Refuses, in order: transaction.expired, .expiry_too_far, signers.signer_unknown,
    .key_not_authorised, .agent_expired, .threshold_not_met, .sequence_stale,
    .sequence_ahead (beyond the lane's window), ledger.fee_not_payable, and what `check`
    of each action refuses.
    """
    assert application.payload(transaction.body.kind) is not None
    time_ms = progress_of(view).time_ms
    refusal = unfit_refusal(view, head_height + 1, time_ms, transaction, may_wait=True)
    if refusal is not None:
        raise refusal
    for index, (_, payload) in enumerate(transaction.actions):
        try:
            payload.check()
        except Refusal as refused:
            if len(transaction.actions) > 1:
                refused.facts["action_index"] = index
            raise


__all__ = ["LaneWindow", "admit", "lane_window"]
