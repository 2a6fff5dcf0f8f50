from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.devnet.seeds import development_seed

Run = Callable[..., Any]
SEED = development_seed("alice").hex()


@pytest.fixture
def passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    monkeypatch.setenv("NOVATION_PASSPHRASE_FILE", str(file))


def test_new_key_is_encrypted_and_shows_no_seed(novation: Run, passphrase: None) -> None:
    said = novation("keys", "new", "zoe", "--json")

    data = said.document["data"]
    assert (0, False) == (said.code, data["development"])
    text = Path(data["file"]).read_text()
    assert '"seed"' not in text
    assert 0o600 == Path(data["file"]).stat().st_mode & 0o777


def test_new_key_without_anybody_to_ask_is_refused(novation: Run) -> None:
    said = novation("keys", "new", "zoe", "--json")

    assert 7 == said.code
    assert "node.passphrase_missing" == said.document["error"]["reason"]


def test_development_key_is_marked_and_warned_of(novation: Run) -> None:
    document = novation("keys", "new", "zoe", "--dev", "--json").document

    assert document["data"]["development"]
    assert "development key" in document["warnings"][0]


def test_key_goes_to_the_folder_that_was_named(novation: Run, tmp_path: Path) -> None:
    data = novation("keys", "new", "zoe", "--dev", "--data", "d", "--json").document["data"]

    assert "d/keys/zoe.json" == data["file"]


def test_key_is_never_overwritten(novation: Run) -> None:
    novation("keys", "new", "zoe", "--dev")

    said = novation("keys", "new", "zoe", "--dev", "--json")

    assert 7 == said.code
    assert "node.key_exists" == said.document["error"]["reason"]


def test_imported_seed_is_exported_again(novation: Run, tmp_path: Path) -> None:
    (tmp_path / "seed").write_text(f"0x{SEED}\n")
    novation("keys", "import", "alice", "seed", "--dev")

    said = novation("keys", "export", "alice", "--secret")

    assert f"0x{SEED}\n" == said.out
    assert "whoever reads this seed" in said.err


def test_key_file_moves_to_another_machine_as_it_was_locked(
    novation: Run, passphrase: None, tmp_path: Path
) -> None:
    made = novation("keys", "new", "zoe", "--json").document["data"]
    exported = novation("keys", "export", "zoe")
    (tmp_path / "copy.json").write_text(exported.out)

    moved = novation("keys", "import", "zoe2", "copy.json", "--json").document["data"]

    assert made["public_key"] == moved["public_key"]
    assert not moved["development"]


def test_seed_of_an_encrypted_key_is_not_put_into_a_document(
    novation: Run, passphrase: None
) -> None:
    novation("keys", "new", "zoe")

    said = novation("keys", "export", "zoe", "--secret", "--json")

    assert 7 == said.code
    assert "client.key_refused" == said.document["error"]["reason"]


@pytest.mark.parametrize("text", ["", "0x12", "zz" * 32])
def test_what_is_no_seed_is_refused(novation: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "seed").write_text(text)

    assert 2 == novation("keys", "import", "alice", "seed", "--dev").code


def test_list_names_every_key(novation: Run) -> None:
    empty = novation("keys", "list")
    novation("keys", "new", "b", "--dev")
    novation("keys", "new", "a", "--dev")

    items = novation("keys", "list", "--json").document["data"]["items"]

    assert empty.out.startswith("no keys here")
    assert ["a", "b"] == [item["name"] for item in items]


def test_show_tells_everything_but_the_seed(novation: Run) -> None:
    novation("keys", "new", "zoe", "--dev", "--description", "for tests")

    data = novation("keys", "show", "zoe", "--json").document["data"]

    assert "for tests" == data["description"]
    assert "seed" not in data
