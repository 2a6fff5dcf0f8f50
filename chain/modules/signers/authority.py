"""May these keys send this for this signer? Asked of the state, at the transaction's place.

Source: docs/specs/signers.md, SIGN-020 to SIGN-027.
"""

from typing import Any

from chain.kit import CLASS_POST_ONLY, CLASS_RELIEF, CLASS_TRADING, Refusal, View
from chain.modules.signers.reasons import (
    AGENT_EXPIRED,
    KEY_NOT_AUTHORISED,
    SIGNER_UNKNOWN,
    THRESHOLD_NOT_MET,
)
from chain.modules.signers.state import AGENTS, SIGNERS, Agent

AGENT_CLASSES = (CLASS_RELIEF, CLASS_POST_ONLY, CLASS_TRADING)
"""What can be given to an agent: never governance, transfers out or key changes."""


def authority_refusal(
    view: View,
    *,
    signer: bytes,
    signing_keys: tuple[bytes, ...],
    actions: tuple[tuple[int, Any], ...],
    transaction_class: int,
    time_ms: int,
) -> Refusal | None:
    """Return why these keys may not send these actions for the signer, or None if they may.

    Either at least the threshold of the signer's keys signed and nobody else, or one
    agent signed alone, before it expires, and every action is within its scope.
    Refuses: signer_unknown, key_not_authorised, agent_expired, threshold_not_met.
    """
    record = view.get(SIGNERS, signer)
    if record is None:
        return Refusal(SIGNER_UNKNOWN)
    for stranger in signing_keys:
        if stranger not in record.keys:
            break
    else:
        if len(signing_keys) >= record.threshold:
            return None
        return Refusal(
            THRESHOLD_NOT_MET,
            signature_count=len(signing_keys),
            threshold_count=record.threshold,
        )
    agent = view.get(AGENTS, (signer, stranger)) if len(signing_keys) == 1 else None
    if agent is None or transaction_class not in AGENT_CLASSES:
        return Refusal(KEY_NOT_AUTHORISED, public_key=f"0x{stranger.hex()}")
    if time_ms >= agent.expires_ms:
        return Refusal(AGENT_EXPIRED, expires_ms=agent.expires_ms, time_ms=time_ms)
    if not all(_within(agent, kind, payload) for kind, payload in actions):
        return Refusal(KEY_NOT_AUTHORISED, public_key=f"0x{stranger.hex()}")
    return None


def _within(agent: Agent, kind: int, payload: Any) -> bool:
    action_class = payload.transaction_class
    return action_class in AGENT_CLASSES and (kind in agent.kinds or action_class in agent.classes)
