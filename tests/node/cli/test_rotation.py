from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chain.crypto.addresses import text_of
from node.devnet.seeds import development_seed
from node.keystore.store import Keystore
from tests.node.client.fake_chain import SHORT, FakeChain
from tests.node.client.fake_node import FakeNode

Run = Callable[..., Any]
Serve = Callable[..., FakeNode]


@pytest.fixture
def store(novation: Run, tmp_path: Path) -> Keystore:
    store = Keystore([tmp_path / "home/.novation/keys"])
    store.create("alice", None, seed=development_seed("alice"))
    return store


def holding(store: Keystore, chain: FakeChain, *keys: bytes, threshold: int = 1) -> dict[str, Any]:
    """Return a node's answers, with these keys for alice on the chain."""
    del store
    held = {"threshold": threshold, "keys": [f"0x{key.hex()}" for key in keys]}
    return {
        **chain.answers(),
        "chain_getStatus": lambda: {**chain.chain_status(), "time_ms": 1_000},
        "state_get": lambda table, key, **_: {"value": held if keys else None},
    }


def test_new_key_follows_the_chain_into_the_file(
    novation: Run, serve: Serve, store: Keystore
) -> None:
    old = store.find("alice")
    node = serve(**holding(store, FakeChain(), old.public_key))

    said = novation("keys", "rotate", "alice", "--rpc", node.url, "--json")

    new = store.find("alice")
    assert 0 == said.code
    assert (old.address, False) == (new.address, new.public_key == old.public_key)
    (built,) = node.asked("tx_build")
    assert [f"0x{new.public_key.hex()}"] == built["fields"]["keys"]


def test_refused_rotation_keeps_the_old_key_and_the_next_one(
    novation: Run, serve: Serve, store: Keystore
) -> None:
    old = store.find("alice")
    chain = FakeChain(SHORT, status="refused")
    url = serve(**holding(store, chain, old.public_key)).url

    said = novation("keys", "rotate", "alice", "--rpc", url)

    assert 5 == said.code
    assert old.public_key == store.find("alice").public_key
    assert store.stage("alice", None).public_key == store.stage("alice", None).public_key


def test_rotation_that_the_chain_has_already_is_completed(
    novation: Run, serve: Serve, store: Keystore
) -> None:
    staged = store.stage("alice", None)
    node = serve(**holding(store, FakeChain(), staged.public_key))

    said = novation("keys", "rotate", "alice", "--rpc", node.url, "--json")

    assert (0, False) == (said.code, said.document["data"]["sent"])
    assert staged.public_key == store.find("alice").public_key
    assert [] == node.asked("tx_submit")


def test_dry_run_changes_neither_chain_nor_file(
    novation: Run, serve: Serve, store: Keystore
) -> None:
    old = store.find("alice")
    node = serve(**holding(store, FakeChain(), old.public_key))

    said = novation("keys", "rotate", "alice", "--dry-run", "--rpc", node.url)

    assert 0 == said.code
    assert old.public_key == store.find("alice").public_key
    assert [] == node.asked("tx_submit")


def test_signer_of_several_keys_is_not_rotated_by_one(
    novation: Run, serve: Serve, store: Keystore
) -> None:
    old = store.find("alice")
    url = serve(**holding(store, FakeChain(), old.public_key, bytes(32))).url

    said = novation("keys", "rotate", "alice", "--rpc", url, "--json")

    assert (7, "client.key_refused") == (said.code, said.document["error"]["reason"])


def test_signer_that_was_never_opened_exits_9(novation: Run, serve: Serve, store: Keystore) -> None:
    assert (
        9
        == novation(
            "keys", "rotate", "alice", "--rpc", serve(**holding(store, FakeChain())).url
        ).code
    )


def agent_words(url: str) -> tuple[str, ...]:
    return (
        "keys",
        "agent",
        "bot",
        "--class",
        "3",
        "--lasts",
        "1h",
        "--from",
        "alice",
        "--rpc",
        url,
    )


def test_agent_acts_for_its_owner_with_a_key_of_its_own(
    novation: Run, serve: Serve, store: Keystore
) -> None:
    alice = store.find("alice")
    node = serve(**holding(store, FakeChain(), alice.public_key))

    said = novation(*agent_words(node.url))

    agent = store.find("bot")
    assert 0 == said.code
    assert (alice.address, False) == (agent.address, agent.public_key == alice.public_key)
    (built,) = node.asked("tx_build")
    assert text_of(alice.address) == built["signer"]
    assert (3_601_000, [3]) == (built["fields"]["expires_ms"], built["fields"]["classes"])


def test_agent_that_the_chain_refused_leaves_no_key(
    novation: Run, serve: Serve, store: Keystore
) -> None:
    chain = FakeChain()
    chain.foreseen = SHORT
    url = serve(**holding(store, chain, store.find("alice").public_key)).url

    said = novation(*agent_words(url))

    assert 4 == said.code
    assert ["alice"] == [key.name for key in store.listed()]


def test_agent_of_unknown_outcome_keeps_its_key(
    novation: Run, serve: Serve, store: Keystore
) -> None:
    chain = FakeChain(status="waiting")
    url = serve(**holding(store, chain, store.find("alice").public_key)).url

    said = novation(*agent_words(url), "--timeout", "50ms")

    assert 6 == said.code
    assert "bot" in [key.name for key in store.listed()]


def test_removed_agent_loses_its_file_once_that_is_final(
    novation: Run, serve: Serve, store: Keystore
) -> None:
    url = serve(**holding(store, FakeChain(), store.find("alice").public_key)).url
    novation(*agent_words(url))

    said = novation("keys", "agent", "bot", "--remove", "--from", "alice", "--rpc", url)

    assert 0 == said.code
    assert ["alice"] == [key.name for key in store.listed()]
