import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chain.crypto.addresses import text_of
from chain.crypto.signing import SigningKey
from node.client import building
from node.client.target import Target
from node.client.transport import Client
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.client.fake_chain import SHORT, FakeChain, receipt
from tests.node.client.fake_node import FakeNode, Refuse

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]
ID = f"0x{'ab' * 32}"


def signed(serve: Serve, chain: FakeChain) -> tuple[str, str]:
    """Return the node's address and a transaction signed for its chain."""
    url = serve(**chain.answers()).url
    client = Client(url)
    alice = SigningKey.from_seed(development_seed("alice"))
    plain = {"to": text_of(bytes(32)), "asset": "USD", "amount_quantums": "25"}
    known = building.chain_at(client, Target(url, "--rpc", None, None))
    drafted = building.draft(client, known, alice.public_key, "ledger.transfer", plain)
    client.close()
    return url, building.sign(drafted, [alice]).blob


def test_what_was_signed_elsewhere_is_sent_and_waited_for(novation: Run, serve: Serve) -> None:
    chain = FakeChain()
    url, blob = signed(serve, chain)

    said = novation("tx", "submit", blob, "--rpc", url, "--json")

    assert (0, True) == (said.code, said.document["data"]["final"])
    assert [base64.b64decode(blob)] == chain.submitted


def test_transaction_may_come_from_a_file(novation: Run, serve: Serve, tmp_path: Path) -> None:
    url, blob = signed(serve, FakeChain())
    (tmp_path / "tx").write_text(f"{blob}\n")

    said = novation("tx", "submit", "@tx", "--dry-run", "--rpc", url)

    assert 0 == said.code
    assert "nothing was sent" in said.out


def test_bytes_that_are_no_transaction_exit_4(novation: Run, serve: Serve) -> None:
    said = novation("tx", "submit", "AAAA", "--rpc", serve(**FakeChain().answers()).url, "--json")

    assert 4 == said.code
    assert said.document["error"]["reason"].startswith("transaction.")


@pytest.mark.parametrize("blob", ["?", "@nowhere"])
def test_words_that_are_no_base64_exit_2(novation: Run, blob: str) -> None:
    assert 2 == novation("tx", "submit", blob).code


def test_simulation_shows_a_refusal_without_being_one(novation: Run, serve: Serve) -> None:
    chain = FakeChain()
    url, blob = signed(serve, chain)
    chain.foreseen = SHORT

    said = novation("tx", "simulate", blob, "--rpc", url)

    assert 0 == said.code
    assert "refused [ledger.balance_short]" in said.out
    assert "short_by_quantums 7" in said.out
    assert [] == chain.submitted


def test_status_says_where_it_stands(novation: Run, serve: Serve) -> None:
    url = serve(**FakeChain().answers()).url

    said = novation("tx", "status", ID, "--rpc", url)

    assert said.out.startswith(f"applied  {ID}")
    assert "in block 12, ok" in said.out


def test_waiting_ends_as_sending_would(novation: Run, serve: Serve) -> None:
    done = serve(**FakeChain().answers()).url
    refused = serve(**FakeChain(SHORT, status="refused").answers()).url
    away = serve(**FakeChain(status="waiting").answers()).url

    codes = [
        novation("tx", "wait", ID, "--timeout", "50ms", "--rpc", url).code
        for url in (done, refused, away)
    ]

    assert [0, 5, 6] == codes


def test_explanation_is_the_nodes_in_lines(novation: Run, serve: Serve) -> None:
    answer = {"lines": ["ledger.transfer: Move", "refused in block 12"], "id": ID}

    said = novation("tx", "explain", ID, "--rpc", serve(tx_explain=answer).url)

    assert "ledger.transfer: Move\nrefused in block 12\n" == said.out


def test_an_event_is_explained_by_its_number(novation: Run, serve: Serve) -> None:
    node = serve(event_explain={"lines": ["margin.account_flagged in block 7"], "seq": "81"})

    said = novation("tx", "explain", "81", "--rpc", node.url)

    assert "margin.account_flagged in block 7\n" == said.out
    assert [{"seq": "81"}] == node.asked("event_explain")


def test_an_explanation_calls_addresses_by_the_names_of_keys(
    novation: Run, serve: Serve, tmp_path: Path
) -> None:
    folder = tmp_path / "home/.novation/keys"
    key = Keystore([folder]).create("alice", None, seed=development_seed("alice"))
    node = serve(event_explain={"lines": [f"{key.address_text}/0 gave"], "seq": "81"})

    assert "alice/0 gave\n" == novation("tx", "explain", "81", "--rpc", node.url).out


def test_unknown_transaction_exits_9(novation: Run, serve: Serve) -> None:
    def unknown(**_: object) -> None:
        raise Refuse(1202, "lookup.transaction_unknown", "not known", {"id": ID})

    assert 9 == novation("tx", "explain", ID, "--rpc", serve(tx_explain=unknown).url).code


@pytest.mark.parametrize("text", ["0x12", "hello", "0x" + "zz" * 32])
def test_what_is_no_id_exits_2(novation: Run, text: str) -> None:
    assert 2 == novation("tx", "status", text).code


def test_decoded_transaction_says_what_was_signed(novation: Run, serve: Serve) -> None:
    url, blob = signed(serve, FakeChain())

    data = novation("tx", "decode", blob, "--rpc", url, "--json").document["data"]

    assert ("ledger.transfer", "25", True) == (
        data["kind"],
        data["fields"]["amount_quantums"],
        data["genuine"],
    )


def test_signature_of_somebody_else_is_shown_as_false(novation: Run, serve: Serve) -> None:
    url, blob = signed(serve, FakeChain())
    data = bytearray(base64.b64decode(blob))
    data[-1] ^= 1

    said = novation("tx", "decode", base64.b64encode(data).decode(), "--rpc", url, "--json")

    assert not said.document["data"]["genuine"]


def test_receipt_lines_name_the_fee_of_a_refusal() -> None:
    from node.cli.commands.tx import receipt_lines

    assert "  fee 10000 quantums" in receipt_lines(receipt(ID, **SHORT))
