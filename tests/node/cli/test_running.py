import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.cli import running as subject
from node.cli.running import Live, Running, Tail, choices_given, start_one, websocket_of
from node.cli.session import Session
from node.client.failures import Failure
from node.client.transport import Client
from node.devnet import processes
from node.devnet.layout import Network, find_network
from node.devnet.standing import Standing
from node.devnet.writing import choices_of, make_network
from node.folder import DataFolder
from tests.node.client.fake_node import FakeNode

Serve = Callable[..., FakeNode]
Capture = pytest.CaptureFixture[str]
NOW_MS = 1_790_000_000_000
STATUS = {"height": "1", "view": "1", "epoch": "0", "time_ms": NOW_MS, "block_id": "0x00"}


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return make_network(
        tmp_path / "net", choices_of("devnet", {"port": 18_500, "node_count": 2}), NOW_MS
    )


@pytest.fixture
def answering(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Nodes of this test answer and grow without being processes."""
    height = iter(range(1, 10_000))

    def call(_client: Any, method: str, **_: Any) -> dict[str, Any]:
        if method == "oracle_getFeeds":
            return {"items": []}
        assert "chain_getStatus" == method
        return {**STATUS, "height": str(next(height))}

    def prepare() -> None:
        monkeypatch.setattr("node.client.transport.Client.call", call)
        monkeypatch.setattr("node.devnet.standing.running_pid", lambda _: 77)
        monkeypatch.setattr(processes, "running_pid", lambda _: None)
        monkeypatch.setattr(processes, "start", lambda _: None)
        monkeypatch.setattr(subject.networks, "require_free", lambda _: None)
        monkeypatch.setattr("signal.signal", lambda *_: None)

    return prepare


def session(**kept: Any) -> Session:
    made = Session(as_json=True)
    for name, value in kept.items():
        made.keep(name, value)
    return made


def test_up_makes_a_network_waits_for_blocks_and_tells(
    answering: Callable[[], None], tmp_path: Path, capsys: Capture
) -> None:
    answering()

    Running(session(), "devnet", tmp_path / "net").up(
        {"node_count": 2, "port": 18_500}, detach=True, reset=False
    )

    data = json.loads(capsys.readouterr().out)["data"]
    assert ["auth0", "auth1"] == [node["name"] for node in data["nodes"]]
    assert "http://127.0.0.1:18500" == data["nodes"][0]["rpc"]
    assert "alice" == data["accounts"][0]["name"]
    assert find_network(tmp_path / "net")


def test_banner_says_where_whose_and_what_next(
    answering: Callable[[], None], tmp_path: Path, capsys: Capture
) -> None:
    answering()
    people = Session()

    Running(people, "devnet", tmp_path / "net").up(
        {"node_count": 2, "port": 18_500}, detach=True, reset=False
    )

    out = capsys.readouterr().out
    for words in (
        "novation-devnet · 2 authorities · block time 500 ms",
        "http://127.0.0.1:18501",
        "ws://127.0.0.1:18501/ws",
        "WORTHLESS OUTSIDE THIS NETWORK",
        "alice",
        "novation devnet down",
    ):
        assert words in out


def test_changed_flags_are_refused_and_reset_starts_over(
    answering: Callable[[], None], tmp_path: Path, capsys: Capture
) -> None:
    answering()
    up = Running(session(), "devnet", tmp_path / "net").up
    up({"node_count": 2, "port": 18_500}, detach=True, reset=False)
    first = find_network(tmp_path / "net")

    with pytest.raises(Failure) as refused:
        Running(session(), "devnet", tmp_path / "net").up(
            {"node_count": 3}, detach=True, reset=False
        )
    Running(session(), "devnet", tmp_path / "net").up(
        {"node_count": 3, "port": 18_500}, detach=True, reset=True
    )

    assert "client.flags_changed" == refused.value.kind.reason
    again = find_network(tmp_path / "net")
    assert first is not None
    assert again is not None
    assert (2, 3) == (len(first.nodes), len(again.nodes))


@pytest.mark.parametrize(("kind", "mined"), [("devnet", []), ("dev", ["dev_mine"])])
def test_what_is_around_is_started_and_a_market_waited_for(
    answering: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    mined: list[str],
) -> None:
    answering()
    answered, asked, started = Client.call, [], []

    def call(client: Client, method: str, /, **fields: Any) -> Any:
        if method == "dev_mine":
            asked.append(method)
            return {"height": "8"}
        return answered(client, method, **fields)

    monkeypatch.setattr(Client, "call", call)
    monkeypatch.setattr(subject.agents, "start", started.extend)
    monkeypatch.setattr(subject.networks, "wait_for_market", lambda *_: False)
    told = session()

    Running(told, kind, tmp_path / "net").up(
        {"port": 18_500}, detach=True, reset=False, with_agents=True
    )

    assert {"maker", "arbitrageur", "keeper", "quoter"} <= {program.name for program in started}
    assert mined == asked
    log = tmp_path / "net/agents/maker/maker.log"
    assert [f"no market is quoted yet; why: {log}"] == told.reporter.warnings


def test_further_up_goes_on_with_the_same_chain(
    answering: Callable[[], None], tmp_path: Path, capsys: Capture
) -> None:
    answering()
    for _ in range(2):
        Running(session(), "devnet", tmp_path / "net").up(
            {"node_count": 2, "port": 18_500}, detach=True, reset=False
        )

    first, second = capsys.readouterr().out.splitlines()

    assert json.loads(first)["data"]["chain_id"] == json.loads(second)["data"]["chain_id"]


def test_folder_of_a_devnet_is_no_dev_chain(network: Network) -> None:
    with pytest.raises(Failure) as refused:
        Running(session(), "dev", network.home).up({}, detach=True, reset=False)

    assert 2 == refused.value.exit_code


def test_dry_run_makes_nothing(tmp_path: Path, capsys: Capture) -> None:
    Running(session(dry_run=True), "devnet", tmp_path / "net").up(
        {"port": 18_500}, detach=True, reset=False
    )

    assert not (tmp_path / "net").exists()
    assert 8 == len(json.loads(capsys.readouterr().out)["data"]["ports"])


def test_up_that_fails_stops_what_it_started(
    answering: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering()
    monkeypatch.setattr("node.devnet.standing.running_pid", lambda _: None)
    stopped: list[Path] = []

    def stop(folders: Any) -> list[int]:
        stopped.extend(folders)
        return []

    monkeypatch.setattr(processes, "stop", stop)

    with pytest.raises(Failure) as refused:
        Running(session(), "devnet", tmp_path / "net").up(
            {"node_count": 2, "port": 18_500}, detach=True, reset=False
        )

    assert 8 == refused.value.exit_code
    assert ["auth0", "auth1"] == [path.name for path in stopped]


def test_interruption_stops_every_node_and_keeps_the_data(
    answering: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    answering()
    stopped: list[Path] = []

    def stop(folders: Any) -> list[int]:
        stopped.extend(folders)
        return []

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(processes, "stop", stop)
    monkeypatch.setattr(Live, "show", interrupt)

    Running(session(), "devnet", tmp_path / "net").up(
        {"node_count": 2, "port": 18_500}, detach=False, reset=False
    )

    assert ["auth0", "auth1"] == [path.name for path in stopped]
    said = capsys.readouterr()
    assert 1 == len(said.out.splitlines())
    assert "data kept" in said.err


def test_process_that_ends_by_itself_is_told_once_with_its_last_words(
    network: Network, capsys: Capture
) -> None:
    DataFolder(network.home / "auth1").log.write_text(
        '{"level": "critical", "event": "disk full"}\n'
    )
    live = Live(Session(), network)
    standings = [Standing("auth0", 1, STATUS, ""), Standing("auth1", None, None, "gone")]

    live.show(standings, NOW_MS)
    live.show(standings, NOW_MS)

    err = capsys.readouterr().err
    assert 1 == err.count("auth1 ended by itself")
    assert "critical disk full" in err
    assert "novation devnet start auth1" in err


def test_process_that_runs_again_is_told(network: Network, capsys: Capture) -> None:
    live = Live(Session(), network)
    away = Standing("auth1", None, None, "gone")

    live.show([Standing("auth0", 1, STATUS, ""), away], NOW_MS)
    live.show([Standing("auth0", 1, STATUS, ""), Standing("auth1", 2, STATUS, "")], NOW_MS)

    assert "auth1 runs again" in capsys.readouterr().err


def test_network_without_a_process_left_is_a_failure(network: Network) -> None:
    with pytest.raises(Failure) as refused:
        Live(Session(), network).show(
            [Standing(place.name, None, None, "gone") for place in network.nodes], NOW_MS
        )

    assert "client.child_ended" == refused.value.kind.reason


def test_node_that_runs_is_not_started_twice(
    network: Network, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(processes, "running_pid", lambda _: 5)

    start_one(session(), network, network.nodes[0])

    data = json.loads(capsys.readouterr().out)["data"]
    assert (5, False) == (data["pid"], data["started"])


def test_node_that_cannot_start_is_told_with_its_last_words(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    DataFolder(network.home / "auth0").configuration.write_text("nonsense")
    monkeypatch.setattr(subject.networks, "require_free", lambda _: None)

    with pytest.raises(Failure) as refused:
        start_one(session(), network, network.nodes[0])

    assert "auth0 ended by itself" == refused.value.message
    assert refused.value.details["log"]


def test_tail_gives_each_whole_line_once(tmp_path: Path) -> None:
    path = tmp_path / "node.log"
    tail = Tail("auth0", path)
    before = tail.fresh()
    path.write_text("one\ntw")
    first = tail.fresh()
    with path.open("a") as file:
        file.write("o\nthree\n")
    second = tail.fresh()
    path.write_text("new\n")
    third = tail.fresh()

    assert [[], ["one"], ["two", "three"], ["new"]] == [before, first, second, third]


def test_genesis_is_remembered_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert f"{tmp_path}/g.json" == choices_given({"genesis": "g.json"})["genesis"]
    assert None is choices_given({})["genesis"]


def test_websocket_stands_beside_the_rpc() -> None:
    assert "wss://x:1/ws" == websocket_of("https://x:1")
