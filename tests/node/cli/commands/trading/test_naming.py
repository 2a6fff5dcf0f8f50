"""Whose account is meant. Criterion: CLI-071 of docs/specs/cli.md."""

from node.cli.commands.trading.naming import account_text, account_word, events_of
from node.cli.session import Session
from tests.node.cli.commands.trading.conftest import ALICE


def test_a_name_alone_is_its_first_account() -> None:
    session = Session()

    assert ALICE + "/0" == account_text(session, ALICE)
    assert ALICE + "/2" == account_text(session, ALICE + "/2")
    assert "alice/0" == account_word(session, "alice")


def test_events_are_found_by_name() -> None:
    receipt = {"events": [{"name": "a", "n": 1}, {"name": "b"}, {"name": "a", "n": 2}]}

    assert [1, 2] == [event["n"] for event in events_of(receipt, "a")]
