"""LOG-040: one write or a failure, names that last, and a lock beside them."""

import os
from pathlib import Path

import pytest

from node.consensus.lock import Held
from node.storage.files import DISK


def test_a_file_is_begun_once_and_appended_to_after(tmp_path: Path) -> None:
    path = tmp_path / "one"
    handle = DISK.begin(path)
    DISK.write(handle, b"abc")
    DISK.sync(handle)
    DISK.close(handle)

    again = DISK.reopen(path)
    DISK.write(again, b"def")
    DISK.close(again)

    assert b"abcdef" == DISK.read(path)
    with pytest.raises(FileExistsError):
        DISK.begin(path)


def test_a_short_write_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = DISK.begin(tmp_path / "one")
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:-1]))

    with pytest.raises(OSError, match="only 2 of 3 bytes"):
        DISK.write(handle, b"abc")

    DISK.close(handle)


def test_a_file_is_cut_and_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    DISK.make_folder(folder)
    handle = DISK.begin(folder / "two")
    DISK.write(handle, b"abcdef")
    DISK.cut(handle, 2)
    DISK.close(handle)
    DISK.close(DISK.begin(folder / "one"))

    assert DISK.is_folder(folder)
    assert (["one", "two"], b"ab") == (DISK.names(folder), DISK.read(folder / "two"))

    DISK.delete(folder / "one")
    DISK.sync_folder(folder)

    assert ["two"] == DISK.names(folder)


def test_a_folder_is_held_once(tmp_path: Path) -> None:
    hold = DISK.hold(tmp_path / "lock")

    with pytest.raises(Held):
        DISK.hold(tmp_path / "lock")

    hold.release()
    DISK.hold(tmp_path / "lock").release()
