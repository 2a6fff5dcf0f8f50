from pathlib import Path

import pytest

from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from node.client.failures import Failure
from node.client.keyring import Keyring, account_name, public_key_from, short
from node.devnet.seeds import development_seed
from node.keystore.fault import KeystoreFault
from node.keystore.key_file import write_key_file
from node.keystore.store import Keystore

ALICE = SigningKey.from_seed(development_seed("alice")).public_key


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    Keystore([tmp_path / "keys"]).create("alice", None, seed=development_seed("alice"))
    return Keyring.of(tmp_path)


def test_key_of_the_network_is_found_before_the_one_at_home(
    keyring: Keyring, tmp_path: Path
) -> None:
    Keystore([tmp_path / "home/.novation/keys"]).create("alice", None)

    assert ALICE == keyring.find("alice").public_key


def test_key_at_home_is_found_too(keyring: Keyring, tmp_path: Path) -> None:
    Keystore([tmp_path / "home/.novation/keys"]).create("zoe", None)

    assert "zoe" == keyring.find("zoe").name


def test_name_address_and_public_key_mean_the_same(keyring: Keyring) -> None:
    written = ["alice", text_of(ALICE), f"0x{ALICE.hex()}"]

    assert [ALICE] * 3 == [keyring.address(text) for text in written]
    assert "alice" == keyring.find(text_of(ALICE)).name


def test_slip_in_an_address_names_the_nearest_key(keyring: Keyring) -> None:
    text = text_of(ALICE)
    slipped = text[:40] + ("q" if text[40] != "q" else "p") + text[41:]

    with pytest.raises(Failure) as refused:
        keyring.address(slipped)

    assert ("lookup.address_checksum", 2) == (refused.value.kind.reason, refused.value.exit_code)
    assert "did you mean" in refused.value.message
    assert "(alice)" in refused.value.message


def test_missing_key_names_those_there_are(keyring: Keyring) -> None:
    with pytest.raises(Failure) as refused:
        keyring.find("mallory")

    assert 7 == refused.value.exit_code
    assert "keys here: alice" in refused.value.advice[-1]


def test_development_key_does_not_open_for_a_live_chain(keyring: Keyring) -> None:
    with pytest.raises(KeystoreFault) as refused:
        keyring.open("alice", "live")

    assert "development_key_refused" == refused.value.slug


def test_opened_key_signs_for_its_address(keyring: Keyring) -> None:
    key, signing = keyring.open("alice", "devnet")

    assert (ALICE, ALICE) == (key.address, signing.public_key)


def test_known_address_is_spoken_by_name(keyring: Keyring) -> None:
    stranger = bytes(32)

    assert "alice" == keyring.spoken(ALICE)
    assert short(text_of(stranger)) == keyring.spoken(stranger)


@pytest.mark.parametrize("text", ["", "/1", "alice/", "alice/x", "alice/-1", "alice/65536"])
def test_what_is_no_account_is_refused(text: str) -> None:
    with pytest.raises(Failure):
        account_name(text)


@pytest.mark.parametrize("text", ["0x", "0x12", "0x" + "zz" * 32])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(Failure):
        public_key_from(text)


@pytest.mark.parametrize("name", ["abe", "zoe"])
def test_an_agent_neither_signs_for_nor_names_the_signer_who_is_here(
    keyring: Keyring, tmp_path: Path, name: str
) -> None:
    write_key_file(
        tmp_path / "keys" / f"{name}.json",
        bytes(32),
        "account",
        None,
        address=ALICE,
        description="agent of alice",
    )

    assert "alice" == keyring.find(text_of(ALICE)).name
    assert "alice" == keyring.name_of(ALICE)
    assert {text_of(ALICE): "alice"} == keyring.names()
