"""Keys that everybody knows: of the development accounts and of a devnet's authorities.

Published on purpose, so that the shipped genesis has one root and every tutorial one
address.  Worth nothing: a chain whose genesis kind is neither `dev` nor `devnet`
refuses to run with them.
"""

import hashlib

SEED_TAG = b"NOVATION/published-seed/1"

ACCOUNT_NAMES = ("alice", "bob", "carol", "dave", "erin", "frank")
FAUCET_NAME = "faucet"
FEES_NAME = "fees"


def published_seed(name: str) -> bytes:
    """Return the 32-byte ed25519 seed that this name has on every development chain.

    >>> published_seed("alice").hex()[:16]
    '7bd1f71b1249cc6b'
    """
    return hashlib.sha256(SEED_TAG + name.encode()).digest()


def authority_name(index: int) -> str:
    """Return the name of an authority: `auth0`, `auth1`, ..."""
    return f"auth{index}"


def consensus_seed(authority: str) -> bytes:
    """Return the seed of the key with which a devnet's authority votes."""
    return published_seed(f"{authority}/consensus")


def oracle_seed(authority: str) -> bytes:
    """Return the seed of the key with which a devnet's authority signs reports."""
    return published_seed(f"{authority}/oracle")


def identity_seed(authority: str) -> bytes:
    """Return the seed of the key that a devnet's authority shows to its peers."""
    return published_seed(f"{authority}/identity")
