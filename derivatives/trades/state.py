"""What was traded last, and how often."""

from chain.kit import Table, record
from derivatives.ids import INSTRUMENT


@record
class TradeCount:
    """How many trades an instrument has had, and the price of the last one in the book.

    Blocks, batches and liquidations count, and leave `last_price_ticks` as it was.
    """

    trades_count: int
    last_price_ticks: int


TRADE_COUNTS = Table(1, "trade_counts", key=(INSTRUMENT,), value=TradeCount, ordered=True)
