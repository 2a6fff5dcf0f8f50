from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from node.devnet.layout import Choices, Network, Place
from node.devnet.standing import Standing, Watch, best_of, line_of
from tests.node.client.fake_node import FakeNode

STATUS = {"height": "3", "view": "5", "epoch": "0", "time_ms": 1000, "block_id": "0x00"}


def network_of(home: Path, *urls: str) -> Network:
    places = tuple(Place(f"auth{i}", f"auth{i}", url, "", "") for i, url in enumerate(urls))
    choices = Choices("devnet", len(urls), 18_500, 500, None)
    return Network(home, "n", bytes(32), choices, places, ())


def test_node_that_answers_is_up_and_one_that_does_not_is_down(
    serve: Callable[..., FakeNode], tmp_path: Path
) -> None:
    watch = Watch(
        network_of(tmp_path, serve(chain_getStatus=STATUS).url, "http://127.0.0.1:9"), 1000
    )

    first, second = watch.standings()

    assert ("up", 3) == (first.state, first.height)
    assert ("down", None) == (second.state, second.height)
    assert "no node at" in second.why
    watch.close()


def test_state_tells_a_dead_process_from_a_silent_one() -> None:
    standing = Standing("auth0", 7, None, "no answer in time")

    assert ["silent", "down"] == [standing.state, replace(standing, pid=None).state]
    assert "syncing" == replace(standing, status={**STATUS, "syncing": True}).state


def test_farthest_node_speaks_for_the_network() -> None:
    behind = Standing("auth0", 1, STATUS, "")
    ahead = Standing("auth1", 2, {**STATUS, "height": "9"}, "")
    away = Standing("auth2", None, None, "gone")

    assert ahead == best_of([behind, ahead, away])
    assert None is best_of([away])


def test_line_says_how_far_and_how_many() -> None:
    standings = [Standing(f"auth{i}", i, STATUS, "") for i in range(4)]

    assert "block 3 · 4/4 authorities · view 5 · 1.5 s ago" == line_of(standings, 2500)


def test_line_of_a_dead_network_says_so() -> None:
    assert "DOWN  0/1 authorities answer" == line_of([Standing("a", None, None, "gone")], 0)


def test_prices_are_those_of_the_first_node_that_answers(
    serve: Callable[..., FakeNode], tmp_path: Path
) -> None:
    feeds = [
        {"feed": "BTC", "price_e8": "6306726400000", "state": "normal"},
        {"feed": "ETH", "price_e8": None, "state": "invalid"},
    ]
    node = serve(oracle_getFeeds={"items": feeds})
    watch = Watch(network_of(tmp_path, "http://127.0.0.1:9", node.url), 1000)
    nobody = Watch(network_of(tmp_path, "http://127.0.0.1:9"), 1000)

    prices = [watch.prices(), nobody.prices()]

    assert ["BTC 63,067.26", ""] == prices
    watch.close()
    nobody.close()
