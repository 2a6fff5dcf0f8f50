from pathlib import Path

import pytest

from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from chain.kit.fields import Field
from chain.kit.holder import account, wallet
from node.client import forms
from node.client.declarations import kind_named, payload_fields
from node.client.failures import Failure
from node.client.keyring import Keyring
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore

BOB = SigningKey.from_seed(development_seed("bob")).public_key
TRANSFER = payload_fields(kind_named("ledger.transfer")[1])
KEYS = payload_fields(kind_named("signers.set_keys")[1])


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    Keystore([tmp_path]).create("bob", None, seed=development_seed("bob"))
    return Keyring([tmp_path])


def six(_asset: str) -> int:
    return 6


def test_options_are_read_in_both_writings() -> None:
    pairs = forms.pairs_of(["--to", "bob", "--amount-quantums=5", "--memo", "-5"])

    assert {"to": "bob", "amount_quantums": "5", "memo": "-5"} == pairs


@pytest.mark.parametrize(
    "words", [["bob"], ["--to"], ["--"], ["--to", "a", "--to", "b"], ["-t", "b"]]
)
def test_words_that_are_no_pairs_are_refused(words: list[str]) -> None:
    with pytest.raises(Failure):
        forms.pairs_of(words)


def test_name_and_decimal_become_address_and_quantums(keyring: Keyring) -> None:
    pairs = {"to": "bob", "asset": "USD", "amount": "2.5"}

    plain = forms.plain_fields(TRANSFER, pairs, keyring, six)

    assert {"to": text_of(BOB), "asset": "USD", "amount_quantums": "2500000"} == plain


def test_raw_quantums_need_no_asset_to_be_known(keyring: Keyring) -> None:
    pairs = {"to": "bob", "asset": "USD", "amount_quantums": "2_500_000"}

    plain = forms.plain_fields(TRANSFER, pairs, keyring, lambda _: pytest.fail("asked"))

    assert "2500000" == plain["amount_quantums"]


@pytest.mark.parametrize(
    "pairs",
    [
        {"to": "bob", "asset": "USD"},
        {"to": "bob", "amount": "1"},
        {"to": "bob", "asset": "USD", "amount": "1", "more": "x"},
        {"to": "bob", "asset": "USD", "amount_quantums": "x"},
        {"to": "bob", "asset": "USD", "amount": "0.0000001"},
        {"to": "nov1qqq", "asset": "USD", "amount": "1"},
    ],
)
def test_fields_that_cannot_be_meant_are_refused(keyring: Keyring, pairs: dict[str, str]) -> None:
    with pytest.raises(Failure) as refused:
        forms.plain_fields(TRANSFER, pairs, keyring, six)

    assert 2 == refused.value.exit_code


def test_unknown_field_names_the_nearest(keyring: Keyring) -> None:
    with pytest.raises(Failure) as refused:
        forms.plain_fields(TRANSFER, {"amuont": "1"}, keyring, six)

    assert 'did you mean "amount"?' in refused.value.message


def test_list_is_given_as_json_and_checked(keyring: Keyring) -> None:
    keys = f'["0x{BOB.hex()}"]'

    plain = forms.plain_fields(KEYS, {"threshold": "1", "keys": keys}, keyring, six)

    assert {"threshold": 1, "keys": [f"0x{BOB.hex()}"]} == plain
    for wrong in ("[1]", "{", '"x"'):
        with pytest.raises(Failure):
            forms.plain_fields(KEYS, {"threshold": "1", "keys": wrong}, keyring, six)


def test_public_key_may_be_called_by_its_name(keyring: Keyring) -> None:
    assert f"0x{BOB.hex()}" == forms.plain_value(Field("public_key", "public_key"), "bob", keyring)


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("yes", True), ("false", False), ("No", False)]
)
def test_truth_is_written_in_words(keyring: Keyring, text: str, value: bool) -> None:
    assert value is forms.plain_value(Field("flag", "boolean"), text, keyring)


def test_truth_in_other_words_is_refused(keyring: Keyring) -> None:
    with pytest.raises(Failure):
        forms.plain_value(Field("flag", "boolean"), "1", keyring)


def test_bytes_may_come_from_a_file(keyring: Keyring, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"\x00\x01")

    assert "AAE=" == forms.plain_value(Field("blob", "blob"), f"@{tmp_path}/blob", keyring)


def test_holder_is_wallet_account_or_name(keyring: Keyring) -> None:
    found = [
        forms.holder_named(text, keyring)
        for text in ("bob", "bob/1", text_of(BOB), f"{text_of(BOB)}/2", "fees")
    ]

    assert [wallet(BOB), account(BOB, 1), wallet(BOB), account(BOB, 2), "fees"] == found


def test_option_is_the_field_with_dashes() -> None:
    assert "amount-quantums" == forms.option_of("amount_quantums")
