import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from node.client.failures import Failure
from node.clock import Clock
from node.devnet import network as subject
from node.devnet import processes
from node.devnet.layout import Choices, Network, Place, write_network
from node.devnet.standing import Watch
from node.folder import DataFolder
from tests.node.client.fake_node import FakeNode

Serve = Callable[..., FakeNode]


def network_of(home: Path, *urls: str) -> Network:
    places = tuple(Place(f"auth{i}", f"auth{i}", url, "", "") for i, url in enumerate(urls))
    for place in places:
        (home / place.folder).mkdir(parents=True, exist_ok=True)
    choices = Choices("devnet", len(urls), 18_500, 500, None)
    return Network(home, "n", bytes(32), choices, places, ())


def status_at(*heights: int) -> Callable[[], dict[str, str]]:
    left = list(heights)
    return lambda: {"height": str(left.pop(0) if len(left) > 1 else left[0])}


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.devnet.standing.running_pid", lambda _: 1)


def test_taken_port_is_refused_and_names_who_holds_it() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]

        with pytest.raises(Failure) as refused:
            subject.require_free([port])

    assert ("client.port_taken", 2) == (refused.value.kind.reason, refused.value.exit_code)
    assert f"port {port} is taken by pid" in refused.value.message


def test_network_is_up_once_every_node_has_a_new_block(
    serve: Serve, tmp_path: Path, alive: None
) -> None:
    nodes = [serve(chain_getStatus=status_at(7, 7, 8)), serve(chain_getStatus=status_at(6, 7, 8))]
    network = network_of(tmp_path, *(node.url for node in nodes))
    watch = Watch(network)

    standings = subject.wait_for_blocks(network, watch, 10_000, Clock())

    assert [8, 8] == [standing.height for standing in standings]
    watch.close()


def test_old_blocks_prove_nothing(serve: Serve, tmp_path: Path, alive: None) -> None:
    network = network_of(tmp_path, serve(chain_getStatus=status_at(7)).url)
    watch = Watch(network)

    with pytest.raises(Failure) as refused:
        subject.wait_for_blocks(network, watch, 100, Clock())

    assert 8 == refused.value.exit_code
    assert "height 7" in refused.value.advice[0]
    watch.close()


def test_chain_that_makes_blocks_on_demand_need_only_answer(
    serve: Serve, tmp_path: Path, alive: None
) -> None:
    network = network_of(tmp_path, serve(chain_getStatus=status_at(0)).url)
    watch = Watch(network)

    (standing,) = subject.wait_for_blocks(network, watch, 5000, Clock(), must_grow=False)

    assert 0 == standing.height
    watch.close()


def test_process_that_ended_is_told_with_its_last_words(tmp_path: Path) -> None:
    network = network_of(tmp_path, "http://127.0.0.1:9")
    DataFolder(tmp_path / "auth0").log.write_text("vote log is damaged\n")
    watch = Watch(network)

    with pytest.raises(Failure) as refused:
        subject.wait_for_blocks(network, watch, 5000, Clock())

    assert "auth0 ended by itself" == refused.value.message
    assert "vote log is damaged" in refused.value.advice
    watch.close()


def test_only_what_does_not_run_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of(tmp_path, "http://a", "http://b")
    started: list[Path] = []
    pids = {tmp_path / "auth0": 7}
    monkeypatch.setattr(processes, "running_pid", pids.get)
    monkeypatch.setattr(processes, "start", started.append)
    monkeypatch.setattr(subject, "require_free", lambda _: None)

    missing = subject.missing_of(network)
    subject.start(network, missing)

    assert ["auth1"] == [place.name for place in missing]
    assert [tmp_path / "auth1"] == started


def test_forgetting_removes_what_was_made_and_nothing_else(tmp_path: Path) -> None:
    network = network_of(tmp_path / "net", "http://a")
    write_network(network)
    (tmp_path / "net/keys").mkdir()
    (tmp_path / "net/notes.txt").write_text("mine")

    subject.forget(network)

    assert ["notes.txt"] == [path.name for path in (tmp_path / "net").iterdir()]


def test_forgetting_removes_the_folder_when_nothing_is_left(tmp_path: Path) -> None:
    network = network_of(tmp_path / "net", "http://a")
    write_network(network)

    subject.forget(network)

    assert not (tmp_path / "net").exists()


def test_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")

    with pytest.raises(Failure) as refused:
        subject.require_empty(tmp_path)

    assert 2 == refused.value.exit_code


def test_both_sides_of_a_partition_refuse_each_other(serve: Serve, tmp_path: Path) -> None:
    nodes = [serve(dev_isolate=None) for _ in range(3)]
    network = network_of(tmp_path, *(node.url for node in nodes))

    rest = subject.isolate(network, Watch(network), ["auth0"])

    assert ["auth1", "auth2"] == rest
    told = [node.asked("dev_isolate")[0]["names"] for node in nodes]
    assert [["auth1", "auth2"], ["auth0"], ["auth0"]] == told


def test_healing_tells_every_node_that_nobody_is_cut_off(serve: Serve, tmp_path: Path) -> None:
    nodes = [serve(dev_isolate=None) for _ in range(2)]
    network = network_of(tmp_path, *(node.url for node in nodes))

    subject.isolate(network, Watch(network), [])

    assert [[{"names": []}]] * 2 == [node.asked("dev_isolate") for node in nodes]


@pytest.mark.parametrize("apart", [["auth0", "auth1"], ["auth7"]])
def test_partition_needs_two_sides_of_known_nodes(tmp_path: Path, apart: list[str]) -> None:
    network = network_of(tmp_path, "http://a", "http://b")

    with pytest.raises(Failure):
        subject.isolate(network, Watch(network), apart)


def test_a_market_is_there_once_both_sides_of_one_are_quoted(serve: Serve, tmp_path: Path) -> None:
    one, both = {"bids": [["1", "1"]], "asks": []}, {"bids": [["1", "1"]], "asks": [["2", "1"]]}
    books = [one, one, one, both]
    node = serve(
        market_list={"items": [{"instrument": "BTC-PERP"}, {"instrument": "ETH-PERP"}]},
        market_getBook=lambda **_: books.pop(0),
    )
    network = network_of(tmp_path, node.url)

    assert subject.wait_for_market(network, Watch(network), 10_000)
    assert [] == books


def test_a_market_that_nobody_quotes_is_waited_for_no_longer_than_told(
    serve: Serve, tmp_path: Path
) -> None:
    network = network_of(tmp_path, serve().url)

    assert not subject.wait_for_market(network, Watch(network), 0)
