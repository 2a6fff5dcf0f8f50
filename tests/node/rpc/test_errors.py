"""Error objects. Criteria: RPC-030 to RPC-034 of docs/specs/rpc.md."""

from node.rpc.errors import ENVELOPE_ERRORS, MethodUnknown, RpcError


def test_an_error_object_has_code_message_and_four_data() -> None:
    error = RpcError(203, "short", "ledger.balance_short", facts={"asset": "USD"}, hint="send less")

    assert {
        "code": 203,
        "message": "short",
        "data": {
            "code": 203,
            "reason": "ledger.balance_short",
            "facts": {"asset": "USD"},
            "hint": "send less",
        },
    } == error.shape()


def test_envelope_errors_keep_the_standard_codes() -> None:
    assert [-32700, -32600, -32601, -32602, -32603] == [one.CODE for one in ENVELOPE_ERRORS]
    assert all(one.REASON.startswith("rpc.") and one.HINT for one in ENVELOPE_ERRORS)


def test_a_hint_of_the_moment_replaces_the_usual_one() -> None:
    assert "connect to /ws" == MethodUnknown("no", hint="connect to /ws").hint
    assert MethodUnknown.HINT == MethodUnknown("no").hint
