"""FEEDER-040, FEEDER-046: a feeder runs until it is told to end, or its folder is gone."""

import threading
from pathlib import Path
from typing import Any

import pytest

from node.agents.feeder.fault import FeederFault
from node.agents.feeder.run import main, report_until, reporting_of
from node.agents.feeder.settings import write_synthetic
from node.clock import Clock
from node.devnet.seeds import oracle_seed
from node.folder import DataFolder
from node.keystore.fault import KeystoreFault
from node.keystore.key_file import Purpose, write_key_file


def folder_of(tmp_path: Path, purpose: Purpose = "oracle") -> DataFolder:
    folder = DataFolder(tmp_path)
    folder.signer.mkdir()
    write_key_file(folder.oracle_key, oracle_seed("auth0"), purpose, None)
    write_synthetic(folder.feeder, node="http://127.0.0.1:9", name="auth0", seed=1)
    return folder


class Count:
    """Stands for a feeder: ends it, or takes its settings away, at a turn."""

    def __init__(self, at: int, then: Any) -> None:
        self.turns_count = 0
        self._at = at
        self._then = then

    def once(self) -> bool:
        self.turns_count += 1
        if self.turns_count == self._at:
            self._then()
        return True


class Fast(threading.Event):
    """An event that nobody waits for."""

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        assert 0 < timeout <= 0.5
        return self.is_set()


def test_a_feeder_reports_until_it_is_told_to_end(tmp_path: Path) -> None:
    stop = Fast()
    told = tmp_path / "feeder.toml"
    told.touch()
    count = Count(3, stop.set)

    report_until(stop, count, told, Clock())  # type: ignore[arg-type]

    assert 3 == count.turns_count


def test_a_feeder_ends_when_its_settings_are_gone(tmp_path: Path) -> None:
    told = tmp_path / "feeder.toml"
    told.touch()
    count = Count(2, told.unlink)

    report_until(Fast(), count, told, Clock())  # type: ignore[arg-type]

    assert 2 == count.turns_count


def test_a_feeder_is_made_of_its_folder(tmp_path: Path) -> None:
    reporting = reporting_of(folder_of(tmp_path), Clock())

    # Nobody listens on that port: it says so and goes on.
    assert not reporting.once()
    assert "no node at" in (tmp_path / "feeder.log").read_text()


def test_a_key_of_another_purpose_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeystoreFault) as refused:
        reporting_of(folder_of(tmp_path, "consensus"), Clock())

    assert "key_purpose_wrong" == refused.value.slug


def test_a_folder_without_settings_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(FeederFault):
        reporting_of(DataFolder(tmp_path), Clock())

    assert 2 == main(["--data", str(tmp_path)])
    assert capsys.readouterr().err.startswith("node.feeder_configuration: ")
