"""What happened to instruments."""

from chain.kit import U8, record


@record
class TradingChanged:
    """An instrument trades otherwise than before: see the states of `Trading`."""

    instrument: str
    from_state: U8
    to_state: U8
    auction_until_ms: int


@record
class SettlementExtended:
    """Too little of a dated instrument's window counted, so it ends later."""

    instrument: str
    counted_ms: int
    ends_ms: int


@record
class SettlementFixed:
    """A dated instrument has its settlement price, and trades no more.

    Without anything counted it is the last price of the underlying's feed.
    """

    instrument: str
    price_ticks: int
    counted_ms: int
    extensions_count: int


@record
class SeriesListed:
    """A future, or with a strike an option, can be traded from now on, by the listing rule."""

    instrument: str
    expiry_ms: int
    strike_ticks: int


@record
class SeriesLeft:
    """A settled instrument is listed no more; nobody held it, and no order was left in it."""

    instrument: str
    expiry_ms: int
