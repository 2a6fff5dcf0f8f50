"""Signers of several keys. Criteria: CLI-092 to CLI-095 of docs/specs/cli.md."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chain.block.transaction import is_genuine_transaction, parse_transaction
from chain.crypto.signing import SigningKey
from node.client.declarations import application
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.client.fake_chain import CHAIN_ID, FakeChain
from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]
NAMES = ("alice", "bob", "carol")
KEYS = {
    name: f"0x{SigningKey.from_seed(development_seed(name)).public_key.hex()}" for name in NAMES
}
HELD = {"threshold": 2, "keys": sorted((KEYS["alice"], KEYS["bob"]))}
TRANSFER = ("ledger.transfer", "--to", "carol", "--asset", "USD", "--amount", "5")


@pytest.fixture(autouse=True)
def keys(novation: Run, tmp_path: Path) -> None:
    store = Keystore([tmp_path / "home/.novation/keys"])
    for name in NAMES:
        store.create(name, None, seed=development_seed(name))


@pytest.fixture
def chain() -> FakeChain:
    return FakeChain(outcome={"events": []})


@pytest.fixture
def node(serve: Serve, chain: FakeChain) -> FakeNode:
    answers = chain.answers()

    def state_get(table: str, key: Any, at: str = "finalized") -> Any:
        return {"value": HELD} if table == "signers" else answers["state_get"](table, key, at)

    return serve(**{**answers, "state_get": state_get})


def test_a_signer_shows_its_keys_by_name(novation: Run, node: FakeNode) -> None:
    said = novation("multisig", "show", "alice", "--rpc", node.url)

    assert "alice: 2 of 2 keys" == said.out.splitlines()[0]
    assert f"{KEYS['bob']}  bob" in said.out


def test_keys_are_set_ascending_whoever_is_named_first(novation: Run, node: FakeNode) -> None:
    said = novation(
        *("multisig", "set", "bob", KEYS["alice"], "carol", "--threshold", "2"),
        *("--from", "alice", "--rpc", node.url),
    )

    assert 0 == said.code, said.err
    fields = node.asked("tx_build")[0]["fields"]
    assert {"threshold": 2, "keys": sorted(KEYS.values())} == fields


def test_a_file_is_signed_by_one_after_the_other_and_sent(
    novation: Run, node: FakeNode, chain: FakeChain, tmp_path: Path
) -> None:
    file, rpc = str(tmp_path / "t"), ("--rpc", node.url)
    novation("multisig", "propose", *TRANSFER, "--out", file, "--from", "alice", *rpc)

    first = novation("multisig", "sign", file, "--from", "bob", *rpc)
    second = novation("multisig", "sign", file, "--from", "alice", *rpc)
    sent = novation("multisig", "send", file, *rpc)

    assert "1 of 2 signatures" in first.out
    assert "it can be sent" not in first.out
    assert "2 of 2 signatures" in second.out
    assert "5000000" not in first.err
    assert "it can be sent" in second.out
    assert 0 == sent.code, sent.err
    (data,) = chain.submitted
    transaction = parse_transaction(application(), CHAIN_ID, data)
    assert is_genuine_transaction(transaction)
    assert HELD["keys"] == [f"0x{key.hex()}" for key in transaction.signing_keys]
    assert chain.height + 1_000 == transaction.body.valid_until_height


def test_whoever_signs_is_shown_what_the_bytes_say(
    novation: Run, node: FakeNode, tmp_path: Path
) -> None:
    file, rpc = tmp_path / "t", ("--rpc", node.url)
    novation("multisig", "propose", *TRANSFER, "--out", str(file), "--from", "alice", *rpc)

    said = novation("multisig", "sign", str(file), "--dry-run", "--json", "--from", "bob", *rpc)

    data = said.document["data"]
    assert ("ledger.transfer", "USD") == (data["kind"], data["fields"]["asset"])
    assert [] == json.loads(file.read_text())["signatures"]


def test_a_key_that_does_not_move_the_signer_signs_nothing(
    novation: Run, node: FakeNode, tmp_path: Path
) -> None:
    file, rpc = tmp_path / "t", ("--rpc", node.url)
    novation("multisig", "propose", *TRANSFER, "--out", str(file), "--from", "alice", *rpc)

    said = novation("multisig", "sign", str(file), "--from", "carol", *rpc)

    assert 7 == said.code
    assert [] == json.loads(file.read_text())["signatures"]


def test_a_file_of_another_chain_is_not_signed(
    novation: Run, node: FakeNode, tmp_path: Path
) -> None:
    file, rpc = tmp_path / "t", ("--rpc", node.url)
    novation("multisig", "propose", *TRANSFER, "--out", str(file), "--from", "alice", *rpc)
    told = json.loads(file.read_text())
    file.write_text(json.dumps({**told, "chain_id": f"0x{'08' * 32}"}))

    assert 2 == novation("multisig", "sign", str(file), "--from", "bob", *rpc).code
    assert 2 == novation("multisig", "send", str(file), *rpc).code


def test_a_file_that_nobody_signed_is_not_sent(
    novation: Run, node: FakeNode, chain: FakeChain, tmp_path: Path
) -> None:
    file, rpc = str(tmp_path / "t"), ("--rpc", node.url)
    novation("multisig", "set", "bob", "--threshold", "1", "--out", file, "--from", "alice", *rpc)

    said = novation("multisig", "send", file, *rpc)

    assert (7, []) == (said.code, chain.submitted)


def test_a_signer_that_is_not_open_is_not_found(novation: Run, serve: Serve) -> None:
    node = serve(state_get={"value": None})

    assert 9 == novation("multisig", "show", "alice", "--rpc", node.url).code
