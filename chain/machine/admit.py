"""What a node asks of a transaction before it keeps and forwards it: cheap, exact, no change.

What one node would not take, no node forwards.  Whether the signatures are genuine is
asked apart, because it costs more than everything here.

Source: docs/specs/machine.md, MACH-048, MACH-049.
"""

from collections.abc import Sequence

from chain.block.transaction import Transaction
from chain.kit import Refusal, View
from chain.limits import VALIDITY_MAX_BLOCKS
from chain.machine.application import Application
from chain.machine.run import SEQUENCES_AHEAD_MAX_COUNT, unfit_refusal
from chain.modules.ledger.fees import is_fee_payable, ledger_parameters_of
from chain.modules.signers.lanes import next_sequence
from chain.modules.signers.state import SIGNERS, Signer
from chain.modules.system.standing import progress_of


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

    __slots__ = ("_first_of", "_parameters", "_time_ms", "_view", "height", "signed_by_others")

    def __init__(self, view: View, head_height: int) -> None:
        self._view = view
        self.height = head_height + 1
        """Of the block that what is admitted could be in."""
        self.signed_by_others: dict[bytes, None] = {}
        """Signers for whom others than their own keys sent something that was not refused."""
        self._time_ms = progress_of(view).time_ms
        self._parameters = ledger_parameters_of(view)
        self._first_of: dict[tuple[bytes, int, tuple[bytes, ...]], int] = {}

    def admit(self, transaction: Transaction) -> None:
        """Refuse as `admit` does."""
        (refusal,) = self.refusals([transaction])
        refusal = refusal or check_refusal(transaction)
        if refusal is not None:
            raise refusal

    def refusal(self, transaction: Transaction) -> Refusal | None:
        """Return why the state does not take a transaction; what `check` refuses is not asked."""
        (refusal,) = self.refusals([transaction])
        return refusal

    def refusals(self, transactions: Sequence[Transaction]) -> list[Refusal | None]:
        """Return for each what `refusal` does."""
        first_of, height = self._first_of, self.height
        latest_height = height + VALIDITY_MAX_BLOCKS
        answers: list[Refusal | None] = []
        for transaction in transactions:
            body = transaction.body
            first = first_of.get((body.signer, body.lane, transaction.signing_keys))
            if (
                first is not None
                and first <= body.sequence <= first + SEQUENCES_AHEAD_MAX_COUNT
                and height <= body.valid_until_height <= latest_height
            ):
                answers.append(None)
            else:
                answers.append(self._asked(transaction))
        return answers

    def is_by_own_keys(self, transaction: Transaction) -> bool:
        """Return whether one that was not refused is signed with keys of the signer's own."""
        body = transaction.body
        return (body.signer, body.lane, transaction.signing_keys) in self._first_of

    def standing_of(self, signer: bytes) -> Signer | None:
        """Return what alone decides on what a signer signed with keys of its own, but for places.

        None when it decides against all of it.
        """
        if not is_fee_payable(self._view, signer, self._parameters):
            return None
        return self._view.get(SIGNERS, signer)

    def _asked(self, transaction: Transaction) -> Refusal | None:
        """Return why the state does not take a transaction, asked of the state itself."""
        body, keys = transaction.body, transaction.signing_keys
        signer = self.standing_of(body.signer)
        if signer is not None and all(key in signer.keys for key in keys):
            first = next_sequence(self._view, body.signer, body.lane)
            if (
                len(keys) >= signer.threshold
                and first <= body.sequence <= first + SEQUENCES_AHEAD_MAX_COUNT
                and self.height <= body.valid_until_height <= self.height + VALIDITY_MAX_BLOCKS
            ):
                self._first_of[body.signer, body.lane, keys] = first
                return None
        refusal = unfit_refusal(self._view, self.height, self._time_ms, transaction, may_wait=True)
        if refusal is None:
            self.signed_by_others[body.signer] = None
        return refusal


def check_refusal(transaction: Transaction) -> Refusal | None:
    """Return what `check` of an action refuses, or None: what no state could make right."""
    index = 0
    try:
        for index, (_, payload) in enumerate(transaction.actions):  # noqa: B007
            payload.check()
    except Refusal as refused:
        if len(transaction.actions) > 1:
            refused.facts["action_index"] = index
        return refused
    return None
