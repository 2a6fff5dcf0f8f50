"""Send a transaction and learn what came of it, waiting on this side.

No outcome is guessed.  A transaction that was sent and not seen final carries the height
after which it cannot be included any more: until then it must not be made anew.

Source: docs/specs/cli.md, CLI-050 to CLI-054.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from node.client.building import Signed
from node.client.failures import (
    EXIT_REJECTED,
    EXPIRED,
    OUTCOME_UNKNOWN,
    REFUSED,
    REPLACED,
    UNANSWERED,
    UNREACHABLE,
    WOULD_BE_REFUSED,
    Failure,
    Kind,
)
from node.client.transport import Client
from node.clock import Clock

THRESHOLD_NOT_MET = "signers.threshold_not_met"
POLL_FIRST_MS = 20
POLL_LAST_MS = 250

Receipt = Mapping[str, Any]


def simulate(client: Client, signed: Signed, account: str | None = None) -> Receipt:
    """Return the receipt that the transaction would get now.

    With an account its `change` says how that would stand before and after.

    Refuses: a foreseen refusal, with the chain's reason; nothing was sent.
    """
    try:
        receipt: Receipt = client.call("tx_simulate", tx=signed.blob, account=account)
    except Failure as failure:
        if failure.exit_code != EXIT_REJECTED:
            raise
        advice = [*failure.advice, "nothing was sent"]
        if failure.kind.reason == THRESHOLD_NOT_MET:
            advice.append("several keys sign a file: novation multisig propose")
        raise Failure(failure.kind, failure.message, *advice, details=failure.details) from failure
    if not receipt["ok"]:
        raise refusal_of(receipt, WOULD_BE_REFUSED, "nothing was sent; insist: --force")
    return receipt


def refusal_of(receipt: Receipt, kind: Kind, *advice: str) -> Failure:
    """Return the failure that a receipt of a refused transaction is."""
    message = receipt.get("message") or f"the chain refuses it: {receipt['reason']}"
    hint = [str(receipt["hint"])] if receipt.get("hint") else []
    return Failure(
        Kind(str(receipt["reason"]), int(receipt.get("code") or kind.code), kind.exit_code),
        str(message),
        *hint,
        *advice,
        details=receipt.get("facts") or {},
    )


def submit(client: Client, signed: Signed) -> bool:
    """Return whether the node is known to have taken the transaction.

    False when the request left and no answer came: it may or may not be on its way.

    Refuses: what the node refuses; UNREACHABLE when nothing left this machine.
    """
    try:
        client.call("tx_submit", tx=signed.blob)
    except Failure as failure:
        if failure.kind == UNANSWERED:
            return False
        raise
    return True


@dataclass(frozen=True)
class Patience:
    """How long to wait, and by which clock."""

    limit_ms: int
    clock: Clock
    pause: Callable[[float], None]


def wait(
    client: Client, transaction: str, patience: Patience, valid_until_height: int | None = None
) -> Receipt:
    """Return the receipt of a transaction once it is in a final block.

    Refuses: 5 when it was included and refused; 4 when it expired or was replaced; 6 when
    the limit passed and it may still be included.
    """
    deadline_ms = patience.clock.monotonic_ms() + patience.limit_ms
    poll_ms = POLL_FIRST_MS
    height: int | None = None
    while True:
        # The height first: a transaction that is unknown after it can no longer be below it.
        height = _height(client) if poll_ms >= POLL_LAST_MS else height
        status = _status(client, transaction)
        if status.get("valid_until_height") is not None:
            valid_until_height = int(status["valid_until_height"])
        receipt = _settled(status, transaction)
        if receipt is not None:
            return receipt
        if height is not None and valid_until_height is not None and height > valid_until_height:
            raise _gone(transaction, "expired")
        now_ms = patience.clock.monotonic_ms()
        if now_ms >= deadline_ms:
            height = _height(client)
            raise outcome_unknown(transaction, patience.limit_ms, valid_until_height, height)
        patience.pause(min(poll_ms, deadline_ms - now_ms) / 1000)
        poll_ms = min(POLL_LAST_MS, poll_ms * 2)


def _status(client: Client, transaction: str) -> Mapping[str, Any]:
    """Return where the transaction stands; a node that is away for a moment knows nothing."""
    try:
        status: Mapping[str, Any] = client.call("tx_getStatus", id=transaction)
    except Failure as failure:
        # It may only be restarting: what was sent is no less sent.
        if failure.kind not in {UNANSWERED, UNREACHABLE}:
            raise
        return {"status": "unknown"}
    return status


def _height(client: Client) -> int | None:
    """Return the final height, None while the node does not answer."""
    try:
        return int(client.call("chain_getStatus")["height"])
    except Failure:
        return None


def _settled(status: Mapping[str, Any], transaction: str) -> Receipt | None:
    """Return the receipt of an applied transaction, None while nothing is settled."""
    state = status["status"]
    if state == "applied":
        receipt: Receipt = status["receipt"]
        return receipt
    if state == "refused":
        receipt = status["receipt"]
        where = f"included in block {receipt['height']} and refused; its sequence is used"
        fee = f"fee {receipt['fee_quantums']} quantums"
        raise refusal_of(
            receipt, REFUSED, f"{where}, {fee}", f"why: novation tx explain {transaction}"
        )
    if state in {"expired", "replaced"}:
        raise _gone(transaction, state)
    return None


def _gone(transaction: str, state: str) -> Failure:
    return Failure(
        EXPIRED if state == "expired" else REPLACED,
        f"{transaction} {'has expired' if state == 'expired' else 'was replaced'}",
        "it was not and cannot be included; it is safe to send anew",
        details={"id": transaction},
    )


def outcome_unknown(
    transaction: str, limit_ms: int, valid_until_height: int | None, height: int | None
) -> Failure:
    """Return the failure for what was sent and not seen final, with what to do about it."""
    seconds = f"{limit_ms / 1000:g} s"
    details: dict[str, Any] = {"id": transaction}
    if valid_until_height is None:
        return Failure(
            OUTCOME_UNKNOWN,
            f"{transaction} is not final after {seconds}",
            f"check: novation tx wait {transaction}",
            details=details,
        )
    details["valid_until_height"] = str(valid_until_height)
    now = f" (now {height})" if height is not None else ""
    return Failure(
        OUTCOME_UNKNOWN,
        f"{transaction} was sent but is not final after {seconds};"
        f" it can still be included until height {valid_until_height}{now}",
        f"check: novation tx wait {transaction}"
        f"      safe to resend after height {valid_until_height}",
        details=details,
    )
