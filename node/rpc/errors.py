"""JSON-RPC errors: what is answered instead of a result.

    RpcError
    +-- EnvelopeError            the call is not a call: codes of JSON-RPC 2.0
    |   +-- ParseFailed          -32700  the bytes are not JSON, or not JSON that has one meaning
    |   +-- RequestInvalid       -32600  JSON, but not a request
    |   +-- MethodUnknown        -32601  no such method here; says which was meant
    |   +-- ParametersInvalid    -32602  unknown, missing or wrong parameters
    |   +-- InternalFault        -32603  our defect; logged, and nothing more is said
    +-- Refused                  a positive code: module id x 100 + number, slug, facts, hint

Every error carries `data = {code, reason, facts, hint}`. What the state machine, the mempool
and the node refuse (`chain.kit.reason.Refusal`, `node.faults.NodeFault`) becomes `Refused` in
`node.rpc.refusals`.

Source: docs/specs/rpc.md, RPC-030 to RPC-034.
"""

from collections.abc import Mapping
from typing import ClassVar

Fact = str | int | bool | list[str] | None


class RpcError(Exception):
    """A call has no result: code, sentence, slug, facts and what to do."""

    def __init__(
        self,
        code: int,
        message: str,
        reason: str,
        *,
        facts: Mapping[str, Fact] | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = reason
        self.facts = dict(facts or {})
        self.hint = hint

    def shape(self) -> dict[str, object]:
        """Return the error object of JSON-RPC."""
        return {
            "code": self.code,
            "message": self.message,
            "data": {
                "code": self.code,
                "reason": self.reason,
                "facts": self.facts,
                "hint": self.hint,
            },
        }


class EnvelopeError(RpcError):
    """The call is not a call that this node knows."""

    CODE: ClassVar[int]
    REASON: ClassVar[str]
    HINT: ClassVar[str]

    def __init__(self, message: str, *, hint: str = "", **facts: Fact) -> None:
        super().__init__(self.CODE, message, self.REASON, facts=facts, hint=hint or self.HINT)


class ParseFailed(EnvelopeError):
    """The bytes are not JSON with one meaning."""

    CODE = -32700
    REASON = "rpc.parse_failed"
    HINT = "send one JSON document: UTF-8, no repeated keys, no NaN or Infinity"


class RequestInvalid(EnvelopeError):
    """The JSON is not a request of JSON-RPC 2.0."""

    CODE = -32600
    REASON = "rpc.request_invalid"
    HINT = 'send {"jsonrpc": "2.0", "id": 1, "method": "chain_getStatus", "params": {}}'


class MethodUnknown(EnvelopeError):
    """No method of this name is served here."""

    CODE = -32601
    REASON = "rpc.method_unknown"
    HINT = "rpc.discover lists every method of this node"


class ParametersInvalid(EnvelopeError):
    """Parameters are unknown, missing, or of the wrong form."""

    CODE = -32602
    REASON = "rpc.parameters_invalid"
    HINT = "rpc.discover shows the parameters of each method"


class InternalFault(EnvelopeError):
    """A defect of this node, which is in its log."""

    CODE = -32603
    REASON = "rpc.internal_fault"
    HINT = "the node's log has the details; the call may be sent again"


class Refused(RpcError):
    """A well-formed call was refused, with a permanent code and slug."""


ENVELOPE_ERRORS: tuple[type[EnvelopeError], ...] = (
    ParseFailed,
    RequestInvalid,
    MethodUnknown,
    ParametersInvalid,
    InternalFault,
)
