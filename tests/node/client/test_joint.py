"""CLI-093: a transaction that goes from hand to hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from chain.block.transaction import body_of, is_genuine_transaction, parse_transaction
from chain.crypto.signing import SigningKey
from chain.modules.ledger.transactions import Transfer
from node.client.declarations import application, kind_named
from node.client.failures import Failure
from node.client.joint import Joint, read_joint, write_joint
from node.devnet.seeds import development_seed

CHAIN_ID = b"\x07" * 32
ALICE, BOB = (SigningKey.from_seed(development_seed(name)) for name in ("alice", "bob"))


def joint() -> Joint:
    body = body_of(
        signer=ALICE.public_key,
        lane=0,
        sequence=3,
        valid_until_height=20,
        kind=kind_named("ledger.transfer")[0],
        payload=Transfer(BOB.public_key, "USD", 5),
    )
    return Joint(CHAIN_ID, body, {})


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    made = joint().signed_by(ALICE).signed_by(BOB)

    write_joint(tmp_path / "t", made)

    assert made == read_joint(tmp_path / "t")
    assert ["t"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("order", [(ALICE, BOB), (BOB, ALICE)])
def test_signatures_are_genuine_in_whatever_order_they_come(order: tuple[SigningKey, ...]) -> None:
    made = joint()
    for key in order:
        made = made.signed_by(key)

    parsed = parse_transaction(application(), CHAIN_ID, made.data)

    assert is_genuine_transaction(parsed)
    assert {ALICE.public_key, BOB.public_key} == set(parsed.signing_keys)


def test_a_key_that_signs_again_signs_once() -> None:
    assert joint().signed_by(ALICE) == joint().signed_by(ALICE).signed_by(ALICE)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"chain_id": "0x07"},
        {"unsigned": "not base64!"},
        {"signatures": [{"public_key": "0x00"}]},
        {"signatures": 5},
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    told = {**joint().signed_by(ALICE).written(), **change}
    (tmp_path / "t").write_text(json.dumps(told))

    with pytest.raises(Failure) as refused:
        read_joint(tmp_path / "t")

    assert 2 == refused.value.exit_code


@pytest.mark.parametrize("text", ["", "[]", "null", "{}"])
def test_other_json_is_no_such_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "t").write_text(text)

    with pytest.raises(Failure):
        read_joint(tmp_path / "t")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure) as refused:
        read_joint(tmp_path / "none")

    assert "none" in refused.value.message


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure) as refused:
        write_joint(tmp_path / "none" / "t", joint())

    assert "client.unwritable" == refused.value.kind.reason
