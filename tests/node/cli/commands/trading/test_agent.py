"""Agents from the command line. Criteria: AGT-001, AGT-005 of docs/specs/agents.md."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.agents import run as runs
from node.agents.maker.form import MakerSettings
from node.agents.settings import read_settings
from node.cli.commands.trading.agent import pair_of
from node.client.failures import Failure
from node.client.keyring import Keyring

Run = Callable[..., Any]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[MakerSettings]:
    """Agents end at once; what they were told is kept."""
    seen: list[MakerSettings] = []

    def run_agent(_known: Any, settings: MakerSettings, keyring: Keyring) -> None:
        assert keyring.find("alice")
        seen.append(settings)

    monkeypatch.setattr(runs, "run_agent", run_agent)
    monkeypatch.setattr("node.telemetry.logs.set_up", lambda *_, **__: None)
    return seen


def test_an_agent_runs_for_from_at_rpc(novation: Run, started: list[MakerSettings]) -> None:
    said = novation(
        "agent", "run", "maker", "--from", "alice/1", "--rpc", "7601", "--set", "every_ms=900"
    )

    (settings,) = started
    assert 0 == said.code
    assert ("alice/1", ("http://127.0.0.1:7601",), 900) == (
        settings.account,
        settings.nodes,
        settings.every_ms,
    )


def test_a_file_says_what_no_flag_does(
    novation: Run, started: list[MakerSettings], tmp_path: Path
) -> None:
    (tmp_path / "m.toml").write_text('nodes = ["http://x:1"]\naccount = "alice"\nevery_ms = 200\n')

    novation("agent", "run", "maker", "--config", "m.toml", "--set", "every_ms=300")

    (settings,) = started
    assert (("http://x:1",), 300) == (settings.nodes, settings.every_ms)


def test_dry_run_shows_what_it_would_be_told(novation: Run, started: list[MakerSettings]) -> None:
    said = novation("agent", "run", "maker", "--from", "alice", "--dry-run", "--json")

    assert [] == started
    assert "account" in said.document["data"]["settings"]


def test_the_printed_file_is_one_that_can_be_told(novation: Run, tmp_path: Path) -> None:
    said = novation("agent", "config", "maker")
    (tmp_path / "maker.toml").write_text(said.out)

    assert MakerSettings() == read_settings(MakerSettings, tmp_path / "maker.toml", {}, {})


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run", "makr"), 9, "no agent makr"),
        (("config", "makr"), 9, "no agent makr"),
        (("run", "maker", "--set", "every_ms"), 2, "sets nothing"),
        (("run", "maker", "--set", "evry_ms=5"), 2, "did you mean every_ms"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    novation: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    answer = novation("agent", *words)

    assert code == answer.code
    assert said in answer.err


def test_a_pair_is_a_key_and_a_value() -> None:
    assert ("a.b", "c=d") == pair_of("a.b=c=d")
    with pytest.raises(Failure):
        pair_of("=c")


def test_an_agent_that_is_to_trade_for_another_account_is_told_whose_key_it_needs(
    novation: Run, started: list[MakerSettings]
) -> None:
    """An option that would be passed over without a word is refused."""
    said = novation("agent", "run", "maker", "--from", "bob", "--account", "alice", "--rpc", "7601")

    assert 2 == said.code
    assert "trades for the account of its own key" in said.err
    assert [] == started
