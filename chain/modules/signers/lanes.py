"""The order of a signer's transactions: 64 lanes, each going up by exactly one.

Source: docs/specs/signers.md, SIGN-010 to SIGN-013.
"""

from chain.kit import Refusal, State, View
from chain.modules.signers.reasons import SEQUENCE_AHEAD, SEQUENCE_STALE
from chain.modules.signers.state import LANES, Lane


def next_sequence(view: View, signer: bytes, lane: int) -> int:
    """Return the sequence that this lane's next transaction has; 0 for an unused lane."""
    stored = view.get(LANES, (signer, lane))
    return 0 if stored is None else stored.next_sequence


def sequence_refusal(expected: int, sequence: int, ahead_max_count: int = 0) -> Refusal | None:
    """Return why a sequence is not one that may come now, or None when it may."""
    if expected <= sequence <= expected + ahead_max_count:
        return None
    reason = SEQUENCE_STALE if sequence < expected else SEQUENCE_AHEAD
    return Refusal(reason, expected=expected, got=sequence)


def advance_lane(state: State, signer: bytes, lane: int, sequence: int) -> None:
    """Use up a sequence, which was the next one of its lane."""
    state.put(LANES, (signer, lane), Lane(sequence + 1))
