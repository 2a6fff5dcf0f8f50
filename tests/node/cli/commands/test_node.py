import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.devnet.writing import choices_of, genesis_of
from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]
STATUS = {
    "name": "auth0",
    "height": "7",
    "best_height": "7",
    "epoch": "0",
    "view": "8",
    "leader": "auth1",
    "chain_name": "novation-test",
    "kind": "devnet",
    "chain_id": "0x00",
    "peers": ["auth1"],
    "signing": False,
    "not_signing_why": "the disk is full",
    "halt_height": None,
    "waiting_count": 2,
    "ready": True,
}
STALL = {
    "why": "waits for votes of auth2",
    "votes": [
        {
            "view": "8",
            "kind": "notarize",
            "voted": ["auth0"],
            "missing": ["auth2"],
            "needed_count": 3,
        }
    ],
    "silent": ["auth2"],
    "clock_offset_ms": 4,
    "alarms": ["disk below the floor"],
}


def test_status_says_where_the_node_stands(novation: Run, serve: Serve) -> None:
    said = novation("node", "status", "--rpc", serve(chain_getStatus=STATUS).url)

    assert 0 == said.code
    assert said.out.startswith("auth0 · block 7 · epoch 0 · view 8 · leader auth1")
    assert "the disk is full" in said.out


def test_why_names_votes_silence_and_alarms(novation: Run, serve: Serve) -> None:
    node = serve(chain_getStatus=STATUS, node_explainStall=STALL)

    said = novation("node", "status", "--why", "--rpc", node.url)
    data = novation("node", "status", "--why", "--rpc", node.url, "--json").document["data"]

    for words in (
        "waits for votes of auth2",
        "view 8  notarize 1 of 3 needed; missing: auth2",
        "silent    auth2",
        "disk below the floor",
    ):
        assert words in said.out
    assert STALL == data["stall"]


def test_node_that_is_not_ready_exits_8(novation: Run, serve: Serve) -> None:
    status = {**STATUS, "ready": False, "best_height": "90"}

    said = novation("node", "status", "--rpc", serve(chain_getStatus=status).url, "--json")

    assert (8, "client.not_ready") == (said.code, said.document["error"]["reason"])
    assert "block 7 of 90" in said.document["error"]["message"]


def test_peers_are_listed_with_their_state(novation: Run, serve: Serve) -> None:
    peer = {
        "name": "auth1",
        "peer_id": "12D3",
        "linked": True,
        "connected": True,
        "address": "127.0.0.1:7701",
        "rtt_ms": None,
        "score": 0,
        "last_error": "",
    }
    answer = {"name": "auth0", "peer_id": "12D3x", "peers": [peer]}

    said = novation("node", "peers", "--rpc", serve(node_getPeers=answer).url)

    assert "auth1  linked" in said.out


def test_initialised_node_says_how_to_start_it(novation: Run, tmp_path: Path) -> None:
    genesis = tmp_path / "genesis.json"
    genesis.write_text(json.dumps(genesis_of(choices_of("devnet", {}), 5)))
    words = ("node", "init", "--genesis", "genesis.json", "--authority", "--data", "n")

    said = novation(*words, "--json")

    data = said.document["data"]
    assert (0, "n") == (said.code, data["folder"])
    assert data["consensus_key"].startswith("0x")
    assert (tmp_path / "n/config.toml").is_file()


def test_start_replaces_this_process_by_the_node(
    novation: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "n").mkdir()
    (tmp_path / "n/config.toml").write_text("")
    became: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda _path, words: became.append(words))

    novation("node", "start", "--data", "n")

    assert [["-m", "node.run", "--data", f"{tmp_path}/n"]] == [words[1:] for words in became]


@pytest.mark.parametrize("words", [("start",), ("start", "--data", "n"), ("init",)])
def test_node_that_is_not_there_exits_2(novation: Run, words: tuple[str, ...]) -> None:
    assert 2 == novation("node", *words).code


def test_a_halt_is_ordered_and_the_status_says_so(novation: Run, serve: Serve) -> None:
    node = serve(
        node_haltAt={"halt_height": "12", "height": "7"},
        chain_getStatus={**STATUS, "halt_height": "12"},
    )

    ordered = novation("node", "halt-at", "12", "--rpc", node.url)
    status = novation("node", "status", "--rpc", node.url)

    assert (0, "ends after block 12; it is at block 7\n") == (ordered.code, ordered.out)
    assert "halts     after block 12" in status.out


def test_a_halt_is_taken_back(novation: Run, serve: Serve) -> None:
    node = serve(node_haltAt={"halt_height": None, "height": "7"})

    said = novation("node", "halt-at", "--cancel", "--rpc", node.url)

    assert (0, "goes on; it is at block 7\n") == (said.code, said.out)


def test_a_halt_without_a_height_is_no_order(novation: Run, serve: Serve) -> None:
    said = novation("node", "halt-at", "--rpc", serve().url)

    assert (2, True) == (said.code, "novation node halt-at 1200" in said.err)
