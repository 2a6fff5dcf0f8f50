"""AGT-020, AGT-026: an agent of a folder runs until it is told to end; else it says why not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from node.agents import run as subject
from node.agents.known import AGENTS
from node.agents.maker.form import MakerSettings
from node.agents.run import main, run_agent
from node.agents.running import Running
from node.client.keyring import Keyring

Goes = Callable[[], bool]


def told(tmp_path: Path, text: str = 'keys = "."\n') -> list[str]:
    (tmp_path / "maker.toml").write_text(text)
    return ["--data", str(tmp_path)]


def test_it_ends_with_its_settings_file(
    keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def run_until(_running: Running, _stop: object, goes_on: Goes) -> None:
        seen.append(goes_on())
        (tmp_path / "maker.toml").unlink()
        seen.append(goes_on())

    monkeypatch.setattr(Running, "run_until", run_until)
    monkeypatch.setattr(subject.signal, "signal", lambda *_: None)

    assert 0 == main("maker", told(tmp_path))
    assert [True, False] == seen
    assert (tmp_path / "maker.log").exists()


def test_signals_ask_it_to_end(keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    handlers = {}
    monkeypatch.setattr(subject.signal, "signal", handlers.__setitem__)

    def run_until(_running: Running, stop: object, goes_on: Goes) -> None:
        assert goes_on()
        for handle in handlers.values():
            handle(15, None)
        assert stop.is_set()  # type: ignore[attr-defined]

    monkeypatch.setattr(Running, "run_until", run_until)

    run_agent(AGENTS["maker"], MakerSettings(), keyring)

    assert set(subject.ENDING) == set(handlers)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("every_ms = 1\n", 2, "node.agent_configuration: "),
        ('keys = "."\naccount = "nobody"\n', 7, "client.key_missing: no key for nobody"),
    ],
)
def test_what_keeps_it_from_starting_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int, said: str
) -> None:
    assert code == main("maker", told(tmp_path, text))
    assert capsys.readouterr().err.startswith(said)
