from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.client.fake_chain import FakeChain
from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]


@pytest.fixture(autouse=True)
def keys(novation: Run, tmp_path: Path) -> None:
    folder = tmp_path / "home/.novation/keys"
    for name in ("alice", "bob"):
        Keystore([folder]).create(name, None, seed=development_seed(name))


def test_any_transaction_is_built_from_its_declaration(novation: Run, serve: Serve) -> None:
    node = serve(**FakeChain().answers())
    words = ("send", "ledger.transfer", "--to", "bob", "--asset", "USD", "--amount", "2.5")

    said = novation(*words, "--from", "alice", "--rpc", node.url, "--json")

    assert 0 == said.code
    (built,) = node.asked("tx_build")
    assert ("ledger.transfer", "2500000") == (built["kind"], built["fields"]["amount_quantums"])


def test_global_options_are_not_taken_for_fields(novation: Run, serve: Serve) -> None:
    node = serve(**FakeChain().answers())
    words = ("send", "--from=alice", "ledger.transfer", "--dry-run", "--to", "bob")

    said = novation(*words, "--rpc", node.url, "--asset", "USD", "--amount-quantums", "5", "--json")

    assert 0 == said.code
    assert "5" == node.asked("tx_build")[0]["fields"]["amount_quantums"]


def test_events_tell_people_what_was_done(novation: Run, serve: Serve) -> None:
    words = ("send", "ledger.transfer", "--to", "bob", "--asset", "USD", "--amount", "1")

    said = novation(*words, "--from", "alice", "--rpc", serve(**FakeChain().answers()).url)

    assert "ledger.transfer applied in block 12" in said.out
    assert "ledger.transferred  amount_quantums 25" in said.out


def test_unknown_transaction_names_the_nearest(novation: Run) -> None:
    said = novation("send", "ledger.transfr", "--json")

    assert 2 == said.code
    assert 'did you mean "ledger.transfer"?' in said.document["error"]["message"]


def test_missing_field_is_named(novation: Run, serve: Serve) -> None:
    words = ("send", "ledger.transfer", "--to", "bob", "--asset", "USD", "--from", "alice")

    said = novation(*words, "--rpc", serve(**FakeChain().answers()).url)

    assert 2 == said.code
    assert "--amount is missing" in said.err


def test_description_needs_no_node(novation: Run) -> None:
    said = novation("send", "ledger.transfer", "--describe", "--json")

    data = said.document["data"]
    assert (201, 4) == (data["kind"], data["transaction_class"])
    assert ["address", "text", "integer"] == [field["form"] for field in data["fields"]]
    assert "quantums" == data["fields"][2]["unit"]


def test_without_a_name_all_transactions_are_listed(novation: Run) -> None:
    said = novation("send")

    assert "ledger.transfer" in said.out
    assert "Move an amount of an asset" in said.out
