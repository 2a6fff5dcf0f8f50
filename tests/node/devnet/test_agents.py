"""FEEDER-050 to FEEDER-052: a feeder for each folder that has settings, and none twice."""

from pathlib import Path

import pytest

from node.agents.feeder.settings import write_synthetic
from node.devnet import agents, processes
from node.devnet.seeds import oracle_seed
from node.folder import DataFolder
from node.keystore.key_file import write_key_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = DataFolder(tmp_path / "auth0")
    folder.signer.mkdir(parents=True)
    write_key_file(folder.oracle_key, oracle_seed("auth0"), "oracle", None)
    write_synthetic(folder.feeder, node="http://127.0.0.1:9", name="auth0", seed=1)
    return folder.root


def test_a_feeder_is_started_once_and_ends_when_asked(folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "auth1"
    bare.mkdir()

    (pid,) = agents.start([folder, bare])
    again = agents.start([folder])
    alive = processes.is_alive(pid)
    killed = agents.stop([folder, bare])

    assert ([], [], True) == (again, killed, alive)
    assert not processes.is_alive(pid)
    assert None is processes.running_pid(folder)
