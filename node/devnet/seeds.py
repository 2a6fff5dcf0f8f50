"""Keys that everybody knows: of the development accounts and of a devnet's authorities.

Published on purpose, so that the shipped genesis has one root and every tutorial one
address.  Worth nothing: a chain whose genesis kind is neither `dev` nor `devnet`
refuses to run with them.
"""

from chain.machine.genesis_development import (
    ACCOUNT_NAMES,
    AGENT_NAMES,
    FAUCET_NAME,
    development_seed,
)


def consensus_seed(authority: str) -> bytes:
    """Return the seed of the key with which a devnet's authority votes."""
    return development_seed(f"{authority}/consensus")


def oracle_seed(authority: str) -> bytes:
    """Return the seed of the key with which a devnet's authority signs reports."""
    return development_seed(f"{authority}/oracle")


def identity_seed(authority: str) -> bytes:
    """Return the seed of the key that a devnet's authority shows to its peers."""
    return development_seed(f"{authority}/identity")


__all__ = [
    "ACCOUNT_NAMES",
    "AGENT_NAMES",
    "FAUCET_NAME",
    "consensus_seed",
    "development_seed",
    "identity_seed",
    "oracle_seed",
]
