"""Who else may trade for an account. Criterion: CLI-112 of docs/specs/cli.md."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.cli.commands.trading.conftest import ALICE, HEAD, PLACED

Run = Callable[..., Any]
BOB = text_of(SigningKey.from_seed(development_seed("bob")).public_key)
WEEK_MS = 7 * 86_400_000


@pytest.fixture(autouse=True)
def second_key(keys: None, tmp_path: Path) -> None:
    folder = tmp_path / "home/.novation/keys"
    Keystore([folder]).create("bob", None, seed=development_seed("bob"))


def test_a_delegate_is_named_for_as_long_as_was_asked(novation: Run, traded: Run) -> None:
    node = traded()
    words = ("account", "delegate", "bob", "--good-till", "7d", "--from", "alice/1")

    said = novation(*words, "--rpc", node.url)

    assert 0 == said.code, said.err
    (built,) = node.asked("tx_build")
    assert "accounts.add_delegate" == built["kind"]
    now_ms = node.answers["chain_getStatus"]["time_ms"]
    assert ALICE + "/1" == built["fields"]["account_holder"]
    assert BOB == built["fields"]["delegate"]
    assert built["fields"]["expires_ms"] == now_ms + WEEK_MS
    assert "bob may trade for alice/1 until " in said.out


def test_what_a_delegate_may_do_ends_at_once(novation: Run, traded: Run) -> None:
    node = traded()

    said = novation("account", "undelegate", "bob", "--from", "alice", "--rpc", node.url)

    assert 0 == said.code, said.err
    (built,) = node.asked("tx_build")
    assert "accounts.remove_delegate" == built["kind"]
    assert {"account_holder": ALICE + "/0", "delegate": BOB} == built["fields"]
    assert "bob may no longer trade for alice/0" in said.out


def test_delegates_are_told_by_name_with_their_end(novation: Run, traded: Run) -> None:
    key = {"account_holder": ALICE + "/0", "delegate": BOB}
    rows = {"items": [{"key": key, "value": {"expires_ms": 1_796_651_977_049}}], **HEAD}
    node = traded(state_scan=rows)

    said = novation("account", "delegates", "alice", "--rpc", node.url)

    assert 0 == said.code, said.err
    assert "alice/0 at height 9" in said.out
    assert "bob" in said.out
    assert "2026-12-07 13:59:37" in said.out
    assert [ALICE + "/0"] == node.asked("state_scan")[0]["prefix"]


def test_an_account_without_delegates_has_nobody(novation: Run, traded: Run) -> None:
    node = traded(state_scan={"items": [], **HEAD})

    said = novation("account", "delegates", "--from", "alice", "--rpc", node.url)

    assert "nobody" in said.out


def test_a_delegate_signs_for_the_account_that_was_named(novation: Run, traded: Run) -> None:
    node = traded(PLACED)
    words = ("order", "place", "BTC-PERP", "buy", "2.5", "--price", "64_000")

    said = novation(*words, "--from", "bob", "--account", "alice/1", "--rpc", node.url)

    assert 0 == said.code, said.err
    (built,) = node.asked("tx_build")
    assert ALICE + "/1" == built["fields"]["account_holder"]
    assert BOB == built["signer"]
