from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.client.fake_chain import FakeChain
from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]
ALICE = text_of(SigningKey.from_seed(development_seed("alice")).public_key)
HELD = {
    "height": "9",
    "balances": [{"asset": "USD", "amount_quantums": "1234500000", "decimals": 6}],
}


@pytest.fixture(autouse=True)
def keys(novation: Run, tmp_path: Path) -> None:
    folder = tmp_path / "home/.novation/keys"
    Keystore([folder]).create("alice", None, seed=development_seed("alice"))


def test_balances_are_asked_by_name_and_shown_in_whole_units(novation: Run, serve: Serve) -> None:
    node = serve(ledger_getBalances=HELD)

    said = novation("account", "balances", "alice", "--rpc", node.url)

    assert ALICE == node.asked("ledger_getBalances")[0]["holder"]
    assert "1,234.50" in said.out
    assert "alice at height 9" in said.out


def test_balances_in_json_are_the_nodes_answer(novation: Run, serve: Serve) -> None:
    node = serve(ledger_getBalances=HELD)

    said = novation("account", "balances", "--from", "alice", "--json", "--rpc", node.url)

    assert HELD == said.document["data"]


def test_margin_account_and_named_holder_can_be_asked_too(novation: Run, serve: Serve) -> None:
    node = serve(ledger_getBalances={"height": "9", "balances": []})

    novation("account", "balances", "alice/1", "--rpc", node.url)
    said = novation("account", "balances", "fees", "--rpc", node.url)

    holders = [fields["holder"] for fields in node.asked("ledger_getBalances")]
    assert [f"{ALICE}/1", "fees"] == holders
    assert "nothing" in said.out


def test_balances_of_nobody_exit_7(novation: Run, serve: Serve) -> None:
    assert 7 == novation("account", "balances", "--rpc", serve().url).code


@pytest.mark.parametrize(
    "words", [("alice/1", "1", "--from", "alice"), ("alice", "1", "--from", "alice/1")]
)
def test_transfer_moves_wallets_alone(novation: Run, serve: Serve, words: tuple[str, ...]) -> None:
    said = novation("account", "transfer", *words, "--rpc", serve(**FakeChain().answers()).url)

    assert 2 == said.code
    assert "margin account" in said.err


def test_amount_between_two_quantums_is_refused_before_anything_is_built(
    novation: Run, serve: Serve
) -> None:
    node = serve(**FakeChain().answers())
    words = ("account", "transfer", "alice", "0.0000001", "--from", "alice")

    said = novation(*words, "--rpc", node.url, "--json")

    assert "client.amount_inexact" == said.document["error"]["reason"]
    assert [] == node.asked("tx_build")


def test_a_name_that_is_nearly_a_keys_is_no_holder_of_nothing(novation: Run, serve: Serve) -> None:
    empty = {"balances": [], "height": "9"}
    node = serve(**{**FakeChain().answers(), "ledger_getBalances": empty})

    slip = novation("account", "balances", "alcie", "--rpc", node.url, "--json")
    fund = novation("account", "balances", "fees", "--rpc", node.url)

    assert (9, "client.not_found") == (slip.code, slip.document["error"]["reason"])
    assert 'did you mean "alice"?' in slip.document["error"]["message"]
    assert (0, True) == (fund.code, "nothing" in fund.out)
