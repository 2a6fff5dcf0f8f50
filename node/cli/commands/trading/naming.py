"""Whose account a command is about, and amounts of it as people read them.

Source: docs/specs/cli.md, CLI-071.
"""

from collections.abc import Mapping
from typing import Any

from chain.crypto.addresses import text_of
from node.cli.session import Session
from node.client.failures import KEY_MISSING, Failure
from node.client.keyring import account_name

Receipt = Mapping[str, Any]


def account_text(session: Session, name: str | None = None) -> str:
    """Return the account `nov1.../N` that a word means; without one --account, then --from.

    `alice` is `alice/0`.
    Refuses: KEY_MISSING, when nobody was named.
    """
    word = _word(session, name)
    if not word:
        raise Failure(KEY_MISSING, "whose account? name it: alice or alice/1, or --from alice")
    found = account_name(word)
    return f"{text_of(session.keyring.address(found.owner))}/{found.number}"


def account_word(session: Session, name: str | None = None) -> str:
    """Return how to call an account before people, its number included."""
    found = account_name(_word(session, name) or "")
    return f"{found.owner}/{found.number}"


def _word(session: Session, name: str | None) -> str | None:
    return name or session.account_name or session.signer_name


def events_of(receipt: Receipt, name: str) -> list[Mapping[str, Any]]:
    """Return the events of one name in a receipt."""
    return [event for event in receipt.get("events", []) if event["name"] == name]
