from collections.abc import Callable
from pathlib import Path

import pytest

from node.cli.session import READ_TIMEOUT_MS, WAIT_TIMEOUT_MS, Session
from tests.node.client.fake_node import FakeNode


def test_options_are_kept_under_their_names() -> None:
    session = Session()

    for name, value in {"as_json": True, "quiet": True, "rpc": "x", "no_wait": True}.items():
        session.keep(name, value)

    assert (True, True) == (session.reporter.as_json, session.reporter.quiet)
    assert ("x", True) == (session.rpc, session.no_wait)


def test_named_folder_stands_above_the_usual_one() -> None:
    session = Session()
    usual = session.folder(Path("usual"))
    session.keep("data", "other")

    assert (Path("usual"), Path("other")) == (usual, session.folder(Path("usual")))


def test_client_asks_the_node_that_was_named(serve: Callable[..., FakeNode]) -> None:
    session = Session()
    session.keep("rpc", serve(a=5).url)

    assert 5 == session.client.call("a")
    session.close()


def test_waiting_for_finality_is_longer_than_for_an_answer() -> None:
    session = Session()

    assert READ_TIMEOUT_MS < WAIT_TIMEOUT_MS == session.wait_ms

    session.keep("timeout_ms", 5)
    assert 5 == session.wait_ms


def test_keys_are_those_of_the_network_and_of_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    session = Session()
    session.keep("data", str(tmp_path))
    (tmp_path / "keys").mkdir()

    assert [tmp_path / "keys", tmp_path / ".novation/keys"] == session.keyring.folders
