"""What is stored of signers: keys, lanes, agents."""

from chain.kit import (
    U8,
    U16,
    Item,
    PublicKey,
    Table,
    address_key,
    integer_key,
    public_key_key,
    record,
)

KEYS_MAX_COUNT = 16
AGENTS_MAX_COUNT = 16


@record
class Signer:
    """Who may act for an address: `threshold` of `keys`, which ascend.

    The address is the key that opened the signer; it need no longer be among the keys.
    """

    threshold: int
    keys: tuple[PublicKey, ...]


@record
class Lane:
    """The sequence that the lane's next transaction has; unused lanes are not stored."""

    next_sequence: int


@record
class Agent:
    """What an agent's key may send until it expires: these kinds, and these classes."""

    expires_ms: int
    kinds: tuple[U16, ...]
    classes: tuple[U8, ...]


@record
class SignerParameters:
    """The least first transfer that opens a signer, and in which asset."""

    minimum_asset: str
    signer_minimum_quantums: int


SIGNERS = Table(1, "signers", key=(address_key("signer"),), value=Signer)
LANES = Table(2, "lanes", key=(address_key("signer"), integer_key("lane", 16)), value=Lane)
AGENTS = Table(
    3,
    "agents",
    key=(address_key("signer"), public_key_key("public_key")),
    value=Agent,
    ordered=True,
)
SIGNER_PARAMETERS = Item(4, "signer_parameters", value=SignerParameters)
