"""Write the genesis of a development chain: published keys, funded accounts, any size.

    seed of a name = SHA-256("NOVATION/published-seed/1" | name)

`auth0/consensus` and `auth0/oracle` are the keys of authority 0; `alice`, ..., `maker`, ...,
`faucet` are accounts.  Everybody knows them: they are worth nothing anywhere else.

Source: docs/specs/machine.md, MACH-057.
"""

import json
from typing import Any

from chain.crypto.addresses import text_of
from chain.crypto.digest import sha256
from chain.crypto.signing import SigningKey
from chain.limits import AUTHORITIES_MAX_COUNT, MIN_BLOCK_MS_DEFAULT, TARGET_BLOCK_MS_DEFAULT
from chain.machine.genesis import GENESIS_VERSION

SEED_TAG = b"NOVATION/published-seed/1"
ACCOUNT_NAMES = ("alice", "bob", "carol", "dave", "erin", "frank")
FAUCET_NAME = "faucet"
AGENT_NAMES = ("maker", "arbitrageur", "keeper", "quoter")
"""Programs that keep a development market alive; each has an account like everybody's."""

SHIPPED_TIME_MS = 1_767_225_600_000
"""2026-01-01 00:00:00 UTC: the time of the genesis in the repository, whose root is a golden."""

# USD counts micro-dollars, so that the refusal fee of a cent is 10,000 quantums and a
# supply of 2^62 is 4.6 trillion dollars. BTC and ETH count 10^-8, the satoshi: with the
# 18 decimals of Ethereum 2^62 quantums would be 4.6 ether.
ASSET_DECIMALS = {"USD": 6, "BTC": 8, "ETH": 8}
ACCOUNT_UNITS = {"USD": 1_000_000, "BTC": 10, "ETH": 100}
FAUCET_UNITS = {"USD": 1_000_000_000, "BTC": 10_000, "ETH": 100_000}

REFUSAL_FEE_QUANTUMS = 10_000
SIGNER_MINIMUM_QUANTUMS = 1_000_000


def development_seed(name: str) -> bytes:
    """Return the 32-byte ed25519 seed that a name has on every development chain.

    >>> development_seed("alice").hex()[:16]
    '7bd1f71b1249cc6b'
    """
    return sha256(SEED_TAG + name.encode())


def development_key(name: str) -> bytes:
    """Return the public key of a published seed: for an account, its address."""
    return SigningKey.from_seed(development_seed(name)).public_key


def development_genesis(
    count: int,
    time_ms: int = SHIPPED_TIME_MS,
    kind: str = "devnet",
    *,
    min_block_ms: int = MIN_BLOCK_MS_DEFAULT,
    target_block_ms: int = TARGET_BLOCK_MS_DEFAULT,
    chain_name: str = "novation-devnet",
) -> dict[str, Any]:
    """Return the JSON object of a genesis with authorities `auth0` to `auth{count - 1}`.

    Every dev account and agent holds 1,000,000 USD, 10 BTC and 100 ETH, the faucet far more.
    """
    assert 1 <= count <= AUTHORITIES_MAX_COUNT
    holdings = [(name, ACCOUNT_UNITS) for name in (*ACCOUNT_NAMES, *AGENT_NAMES)]
    holdings.append((FAUCET_NAME, FAUCET_UNITS))
    supplies = dict.fromkeys(ASSET_DECIMALS, 0)
    balances = []
    for name, units in holdings:
        for asset, decimals in ASSET_DECIMALS.items():
            amount_quantums = units[asset] * 10**decimals
            supplies[asset] += amount_quantums
            balances.append(
                {
                    "holder": text_of(development_key(name)),
                    "asset": asset,
                    "amount_quantums": str(amount_quantums),
                }
            )
    return {
        "genesis_version": GENESIS_VERSION,
        "chain_name": chain_name,
        "kind": kind,
        "time_ms": time_ms,
        "tables": {
            "consensus_parameters": [
                {"min_block_ms": min_block_ms, "target_block_ms": target_block_ms}
            ],
            "signer_parameters": [
                {
                    "minimum_asset": "USD",
                    "signer_minimum_quantums": str(SIGNER_MINIMUM_QUANTUMS),
                }
            ],
            "ledger_parameters": [
                {"fee_asset": "USD", "fee_refused_quantums": str(REFUSAL_FEE_QUANTUMS)}
            ],
            "authorities": [{"epoch": "0", "members": _members(count)}],
            "assets": [
                {"asset": asset, "decimals": decimals} for asset, decimals in ASSET_DECIMALS.items()
            ],
            "supplies": [
                {"asset": asset, "supply_quantums": str(supply_quantums)}
                for asset, supply_quantums in supplies.items()
            ],
            "signers": [
                {
                    "signer": text_of(development_key(name)),
                    "threshold": 1,
                    "keys": ["0x" + development_key(name).hex()],
                }
                for name, _ in holdings
            ],
            "balances": balances,
        },
    }


def genesis_json(genesis: dict[str, Any]) -> bytes:
    """Return a genesis object as the file people read."""
    return (json.dumps(genesis, indent=2) + "\n").encode()


def _members(count: int) -> list[dict[str, str]]:
    """Return the authorities, ascending by consensus key as a set is."""
    members = [
        {
            "name": f"auth{index}",
            "consensus_key": "0x" + development_key(f"auth{index}/consensus").hex(),
            "oracle_key": "0x" + development_key(f"auth{index}/oracle").hex(),
        }
        for index in range(count)
    ]
    return sorted(members, key=lambda member: member["consensus_key"])
