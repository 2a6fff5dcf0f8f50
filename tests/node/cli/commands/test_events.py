import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from node.cli.commands import events as subject
from node.client.failures import UNANSWERED, Failure
from node.client.websocket import Closed
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]
HEAD = {"height": "3"}


def stored(seq: int) -> dict[str, Any]:
    event = {"name": "ledger.transferred", "asset": "USD"}
    return {"seq": str(seq), "height": "2", "index": 0, "event": event}


def told(seq: int, kind: str = "delta") -> dict[str, Any]:
    return {"seq": str(seq), "height": str(seq), "type": kind, "data": {"tx_count": 0}}


class FakeFollower:
    """Connections in turn: each tells its entries, then ends as it was told to."""

    scripts: list[tuple[list[dict[str, Any]], Exception | None]] = []  # noqa: RUF012
    asked: list[tuple[str, int | None]] = []  # noqa: RUF012

    def __init__(self, url: str) -> None:
        assert url.endswith("/ws")

    def follow(self, topic: str, from_seq: int | None) -> Iterator[dict[str, Any]]:
        type(self).asked.append((topic, from_seq))
        entries, end = type(self).scripts.pop(0)
        yield from entries
        if end is not None:
            raise end

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def follower(monkeypatch: pytest.MonkeyPatch) -> type[FakeFollower]:
    monkeypatch.setattr("node.client.websocket.Follower", FakeFollower)
    monkeypatch.setattr("node.devnet.processes.pause", lambda _: None)
    FakeFollower.scripts, FakeFollower.asked = [], []
    return FakeFollower


def paged(*pages: list[dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    left = list(pages)

    def answer(from_seq: str) -> dict[str, Any]:
        items = left.pop(0) if left else []
        next_seq = str(int(items[-1]["seq"]) + 1) if items else from_seq
        return {"items": items, "next_seq": next_seq}

    return answer


def test_stored_events_are_printed_to_their_end(novation: Run, serve: Serve) -> None:
    node = serve(events_list=paged([stored(4), stored(5)], [stored(6)]))

    said = novation("events", "--from-seq", "4", "--rpc", node.url, "--json")

    assert ["4", "5", "6"] == [json.loads(line)["seq"] for line in said.out.splitlines()]
    assert ["4", "6", "7"] == [fields["from_seq"] for fields in node.asked("events_list")]


def test_entry_for_people_is_one_line(novation: Run, serve: Serve) -> None:
    said = novation("events", "--rpc", serve(events_list=paged([stored(4)])).url)

    assert "#4  block 2  ledger.transferred  asset USD\n" == said.out


def test_addresses_are_said_by_the_names_of_keys(
    novation: Run, serve: Serve, tmp_path: Path
) -> None:
    key = Keystore([tmp_path / "home/.novation/keys"]).create(
        "alice", None, seed=development_seed("alice")
    )
    event = {"name": "x.y", "holder": f"{key.address_text}/1", "to": "nov1" + "q" * 58}
    node = serve(events_list=paged([{**stored(4), "event": event}]))

    said = novation("events", "--rpc", node.url)

    assert "#4  block 2  x.y  holder alice/1  to nov1qqqq…qqqq\n" == said.out


def test_count_ends_the_stream(novation: Run, serve: Serve) -> None:
    node = serve(events_list=paged([stored(4), stored(5), stored(6)]))

    said = novation("events", "--count", "2", "--follow", "--rpc", node.url, "--json")

    assert 2 == len(said.out.splitlines())


def test_node_that_goes_away_is_waited_for_while_following(
    novation: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.devnet.processes.pause", lambda _: None)
    node = serve(events_list=paged([stored(4)], [], [stored(5)]))
    node.drop_next = 1

    said = novation("events", "--count", "2", "--follow", "--rpc", node.url, "--json")

    assert 2 == len(said.out.splitlines())


def test_followed_topic_is_resumed_where_a_connection_broke(
    novation: Run, serve: Serve, follower: type[FakeFollower]
) -> None:
    follower.scripts = [
        ([told(2), told(3)], Closed(4008, "too slow")),
        ([told(4)], Failure(UNANSWERED, "fell silent")),
        ([told(5, "heartbeat"), told(5)], None),
    ]
    node = serve(chain_getStatus=HEAD)
    words = ("events", "blocks", "--follow", "--from-seq", "2", "--count", "4")

    said = novation(*words, "--rpc", node.url, "--json")

    assert ["2", "3", "4", "5"] == [json.loads(line)["seq"] for line in said.out.splitlines()]
    assert [("blocks", 2), ("blocks", 4), ("blocks", 5)] == follower.asked


def test_a_count_of_a_topic_begins_with_its_past(
    novation: Run, serve: Serve, follower: type[FakeFollower]
) -> None:
    follower.scripts = [([told(2), told(3)], None)]
    node = serve(chain_getStatus=HEAD)

    said = novation("events", "liquidations", "--count", "1", "--rpc", node.url, "--json")

    assert ["2"] == [json.loads(line)["seq"] for line in said.out.splitlines()]
    assert [("liquidations", 0)] == follower.asked


def test_short_look_at_blocks_ends_at_the_head(
    novation: Run, serve: Serve, follower: type[FakeFollower]
) -> None:
    follower.scripts = [([told(1), told(2), told(3), told(4)], None)]

    said = novation("events", "blocks", "--rpc", serve(chain_getStatus=HEAD).url, "--json")

    assert 3 == len(said.out.splitlines())
    assert [("blocks", 0)] == follower.asked


def test_short_look_at_an_account_ends_at_the_first_heartbeat(
    novation: Run, serve: Serve, follower: type[FakeFollower], tmp_path: Path
) -> None:
    Keystore([tmp_path / "home/.novation/keys"]).create(
        "alice", None, seed=development_seed("alice")
    )
    follower.scripts = [([told(7), told(7, "heartbeat"), told(8)], None)]
    url = serve(chain_getStatus=HEAD).url

    said = novation("events", "account:alice", "--rpc", url, "--json")

    assert 1 == len(said.out.splitlines())
    assert follower.asked[0][0].startswith("account:nov1")


def test_word_that_is_no_topic_exits_2(novation: Run) -> None:
    assert 2 == novation("events", "blockz").code


def test_only_blocks_and_accounts_have_a_past() -> None:
    topics = ["blocks", "account:nov1", "tx:0x", "consensus"]

    assert [True, True, False, False] == [subject.is_numbered(topic) for topic in topics]


def test_watch_shows_each_new_block_once(
    novation: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = {
        "chain_name": "n",
        "view": "1",
        "leader": "auth0",
        "peers": [],
        "waiting_count": 0,
        "time_ms": 1,
    }
    heights = iter(["1", "1", "2"])

    def answer() -> dict[str, Any]:
        try:
            return {**status, "height": next(heights)}
        except StopIteration:
            raise KeyboardInterrupt from None

    node = serve()
    monkeypatch.setattr("node.client.transport.Client.call", lambda *_: answer())
    monkeypatch.setattr("node.devnet.processes.pause", lambda _: None)

    said = novation("watch", "--json", "--rpc", node.url)

    assert 130 == said.code
    entries = [json.loads(line) for line in said.out.splitlines()]
    assert ["1", "2"] == [entry["height"] for entry in entries if "height" in entry]


@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("liquidations", "liquidations"),
        ("trades:btc-perp", "trades:BTC-PERP"),
        ("mark:ETH-PERP", "mark:ETH-PERP"),
        ("book:eth-perp", "book:ETH-PERP"),
    ],
)
def test_every_topic_of_a_node_can_be_followed(
    novation: Run, serve: Serve, follower: type[FakeFollower], asked: str, topic: str
) -> None:
    follower.scripts = [([told(1)], Failure(UNANSWERED, "gone"))]
    node = serve(chain_getStatus={"height": "1"})

    novation("events", asked, "--count", "1", "--rpc", node.url)

    assert [topic] == [name for name, _ in follower.asked]
