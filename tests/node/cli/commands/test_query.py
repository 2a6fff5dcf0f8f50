from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.client.fake_finality import finality
from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]
ALICE = text_of(SigningKey.from_seed(development_seed("alice")).public_key)


@pytest.fixture(autouse=True)
def keys(novation: Run, tmp_path: Path) -> None:
    folder = tmp_path / "home/.novation/keys"
    Keystore([folder]).create("alice", None, seed=development_seed("alice"))


def test_whole_key_gives_one_record(novation: Run, serve: Serve) -> None:
    node = serve(state_get={"value": {"decimals": 6}, "height": "4"})

    said = novation("query", "ledger.assets", "--asset", "USD", "--rpc", node.url)

    assert {"table": "assets", "key": {"asset": "USD"}, "at": "finalized"} == node.asked(
        "state_get"
    )[0]
    assert "decimals  6" in said.out


def test_part_of_a_key_gives_the_rows_that_begin_with_it(novation: Run, serve: Serve) -> None:
    rows = [{"key": {"signer": ALICE, "lane": 1}, "value": {"next_sequence": "5"}}]
    node = serve(state_scan={"items": rows, "height": "4", "next_cursor": "abc"})
    words = ("query", "signers.lanes", "--signer", "alice", "--at", "3", "--limit", "7")

    said = novation(*words, "--rpc", node.url)

    (scan,) = node.asked("state_scan")
    assert ({"signer": ALICE}, "3", 7) == (scan["prefix"], scan["at"], scan["limit"])
    assert "lanes at height 4: 1 row" in said.out
    assert "more: --cursor abc" in said.out


def test_query_is_told_from_a_table_of_the_same_name_by_its_fields(
    novation: Run, serve: Serve
) -> None:
    node = serve(query_call={"value": {"balances": []}, "height": "4"})

    novation("query", "ledger.balances", "--holder", "alice", "--rpc", node.url)

    asked = {"name": "ledger.balances", "fields": {"holder": ALICE}, "at": "finalized"}
    assert [asked] == node.asked("query_call")


def test_query_with_numbers_sends_them_in_their_form(novation: Run, serve: Serve) -> None:
    node = serve(query_call={"value": {"sequence": "0"}, "height": "4"})
    words = ("query", "signers.next_sequence", "--signer", "alice", "--lane", "1")

    said = novation(*words, "--rpc", node.url)

    assert {"signer": ALICE, "lane": 1} == node.asked("query_call")[0]["fields"]
    assert "sequence  0" in said.out


def test_nothing_under_a_key_exits_9(novation: Run, serve: Serve) -> None:
    node = serve(state_get={"value": None, "height": "4"})

    said = novation("query", "assets", "--asset", "DOGE", "--rpc", node.url, "--json")

    assert (9, "client.not_found") == (said.code, said.document["error"]["reason"])


def test_unknown_name_and_unknown_field_name_the_nearest(novation: Run, serve: Serve) -> None:
    node = serve()

    name = novation("query", "ledger.asets", "--rpc", node.url)
    field = novation("query", "assets", "--aset", "USD", "--rpc", node.url)

    assert (2, 2) == (name.code, field.code)
    assert "ledger.assets" in name.err
    assert "--asset" in field.err


def test_without_a_name_everything_that_can_be_asked_is_listed(novation: Run) -> None:
    items = novation("query", "--json").document["data"]["items"]

    assert {"ledger.assets", "signers.next_sequence"} <= set(items)


def test_value_is_proven_on_this_machine(novation: Run, serve: Serve, tmp_path: Path) -> None:
    final = finality()
    (tmp_path / "genesis.json").write_bytes(final.world.genesis.data)
    words = ("query", "assets", "--asset", "USD", "--prove", "--data", str(tmp_path))

    said = novation(*words, "--rpc", serve(**final.answers()).url, "--json")

    data = said.document["data"]
    assert (0, True, "genesis") == (said.code, data["proven"], data["anchor"])
    assert {"decimals": 6} == data["value"]


def test_absence_is_proven_and_the_nodes_word_is_marked(novation: Run, serve: Serve) -> None:
    words = ("query", "assets", "--asset", "DOGE", "--prove")

    said = novation(*words, "--rpc", serve(**finality().answers()).url, "--json")

    document = said.document
    assert (None, "node") == (document["data"]["value"], document["data"]["anchor"])
    assert "node's own word" in document["warnings"][0]
