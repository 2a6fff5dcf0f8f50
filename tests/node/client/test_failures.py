import pytest

from node.client import failures
from node.client.failures import Failure, Kind, exit_code_of, failure_from_node


@pytest.mark.parametrize(
    ("reason", "exit_code"),
    [
        ("transaction.expired", 4),
        ("signers.sequence_stale", 4),
        ("mempool.full", 4),
        ("mempool.outcome_unknown", 6),
        ("ledger.balance_short", 4),
        ("node.not_ready", 8),
        ("node.height_pruned", 9),
        ("node.snapshot_unknown", 9),
        ("node.dev_chain_only", 2),
        ("node.feed_unknown", 9),
        ("node.price_impossible", 2),
        ("node.report_malformed", 4),
        ("node.report_elsewhere", 4),
        ("node.report_forged", 4),
        ("node.report_old", 4),
        ("node.report_untimely", 4),
        ("limits.rate_exceeded", 8),
        ("lookup.not_found", 9),
    ],
)
def test_reason_of_the_chain_ends_in_its_exit_code(reason: str, exit_code: int) -> None:
    assert exit_code == exit_code_of(reason)


def test_failure_of_the_chain_keeps_code_reason_and_facts() -> None:
    error = {
        "code": 202,
        "message": "not enough",
        "data": {"code": 202, "reason": "ledger.short", "facts": {"short_by": "7"}, "hint": "less"},
    }

    failure = failure_from_node(error)

    assert {
        "code": 202,
        "reason": "ledger.short",
        "message": "not enough",
        "details": {"short_by": "7"},
        "hint": "less",
    } == failure.envelope()


@pytest.mark.parametrize(("number", "exit_code"), [(-32601, 2), (-32602, 2), (-32603, 1)])
def test_faults_of_the_call_are_told_apart(number: int, exit_code: int) -> None:
    failure = failure_from_node({"code": number, "message": "no", "data": {"reason": "rpc.x"}})

    assert exit_code == failure.exit_code


def test_error_without_a_reason_is_a_strange_answer() -> None:
    failure = failure_from_node({"code": 7, "message": "what"})

    assert "client.answer_strange" == failure.kind.reason


def test_numbers_of_own_reasons_say_their_exit_code_and_are_unique() -> None:
    kinds = [value for value in vars(failures).values() if isinstance(value, Kind)]

    expected = {90_000 + 100 * kind.exit_code for kind in kinds if kind.exit_code < 100}
    assert expected == {kind.code - kind.code % 100 for kind in kinds if kind.exit_code < 100}
    assert len(kinds) == len({kind.code for kind in kinds}) == len({kind.reason for kind in kinds})


def test_failure_reads_as_its_message() -> None:
    assert "gone" == str(Failure(failures.USAGE, "gone"))
