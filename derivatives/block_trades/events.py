"""What happened to offers of block trades."""

from chain.kit import record


@record
class BlockTraded:
    """An offer was accepted; its trades stand before this, one a leg.

    `net_quantums` is what the accepting side bought less what it sold; `fee_quantums` is
    what it paid for all legs.
    """

    offering_holder: str
    accepting_holder: str
    offer_sequence: int
    legs_count: int
    net_quantums: int
    fee_quantums: int


@record
class OffersRevoked:
    """Offers of an account below this number are void from here on."""

    account_holder: str
    lowest_sequence: int


EVENTS = {1: BlockTraded, 2: OffersRevoked}
