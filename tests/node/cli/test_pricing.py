"""REPORT-018 and REPORT-019: every node of a network is told, at once or in steps."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.cli.pricing import clients_of, price_of, set_everywhere, steps_of
from node.cli.session import Session
from node.client.failures import Failure
from node.client.transport import Client
from node.devnet.layout import Choices, Network, Place, write_network
from tests.node.client.fake_node import FakeNode

Serve = Callable[..., FakeNode]
FEEDS = {"items": [{"feed": "BTC", "price_e8": "500"}, {"feed": "ETH", "price_e8": None}]}


@pytest.mark.parametrize(
    ("from_e8", "to_e8", "over_ms", "steps"),
    [
        (100, 200, 0, [200]),
        (100, 200, 499, [200]),
        (100, 200, 1_000, [150, 200]),
        (200, 100, 1_500, [166, 133, 100]),
        (7, 7, 1_000, [7, 7]),
    ],
)
def test_steps_go_straight_and_end_where_they_should(
    from_e8: int, to_e8: int, over_ms: int, steps: list[int]
) -> None:
    assert steps == steps_of(from_e8, to_e8, over_ms)


def test_the_price_of_an_unknown_feed_is_refused_with_those_there_are(serve: Serve) -> None:
    client = Client(serve(oracle_getFeeds=FEEDS).url)

    with pytest.raises(Failure) as refused:
        price_of(client, "SILVER")

    assert (500, None) == (price_of(client, "BTC"), price_of(client, "ETH"))
    assert "there are: BTC, ETH" == refused.value.advice[0]
    client.close()


def test_every_node_is_told_each_step(serve: Serve) -> None:
    nodes = [serve(dev_setPrice={"height": "7"}), serve(dev_setPrice={"height": "9"})]
    clients = [Client(node.url) for node in nodes]
    pauses: list[float] = []

    height = set_everywhere(clients, "BTC", [150, 200, None], pauses.append)

    told: list[Any] = [
        {"feed": "BTC", "price_e8": "150"},
        {"feed": "BTC", "price_e8": "200"},
        {"feed": "BTC"},
    ]
    assert [told, told] == [node.asked("dev_setPrice") for node in nodes]
    assert (9, [0.5, 0.5]) == (height, pauses)
    for client in clients:
        client.close()


def test_one_node_is_meant_when_it_is_named_and_all_of_a_network_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOVATION_RPC", raising=False)
    places = tuple(
        Place(f"auth{i}", f"auth{i}", f"http://127.0.0.1:1900{i}", "", "") for i in (0, 1)
    )
    choices = Choices("devnet", 2, 19_000, 500, None)
    write_network(Network(tmp_path, "n", bytes(32), choices, places, ()))
    session, named = Session(), Session()
    session.data = named.data = str(tmp_path)
    named.rpc = "auth1"

    with clients_of(session) as everywhere, clients_of(named) as one:
        urls = ([client.url for client in everywhere], [client.url for client in one])

    assert ([place.rpc for place in places], ["http://127.0.0.1:19001"]) == urls
    assert json.loads((tmp_path / "network.json").read_text())["kind"] == "devnet"
