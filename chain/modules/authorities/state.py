"""What is stored of authorities."""

from chain.kit import PublicKey, Table, integer_key, public_key_key, record

EPOCHS_KEPT_COUNT = 3
"""The current epoch and the two before it."""


@record
class Authority:
    """One who makes blocks: its name for people, and the keys it votes and reports with."""

    name: str
    consensus_key: PublicKey
    oracle_key: PublicKey


@record
class AuthorityList:
    """The authorities of one epoch, strictly ascending by consensus key."""

    members: tuple[Authority, ...]


@record
class OffenceRecord:
    """What a key is proven to have done: evidence kind 1 to 3, where, and since which block."""

    kind: int
    epoch: int
    view: int
    height: int


AUTHORITIES = Table(
    1, "authorities", key=(integer_key("epoch", 64),), value=AuthorityList, ordered=True
)
OFFENCES = Table(2, "offences", key=(public_key_key("public_key"),), value=OffenceRecord)
