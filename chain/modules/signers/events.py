"""What happened to signers."""

from chain.kit import Address, PublicKey, record


@record
class SignerOpened:
    """An address received enough to act, with its own key alone."""

    signer: Address


@record
class KeysSet:
    """A signer's keys were replaced; every agent it had is gone."""

    signer: Address
    threshold: int
    keys: tuple[PublicKey, ...]


@record
class AgentAdded:
    """A key may act for a signer, within its scope and until it expires."""

    signer: Address
    public_key: PublicKey
    expires_ms: int


@record
class AgentRemoved:
    """A key may no longer act for a signer."""

    signer: Address
    public_key: PublicKey
