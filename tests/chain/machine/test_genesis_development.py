"""MACH-057."""

import json
from hashlib import sha256

import pytest

from chain.crypto.signing import SigningKey
from chain.kit import wallet
from chain.machine.application import Application
from chain.machine.genesis import genesis_state, load_genesis
from chain.machine.genesis_development import (
    ACCOUNT_NAMES,
    AGENT_NAMES,
    FAUCET_NAME,
    development_genesis,
    development_key,
    development_seed,
    genesis_json,
)
from chain.modules.ledger.balances import balance_of
from chain.modules.registry import BASE_MODULES

APPLICATION = Application(BASE_MODULES)


def test_seed_of_a_name_is_published_by_rule() -> None:
    assert sha256(b"NOVATION/published-seed/1alice").digest() == development_seed("alice")
    assert SigningKey.from_seed(development_seed("bob")).public_key == development_key("bob")


@pytest.mark.parametrize("count", [1, 4, 7, 100])
def test_genesis_of_any_size_is_sound(count: int) -> None:
    genesis = load_genesis(APPLICATION, genesis_json(development_genesis(count)))

    assert count == len(genesis.authorities.members)


def test_every_account_is_funded() -> None:
    genesis = load_genesis(APPLICATION, genesis_json(development_genesis(1, kind="dev")))
    tables, _ = genesis_state(APPLICATION, genesis)

    for name in (*ACCOUNT_NAMES, *AGENT_NAMES):
        holder = wallet(development_key(name))
        assert (10**12, 10**9, 10**10) == tuple(
            balance_of(tables, holder, asset) for asset in ("USD", "BTC", "ETH")
        )
    assert 10**15 == balance_of(tables, wallet(development_key(FAUCET_NAME)), "USD")


def test_time_and_pace_are_as_asked() -> None:
    document = development_genesis(4, 5_000, min_block_ms=50, target_block_ms=250)

    genesis = load_genesis(APPLICATION, json.dumps(document).encode())

    assert 5_000 == genesis.time_ms
    assert (50, 250) == (genesis.parameters.min_block_ms, genesis.parameters.target_block_ms)
