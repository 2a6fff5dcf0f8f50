"""What happened to instruments."""

from chain.kit import U8, record


@record
class TradingChanged:
    """An instrument trades otherwise than before: see the states of `Trading`."""

    instrument: str
    from_state: U8
    to_state: U8
    auction_until_ms: int
