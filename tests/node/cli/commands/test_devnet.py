from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.devnet import agents, processes
from node.devnet.layout import Network, Place, write_network
from node.devnet.writing import choices_of, make_network
from node.folder import DataFolder
from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]
DATA = ("--data", "net")


@pytest.fixture
def network(novation: Run, tmp_path: Path) -> Network:
    choices = choices_of("devnet", {"port": 18_500, "node_count": 2})
    return make_network(tmp_path / "net", choices, 1_790_000_000_000)


def serving(network: Network, *nodes: FakeNode) -> None:
    """Let the network file name these nodes instead."""
    places = tuple(
        Place(place.name, place.folder, node.url, place.p2p, place.peer_id)
        for place, node in zip(network.nodes, nodes, strict=True)
    )
    write_network(Network(**{**network.__dict__, "nodes": places}))


def test_status_shows_every_node_and_whether_the_network_is_whole(
    novation: Run, network: Network, serve: Serve
) -> None:
    status = {"height": "3", "view": "4", "epoch": "0", "time_ms": 5, "block_id": "0x00"}
    away = serve()
    away.answer = lambda request: {}  # type: ignore[method-assign]
    serving(network, serve(chain_getStatus=status), away)

    said = novation("devnet", "status", *DATA, "--json")

    data = said.document["data"]
    assert (0, True) == (said.code, data["degraded"])
    assert [("up", "3"), ("down", None)] == [(n["state"], n["height"]) for n in data["nodes"]]
    assert {"name": "maker", "pid": None} in data["agents"]


def test_status_of_a_stopped_network_exits_3(novation: Run, network: Network) -> None:
    said = novation("devnet", "status", *DATA, "--json")

    assert (3, "client.not_running") == (said.code, said.document["error"]["reason"])


@pytest.mark.parametrize("words", [("status",), ("down",), ("accounts",), ("kill", "auth0")])
def test_folder_without_a_network_exits_9(novation: Run, words: tuple[str, ...]) -> None:
    assert 9 == novation("devnet", *words, *DATA).code


def test_accounts_are_listed_with_their_worthless_keys(novation: Run, network: Network) -> None:
    said = novation("devnet", "accounts", *DATA, "--json")

    items = said.document["data"]["items"]
    assert "alice" == items[0]["name"]
    assert 66 == len(items[0]["seed"])
    assert said.document["data"]["worthless"]


def test_down_keeps_or_removes_the_data(novation: Run, network: Network) -> None:
    kept = novation("devnet", "down", "--keep", *DATA, "--json").document["data"]["kept"]
    there = network.home.exists()
    gone = novation("devnet", "down", *DATA, "--json").document["data"]["kept"]

    assert (True, True, False, False) == (kept, there, gone, network.home.exists())


def test_logs_come_under_the_name_of_their_node(novation: Run, network: Network) -> None:
    for name in ("auth0", "auth1"):
        DataFolder(network.home / name).log.write_text(f"hello from {name}\n")

    both = novation("devnet", "logs", *DATA)
    one = novation("devnet", "logs", "auth1", *DATA)

    assert "auth0  hello from auth0\nauth1  hello from auth1\n" == both.out
    assert "hello from auth1\n" == one.out


def test_logs_in_json_are_an_object_a_line(novation: Run, network: Network) -> None:
    DataFolder(network.home / "auth0").log.write_text("one\n")

    said = novation("devnet", "logs", "auth0", *DATA, "--json")

    assert {"node": "auth0", "line": "one"} == said.document


def test_kill_ends_the_named_node(
    novation: Run, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def kill(folder: Path) -> int:
        asked.append(folder)
        return 41

    monkeypatch.setattr(processes, "kill", kill)

    said = novation("devnet", "kill", "auth1", *DATA, "--json")

    assert {"name": "auth1", "pid": 41} == said.document["data"]
    assert [Path("net/auth1")] == asked


def test_killing_what_does_not_run_exits_3(novation: Run, network: Network) -> None:
    assert 3 == novation("devnet", "kill", "auth0", *DATA).code


def test_an_agent_is_killed_and_started_by_its_name(
    novation: Run, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def kill(program: agents.Program) -> int:
        asked.append(program.name)
        return 41

    def start(programs: list[agents.Program]) -> list[int]:
        asked.extend(program.name for program in programs)
        return [42]

    monkeypatch.setattr(agents, "kill", kill)
    monkeypatch.setattr(agents, "start", start)

    killed = novation("devnet", "kill", "maker", *DATA, "--json")
    started = novation("devnet", "start", "maker", *DATA, "--json")

    assert ["maker", "maker"] == asked
    assert {"name": "maker", "pid": 41} == killed.document["data"]
    assert {"name": "maker", "pid": 42, "started": True} == started.document["data"]


def test_what_an_agent_logged_is_printed(novation: Run, network: Network) -> None:
    (network.home / "agents/maker/maker.log").write_text("quoted\n")

    assert "quoted\n" == novation("devnet", "logs", "maker", *DATA).out


def test_unknown_node_exits_9(novation: Run, network: Network) -> None:
    said = novation("devnet", "kill", "auth9", *DATA)

    assert 9 == said.code
    assert "auth0, auth1" in said.err


def test_partition_and_heal_tell_every_node(novation: Run, network: Network, serve: Serve) -> None:
    nodes = [serve(dev_isolate={}), serve(dev_isolate={})]
    serving(network, *nodes)

    cut = novation("devnet", "partition", "auth0", *DATA, "--json")
    healed = novation("devnet", "heal", *DATA)

    assert [["auth0"], ["auth1"]] == cut.document["data"]["sides"]
    assert 0 == healed.code
    told = [[call["names"] for call in node.asked("dev_isolate")] for node in nodes]
    assert [[["auth1"], []], [["auth0"], []]] == told


def test_up_refuses_a_folder_with_something_else_in_it(novation: Run, tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/thesis.tex").write_text("")

    said = novation("devnet", "up", "--port", "18500", *DATA)

    assert 2 == said.code
    assert "not empty" in said.err


@pytest.mark.parametrize("words", [("-n", "0"), ("--port", "99999"), ("--block-time-ms", "1")])
def test_up_refuses_numbers_out_of_range(novation: Run, words: tuple[str, ...]) -> None:
    assert 2 == novation("devnet", "up", *words, *DATA).code
