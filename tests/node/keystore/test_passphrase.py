from pathlib import Path

import pytest

from node.keystore.fault import KeystoreFault
from node.keystore.passphrase import normalised, passphrase_from


def test_file_wins_over_the_prompt_and_loses_one_line_end(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(b" correct horse \r\n")

    passphrase = passphrase_from({"NOVATION_PASSPHRASE_FILE": str(path)}, lambda: "asked")

    assert b" correct horse " == passphrase


def test_prompt_is_asked_when_no_file_is_named() -> None:
    assert b"asked" == passphrase_from({}, lambda: "asked")


def test_composed_and_decomposed_accents_are_one_passphrase() -> None:
    assert normalised("caf\u00e9") == normalised("cafe\u0301")


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 5000, None])
def test_unusable_file_is_a_fault_that_names_it(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "passphrase"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(KeystoreFault) as caught:
        passphrase_from({"NOVATION_PASSPHRASE_FILE": str(path)}, lambda: "asked")

    assert "passphrase_missing" == caught.value.slug
    assert str(path) in str(caught.value)


def test_nobody_to_ask_is_a_fault_that_names_the_variable() -> None:
    with pytest.raises(KeystoreFault) as caught:
        passphrase_from({})

    assert "NOVATION_PASSPHRASE_FILE" in str(caught.value)


def test_empty_answer_is_a_fault() -> None:
    with pytest.raises(KeystoreFault):
        passphrase_from({}, lambda: "")
