"""What was traded."""

from chain.kit import record


@record
class Traded:
    """Two accounts traded; each has its side against the house from here on.

    `taker_side` is buyer or seller, empty where neither came to the other.  Fees are what
    each side paid, below zero for a rebate.
    """

    trade_count: int
    instrument: str
    price_ticks: int
    size_lots: int
    taker_side: str
    buyer_holder: str
    seller_holder: str
    buyer_fee_quantums: int
    seller_fee_quantums: int
    buyer_realised_quantums: int
    seller_realised_quantums: int
