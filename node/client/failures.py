"""What can go wrong for somebody who talks to a node, and how the command then exits.

    0 done and final          4 rejected before inclusion    8 node not ready
    1 our bug                 5 included but refused         9 not found
    2 usage or configuration  6 sent, outcome unknown      130 interrupted
    3 unreachable, not sent   7 key or passphrase

What the chain says keeps the chain's code and reason.  What only this program can say
has a reason in the area `client` and a code of 90000 + 100 x exit code + number, far
above any module's.

Source: docs/specs/cli.md, CLI-010 to CLI-014.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EXIT_DONE = 0
EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_UNREACHABLE = 3
EXIT_REJECTED = 4
EXIT_REFUSED = 5
EXIT_UNKNOWN = 6
EXIT_KEY = 7
EXIT_NOT_READY = 8
EXIT_NOT_FOUND = 9
EXIT_INTERRUPTED = 130


@dataclass(frozen=True)
class Kind:
    """One way to fail: its stable reason, its number and the exit code it ends in."""

    reason: str
    code: int
    exit_code: int


BUG = Kind("client.defect", 90101, EXIT_BUG)
NODE_BUG = Kind("client.node_defect", 90102, EXIT_BUG)
ANSWER_STRANGE = Kind("client.answer_strange", 90103, EXIT_BUG)
USAGE = Kind("client.usage", 90201, EXIT_USAGE)
NO_COMMAND = Kind("client.no_command", 90202, EXIT_USAGE)
VALUE_MALFORMED = Kind("client.value_malformed", 90203, EXIT_USAGE)
AMOUNT_INEXACT = Kind("client.amount_inexact", 90204, EXIT_USAGE)
CONFIGURATION = Kind("client.configuration", 90205, EXIT_USAGE)
FLAGS_CHANGED = Kind("client.flags_changed", 90206, EXIT_USAGE)
PORT_TAKEN = Kind("client.port_taken", 90207, EXIT_USAGE)
CHAIN_DIFFERS = Kind("client.chain_differs", 90208, EXIT_USAGE)
DECLARATION_DIFFERS = Kind("client.declaration_differs", 90209, EXIT_USAGE)
METHOD_ABSENT = Kind("client.method_absent", 90210, EXIT_USAGE)
SYSTEM_UNFIT = Kind("client.system_unfit", 90211, EXIT_USAGE)
PLOT_MISSING = Kind("client.plot_missing", 90212, EXIT_USAGE)
UNWRITABLE = Kind("client.unwritable", 90213, EXIT_USAGE)
UNREACHABLE = Kind("client.unreachable", 90301, EXIT_UNREACHABLE)
UNANSWERED = Kind("client.unanswered", 90302, EXIT_UNREACHABLE)
NOT_RUNNING = Kind("client.not_running", 90303, EXIT_UNREACHABLE)
WOULD_BE_REFUSED = Kind("client.would_be_refused", 90401, EXIT_REJECTED)
EXPIRED = Kind("client.expired", 90402, EXIT_REJECTED)
REPLACED = Kind("client.replaced", 90403, EXIT_REJECTED)
REFUSED = Kind("client.refused", 90501, EXIT_REFUSED)
INVARIANT_BROKEN = Kind("client.invariant_broken", 90502, EXIT_REFUSED)
PROOF_WRONG = Kind("client.proof_wrong", 90503, EXIT_REFUSED)
OUTCOME_UNKNOWN = Kind("client.outcome_unknown", 90601, EXIT_UNKNOWN)
KEY_MISSING = Kind("client.key_missing", 90701, EXIT_KEY)
KEY_REFUSED = Kind("client.key_refused", 90702, EXIT_KEY)
NOT_READY = Kind("client.not_ready", 90801, EXIT_NOT_READY)
CHILD_ENDED = Kind("client.child_ended", 90802, EXIT_NOT_READY)
NOT_FOUND = Kind("client.not_found", 90901, EXIT_NOT_FOUND)
INTERRUPTED = Kind("client.interrupted", 90001, EXIT_INTERRUPTED)


class Failure(Exception):
    """A command cannot do what it was asked; carries all that is said about it.

    `message` is one sentence with the numbers; `advice` are the lines under it: what did
    or did not happen, and the next command.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        *advice: str,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.advice = advice
        self.details = dict(details or {})

    @property
    def exit_code(self) -> int:
        """Return the code with which the command ends."""
        return self.kind.exit_code

    def envelope(self) -> dict[str, Any]:
        """Return the error as `--json` prints it."""
        return {
            "code": self.kind.code,
            "reason": self.kind.reason,
            "message": self.message,
            "details": self.details,
            "hint": "; ".join(line.removesuffix(".") for line in self.advice),
        }


REFUSAL_EXITS = {
    "mempool.outcome_unknown": EXIT_UNKNOWN,
    "node.not_ready": EXIT_NOT_READY,
    "node.height_pruned": EXIT_NOT_FOUND,
    "node.height_ahead": EXIT_NOT_FOUND,
    "node.snapshot_unknown": EXIT_NOT_FOUND,
    "node.peer_unknown": EXIT_NOT_FOUND,
    "node.dev_chain_only": EXIT_USAGE,
    "node.too_much_time": EXIT_USAGE,
    "node.feed_unknown": EXIT_NOT_FOUND,
    "node.price_impossible": EXIT_USAGE,
    "node.report_malformed": EXIT_REJECTED,
    "node.report_elsewhere": EXIT_REJECTED,
    "node.report_forged": EXIT_REJECTED,
    "node.report_old": EXIT_REJECTED,
    "node.report_untimely": EXIT_REJECTED,
}
AREA_EXITS = {
    "lookup": EXIT_NOT_FOUND,
    "node": EXIT_NOT_READY,
    "limits": EXIT_NOT_READY,
}


ENVELOPE_KINDS = {
    -32700: BUG,
    -32600: BUG,
    -32601: METHOD_ABSENT,
    -32602: VALUE_MALFORMED,
    -32603: NODE_BUG,
}
"""What a malformed call is here: this program wrote the envelope, the person the values."""


def exit_code_of(reason: str) -> int:
    """Return how a command ends when the node answers with this reason.

    A reason of the chain means that the transaction was not taken: 4.  Look-ups, the node
    itself and its limits have exits of their own.
    """
    area = reason.partition(".")[0]
    return REFUSAL_EXITS.get(reason, AREA_EXITS.get(area, EXIT_REJECTED))


def failure_from_node(error: Mapping[str, Any]) -> Failure:
    """Return the failure that a JSON-RPC error object reports."""
    number = error.get("code")
    message = str(error.get("message", "the node gave no message"))
    data = error.get("data")
    said = data if isinstance(data, Mapping) else {}
    facts = said.get("facts") or {}
    hints = (str(said["hint"]),) if said.get("hint") else ()
    own = ENVELOPE_KINDS.get(number) if isinstance(number, int) else None
    if own is not None:
        return Failure(own, message, *hints, details=facts)
    if "reason" not in said:
        return Failure(ANSWER_STRANGE, message, details={"code": number})
    reason = str(said["reason"])
    code = said.get("code", number)
    kind = Kind(reason, code if isinstance(code, int) else 0, exit_code_of(reason))
    return Failure(kind, message, *hints, details=facts)
