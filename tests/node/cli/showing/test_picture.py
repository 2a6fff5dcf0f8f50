"""CLI-088, CLI-089: the story as a picture."""

import builtins
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from node.cli.showing.picture import write_picture
from node.client.failures import Failure
from tests.node.cli.showing.test_fall import FALL

PNG = b"\x89PNG\r\n\x1a\n"


def test_a_picture_is_written_in_the_format_of_its_ending(tmp_path: Path) -> None:
    write_picture(FALL, tmp_path / "x.png")
    write_picture(FALL, tmp_path / "x.svg")

    assert (tmp_path / "x.png").read_bytes().startswith(PNG)
    assert "<svg" in (tmp_path / "x.svg").read_text()


def test_a_picture_is_small(tmp_path: Path) -> None:
    write_picture(FALL, tmp_path / "x.png")

    assert (tmp_path / "x.png").stat().st_size < 80_000


def test_an_ending_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure) as refused:
        write_picture(FALL, tmp_path / "x.gif")

    assert ("client.usage", 2) == (refused.value.kind.reason, refused.value.exit_code)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure) as refused:
        write_picture(FALL, tmp_path / "none" / "x.png")

    assert "client.unwritable" == refused.value.kind.reason


def test_without_matplotlib_it_says_what_to_install_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)

    with pytest.raises(Failure) as refused:
        write_picture(FALL, tmp_path / "x.png")

    assert ("client.plot_missing", 2) == (refused.value.kind.reason, refused.value.exit_code)
    assert any("novation[plot]" in line for line in refused.value.advice)
    assert not (tmp_path / "x.png").exists()


def test_the_command_is_there_without_matplotlib() -> None:
    code = (
        "import sys, node.cli.commands.house.risk, node.cli.showing.fall, node.cli.showing.picture;"
        "sys.exit('matplotlib' in sys.modules)"
    )

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
