"""What a node asks of a transaction before it keeps and forwards it: cheap, exact, no change.

What one node would not take, no node forwards.  Whether the signatures are genuine is
asked apart, because it costs more than everything here.

Source: docs/specs/machine.md, MACH-048, MACH-049.
"""

from dataclasses import dataclass

from chain.block.transaction import Transaction
from chain.kit import Refusal, View
from chain.limits import VALIDITY_MAX_BLOCKS
from chain.machine.application import Application
from chain.machine.run import SEQUENCES_AHEAD_MAX_COUNT, unfit_refusal
from chain.modules.signers.authority import are_own_keys
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
    Admissions(view, head_height).admit(transaction)


class Admissions:
    """What one state admits, asked of it once for each signer's lane.

    It is of one state: made anew when that moves.  What a signer signed with keys of its own it
    may send whatever it is, so that only sequence and expiry are of each transaction.
    """

    __slots__ = ("_first_of", "_height", "_time_ms", "_view")

    def __init__(self, view: View, head_height: int) -> None:
        self._view = view
        self._height = head_height + 1
        self._time_ms = progress_of(view).time_ms
        self._first_of: dict[tuple[bytes, int, tuple[bytes, ...]], int] = {}

    def admit(self, transaction: Transaction) -> None:
        """Refuse as `admit` does."""
        refusal = self.refusal(transaction)
        if refusal is not None:
            raise refusal
        for index, (_, payload) in enumerate(transaction.actions):
            try:
                payload.check()
            except Refusal as refused:
                if len(transaction.actions) > 1:
                    refused.facts["action_index"] = index
                raise

    def refusal(self, transaction: Transaction) -> Refusal | None:
        """Return why the state does not take a transaction; what `check` refuses is not asked."""
        body = transaction.body
        keys = transaction.signing_keys
        lane = (body.signer, body.lane, keys)
        first = self._first_of.get(lane)
        if (
            first is not None
            and first <= body.sequence <= first + SEQUENCES_AHEAD_MAX_COUNT
            and self._height <= body.valid_until_height <= self._height + VALIDITY_MAX_BLOCKS
        ):
            return None
        refusal = unfit_refusal(self._view, self._height, self._time_ms, transaction, may_wait=True)
        if refusal is None and are_own_keys(self._view, body.signer, keys):
            self._first_of[lane] = next_sequence(self._view, body.signer, body.lane)
        return refusal


__all__ = ["Admissions", "LaneWindow", "admit", "lane_window"]
