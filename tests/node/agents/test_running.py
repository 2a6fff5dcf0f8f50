"""AGT-020 to AGT-025: turns go on whatever the node does, and end with a farewell."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from chain.crypto.addresses import text_of
from node.agents.known import AGENTS
from node.agents.maker.form import MakerSettings
from node.agents.running import Running, keyring_of
from node.client.failures import Failure
from node.client.keyring import Keyring
from tests import given
from tests.node.agents.conftest import Hands
from tests.node.agents.fake_market import FakeMarket
from tests.node.client.fake_node import FakeNode

Serve = Callable[[FakeMarket], FakeNode]
MAKER = AGENTS["maker"]


def settings(*nodes: str) -> MakerSettings:
    told = MakerSettings(nodes=nodes)
    return replace(told, markets={"BTC-PERP": told.markets["BTC-PERP"]})


def test_a_turn_looks_and_acts(
    serve: Serve, market: FakeMarket, keyring: Keyring, clock: Hands
) -> None:
    running = Running(MAKER, settings(serve(market).url), keyring, clock)

    answered = running.turn()

    ((kind, lane, payload),) = market.submitted()
    assert (True, "system.list", 0) == (answered, kind, lane)
    assert 12 == len(payload.actions)


def test_a_node_that_is_away_ends_nothing_and_the_next_one_is_asked(
    serve: Serve, market: FakeMarket, keyring: Keyring, clock: Hands
) -> None:
    away = serve(FakeMarket())
    away.close()
    running = Running(MAKER, settings(away.url, serve(market).url), keyring, clock)

    with structlog.testing.capture_logs() as logs:
        answered = [running.turn(), running.turn()]

    assert [False, True] == answered
    assert "client.unreachable 90301: no node at" in logs[0]["why"]
    assert 1 == len(market.submitted())


def test_the_same_trouble_is_told_once(keyring: Keyring, clock: Hands) -> None:
    running = Running(MAKER, settings("http://127.0.0.1:9"), keyring, clock)

    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            running.turn()

    assert 1 == len(logs)


def test_a_node_that_is_behind_is_not_believed(
    serve: Serve, market: FakeMarket, keyring: Keyring, clock: Hands
) -> None:
    behind = FakeMarket()
    behind.chain.height = 9
    running = Running(MAKER, settings(serve(market).url, serve(behind).url), keyring, clock)
    running.turn()
    market.has_account = False
    nodes = running._clients
    nodes.reverse()

    answered = [running.turn(), running.turn()]

    assert [False, True] == answered
    assert [] == behind.submitted()


def test_a_chain_that_was_taken_back_is_believed_in_the_end(
    serve: Serve, market: FakeMarket, keyring: Keyring, clock: Hands
) -> None:
    running = Running(MAKER, settings(serve(market).url), keyring, clock)
    running.turn()
    market.chain.height = 4

    answered = [running.turn() for _ in range(7)]

    assert [False] * 5 + [True] * 2 == answered


def test_another_chain_is_begun_with_anew(
    serve: Serve, market: FakeMarket, keyring: Keyring, clock: Hands
) -> None:
    market.chain.status["status"] = "waiting"
    node = serve(market)
    running = Running(MAKER, settings(node.url), keyring, clock)
    running.turn()
    market.chain.height = 1
    status = {**market.status(), "chain_id": f"0x{'07' * 32}"}
    node.answers["chain_getStatus"] = status
    running.turn()

    assert 2 == len(market.chain.submitted)


class Counting(threading.Event):
    """An event that nobody waits for, set after so many waits; remembers how long they were."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.left_count = count
        self.waited_ms: list[int] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waited_ms.append(round(1_000 * timeout))
        self.left_count -= 1
        if not self.left_count:
            self.set()
        return self.is_set()


def test_told_to_end_it_cancels_what_it_has(
    serve: Serve, market: FakeMarket, keyring: Keyring, clock: Hands
) -> None:
    running = Running(MAKER, settings(serve(market).url), keyring, clock)
    stop = Counting(1)

    running.run_until(stop, lambda: True)

    assert [("system.list", 0), ("orders.cancel_all", 1)] == [
        (kind, lane) for kind, lane, _ in market.submitted()
    ]
    assert [500] == stop.waited_ms


def test_it_waits_longer_each_time_no_node_answers(keyring: Keyring, clock: Hands) -> None:
    stop = Counting(7)

    Running(MAKER, settings("http://127.0.0.1:9"), keyring, clock).run_until(stop, lambda: True)

    assert [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000] == stop.waited_ms


def test_it_ends_where_it_is_not_to_go_on(
    serve: Serve, market: FakeMarket, keyring: Keyring, clock: Hands
) -> None:
    stop = Counting(9)

    Running(MAKER, settings(serve(market).url), keyring, clock).run_until(stop, lambda: False)

    assert [] == stop.waited_ms
    assert [] == market.submitted()


def test_an_account_without_a_key_here_is_refused(keyring: Keyring, clock: Hands) -> None:
    told = replace(settings("http://127.0.0.1:9"), account="nobody")

    with pytest.raises(Failure) as refused:
        Running(MAKER, told, keyring, clock)

    assert "client.key_missing" == refused.value.kind.reason


def test_a_delegate_signs_for_the_account_of_another(
    serve: Serve, market: FakeMarket, keyring: Keyring, clock: Hands
) -> None:
    alice = text_of(given.address("alice"))
    node = serve(market)
    told = replace(settings(node.url), account=f"{alice}/3", signer="maker")

    Running(MAKER, told, keyring, clock).turn()

    (asked,) = node.asked("tx_build")
    assert text_of(given.address("maker")) == asked["signer"]
    assert {f"{alice}/3"} == {
        action["fields"]["account_holder"] for action in asked["fields"]["actions"]
    }


def test_keys_lie_in_the_folder_that_was_told(tmp_path: Path) -> None:
    assert [tmp_path / "keys"] == keyring_of(MakerSettings(keys="keys"), tmp_path).folders
    assert [tmp_path] == keyring_of(MakerSettings(keys=str(tmp_path)), Path("/elsewhere")).folders
    assert Path.home() / ".novation/keys" in keyring_of(MakerSettings(), tmp_path).folders
