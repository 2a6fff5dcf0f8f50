from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.node.client.fake_finality import finality
from tests.node.client.fake_node import FakeNode, Refuse

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]


def test_block_is_shown_with_who_made_it_final(novation: Run, serve: Serve) -> None:
    node = serve(**finality().answers())

    said = novation("block", "show", "1", "--rpc", node.url)

    assert [{"height": "1"}] == node.asked("chain_getBlock")
    assert said.out.startswith("block 1 · 0 transactions · auth0")
    assert "final by" in said.out


def test_block_may_be_named_by_height_id_or_nothing(novation: Run, serve: Serve) -> None:
    node = serve(**finality().answers())

    for where in ((), ("2",), ("0xabc",)):
        novation("block", "show", *where, "--rpc", node.url)

    assert [{}, {"height": "2"}, {"block_id": "0xabc"}] == node.asked("chain_getBlock")


def test_newest_blocks_come_first(novation: Run, serve: Serve) -> None:
    node = serve(**finality().answers())
    words = ("block", "list", "--count", "2", "--rpc", node.url, "--json")

    items = novation(*words).document["data"]["items"]

    assert ["2", "1"] == [item["height"] for item in items]


def test_final_block_is_verified_against_the_genesis_at_hand(
    novation: Run, serve: Serve, tmp_path: Path
) -> None:
    final = finality()
    (tmp_path / "genesis.json").write_bytes(final.world.genesis.data)
    words = ("block", "verify", "1", "--data", str(tmp_path))

    said = novation(*words, "--rpc", serve(**final.answers()).url, "--json")

    data = said.document["data"]
    assert (0, True, "genesis", 3) == (
        said.code,
        data["verified"],
        data["anchor"],
        data["quorum_count"],
    )


def test_false_certificate_exits_5(novation: Run, serve: Serve) -> None:
    final = finality()
    block = final.block(2)
    block["certificate"]["signatures"].reverse()
    node = serve(**{**final.answers(), "chain_getBlock": lambda **_: block})

    said = novation("block", "verify", "--rpc", node.url, "--json")

    assert (5, "client.proof_wrong") == (said.code, said.document["error"]["reason"])


def test_unknown_block_exits_9(novation: Run, serve: Serve) -> None:
    def unknown(**_: object) -> None:
        raise Refuse(1201, "lookup.block_unknown", "no stored block 99", {"block": "99"})

    assert 9 == novation("block", "show", "99", "--rpc", serve(chain_getBlock=unknown).url).code
