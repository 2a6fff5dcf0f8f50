from pathlib import Path

import pytest

from node.cli.passphrase import asker, new_passphrase
from node.keystore.fault import KeystoreFault


def test_without_a_terminal_nobody_is_asked() -> None:
    assert None is asker()


def test_new_passphrase_comes_from_the_named_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p").write_text("secret\n")
    monkeypatch.setenv("NOVATION_PASSPHRASE_FILE", str(tmp_path / "p"))

    assert b"secret" == new_passphrase()


def test_new_passphrase_from_nowhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOVATION_PASSPHRASE_FILE", raising=False)

    with pytest.raises(KeystoreFault) as refused:
        new_passphrase()

    assert "passphrase_missing" == refused.value.slug
