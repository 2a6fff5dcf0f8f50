from pathlib import Path

import pytest

from node.storage import mending


def folder_at(path: Path, word: str) -> Path:
    path.mkdir()
    for name in ("CURRENT", "000005.ldb", "000007.log", "LOCK", "LOG"):
        (path / name).write_text(word)
    return path


def test_copy_is_apart_and_shares_what_never_changes(tmp_path: Path) -> None:
    path = folder_at(tmp_path / "chain", "old")

    copy = mending.copied(path)
    (copy / "000007.log").write_text("new")

    assert ["000005.ldb", "000007.log", "CURRENT"] == sorted(p.name for p in copy.iterdir())
    assert "old" == (path / "000007.log").read_text()
    assert (copy / "000005.ldb").samefile(path / "000005.ldb")


def test_abandoned_copy_leaves_the_folder(tmp_path: Path) -> None:
    path = folder_at(tmp_path / "chain", "old")
    mending.copied(path)

    mending.abandon(path)

    assert ["chain"] == [found.name for found in tmp_path.iterdir()]


def test_copy_takes_the_place(tmp_path: Path) -> None:
    path = folder_at(tmp_path / "chain", "old")
    (mending.copied(path) / "000007.log").write_text("new")

    mending.put_in_place(path)

    assert "new" == (path / "000007.log").read_text()
    assert ["chain"] == [found.name for found in tmp_path.iterdir()]


@pytest.mark.parametrize("cut_after", [0, 1, 2])
def test_every_power_cut_leaves_one_whole_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut_after: int
) -> None:
    path = folder_at(tmp_path / "chain", "old")
    (mending.copied(path) / "000007.log").write_text("new")
    rename, renames = Path.rename, [cut_after]

    def cut(self: Path, target: Path) -> Path:
        if not renames[0]:
            raise KeyboardInterrupt
        renames[0] -= 1
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", cut)
        patch.setattr(mending.shutil, "rmtree", lambda *_, **__: None)
        if cut_after < 2:
            with pytest.raises(KeyboardInterrupt):
                mending.put_in_place(path)
        else:
            mending.put_in_place(path)
    mending.finish(path)

    assert ("old" if cut_after == 0 else "new") == (path / "000007.log").read_text()
    assert ["chain"] == [found.name for found in tmp_path.iterdir()]


def test_nothing_to_finish_is_nothing(tmp_path: Path) -> None:
    mending.finish(tmp_path / "chain")

    assert [] == list(tmp_path.iterdir())


def test_folder_with_rows_is_told_from_an_empty_one(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "000003.log").write_bytes(b"")

    assert not mending.has_rows(empty)
    assert mending.has_rows(folder_at(tmp_path / "chain", "old"))
