from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.devnet.seeds import development_seed
from node.devnet.writing import choices_of, make_network
from node.keystore.store import Keystore
from tests.node.client.fake_chain import SHORT, FakeChain
from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]


@pytest.fixture(autouse=True)
def keys(novation: Run, tmp_path: Path) -> None:
    folder = tmp_path / "home/.novation/keys"
    Keystore([folder]).create("bob", None, seed=development_seed("bob"))


def test_faucet_gives_whole_units_and_waits(novation: Run, serve: Serve) -> None:
    node = serve(**{**FakeChain().answers(), "dev_faucet": {"id": "0x01"}})

    said = novation("dev", "faucet", "bob", "6_000.00", "--rpc", node.url)

    (asked,) = node.asked("dev_faucet")
    assert ("USD", "6000") == (asked["asset"], asked["amount"])
    assert said.out.startswith("bob received 6,000.00 USD in block 12")


def test_faucet_that_was_refused_exits_5(novation: Run, serve: Serve) -> None:
    chain = FakeChain(SHORT, status="refused")
    node = serve(**{**chain.answers(), "dev_faucet": {"id": "0x01"}})

    assert 5 == novation("dev", "faucet", "bob", "6000", "--rpc", node.url).code


def test_faucet_on_another_chain_is_absent(novation: Run, serve: Serve) -> None:
    said = novation("dev", "faucet", "bob", "1", "--rpc", serve(**FakeChain().answers()).url)

    assert 2 == said.code


@pytest.mark.parametrize(
    ("words", "method", "fields"),
    [
        (("mine", "3"), "dev_mine", {"blocks": 3}),
        (("mine",), "dev_mine", {"blocks": 1}),
        (("advance", "2m"), "dev_advanceTime", {"ms": 120_000}),
        (("snapshot",), "dev_snapshot", {}),
        (("revert", "s1"), "dev_revert", {"id": "s1"}),
    ],
)
def test_clock_and_blocks_are_moved_through_the_node(
    novation: Run, serve: Serve, words: tuple[str, ...], method: str, fields: dict[str, Any]
) -> None:
    node = serve(**{method: {"height": "9"}})

    said = novation("dev", *words, "--rpc", node.url, "--json")

    assert 0 == said.code
    assert [fields] == node.asked(method)


def test_down_removes_a_chain_that_was_left(novation: Run, tmp_path: Path) -> None:
    make_network(tmp_path / "d", choices_of("dev", {"port": 18_500}), 1_790_000_000_000)

    assert 0 == novation("dev", "down", "--data", "d").code
    assert not (tmp_path / "d").exists()


FEEDS = {"items": [{"feed": "BTC", "price_e8": "6400000000000"}]}


def test_a_price_is_set_at_once_or_in_steps(novation: Run, serve: Serve) -> None:
    node = serve(oracle_getFeeds=FEEDS, dev_setPrice={"height": "7"})

    at_once = novation("dev", "price", "BTC", "60_000", "--rpc", node.url)
    in_steps = novation("dev", "price", "BTC", "62000", "--over", "1s", "--rpc", node.url)
    free = novation("dev", "price", "BTC", "free", "--rpc", node.url)

    assert ["BTC is set to 60_000 on 1 node (block 7)"] == at_once.out.splitlines()
    assert (0, 0) == (in_steps.code, free.code)
    told = [asked.get("price_e8") for asked in node.asked("dev_setPrice")]
    assert ["6000000000000", "6300000000000", "6200000000000", None] == told
