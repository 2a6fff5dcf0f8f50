import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from node.cli.lazy import wants_json
from node.cli.main import run
from node.cli.session import Session
from tests.node.client.fake_node import FakeNode


@pytest.fixture
def serve() -> Iterator[Callable[..., FakeNode]]:
    nodes: list[FakeNode] = []

    def make(**answers: Any) -> FakeNode:
        nodes.append(FakeNode(answers))
        return nodes[-1]

    yield make
    for node in nodes:
        node.close()


@dataclass(frozen=True)
class Said:
    """What one command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one document on stdout; more or less than one is a fault."""
        (line,) = self.out.splitlines()
        document = json.loads(line)
        assert isinstance(document, dict)
        return document


@pytest.fixture
def novation(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("NOVATION_RPC", raising=False)
    monkeypatch.delenv("NOVATION_PASSPHRASE_FILE", raising=False)
    monkeypatch.chdir(tmp_path)

    def run_command(*words: str) -> Said:
        capsys.readouterr()
        code = run(list(words), Session(as_json=wants_json(list(words))))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run_command
