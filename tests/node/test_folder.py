import os
import stat
from pathlib import Path

import pytest

from node.folder import DataFolder, write_atomically


def test_file_gets_its_mode_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key.json"
    before = os.umask(0)

    write_atomically(path, b"secret", mode=0o600)
    os.umask(before)

    assert b"secret" == path.read_bytes()
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ["key.json"] == [p.name for p in path.parent.iterdir()]


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key.json"
    write_atomically(path, b"old", mode=0o600)

    def no_disk(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_disk)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new", mode=0o600)

    assert b"old" == path.read_bytes()
    assert ["key.json"] == [p.name for p in tmp_path.iterdir()]


def test_vote_log_and_key_are_in_one_folder() -> None:
    folder = DataFolder(Path("d/auth0"))

    assert folder.signer == folder.consensus_key.parent
