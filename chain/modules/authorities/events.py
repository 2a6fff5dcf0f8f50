"""What happened to authorities."""

from chain.kit import PublicKey, record


@record
class OffenceRecorded:
    """An authority is proven to have signed two contradicting votes."""

    public_key: PublicKey
    kind: int
    epoch: int
    view: int
