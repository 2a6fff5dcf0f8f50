"""A count of trades that cannot be is noticed."""

import pytest

from chain.kit import Broken
from derivatives.trades.invariants import every_trade_is_of_an_instrument
from derivatives.trades.state import TRADE_COUNTS, TradeCount
from tests.given_market import BTC_PERP, Market


@pytest.mark.parametrize(
    ("instrument", "count"), [("DOGE-PERP", TradeCount(1, 1)), (BTC_PERP, TradeCount(0, 1))]
)
def test_wrong_count_is_noticed(instrument: str, count: TradeCount) -> None:
    market = Market()
    every_trade_is_of_an_instrument(market.state)

    market.state.put(TRADE_COUNTS, instrument, count)

    with pytest.raises(Broken):
        every_trade_is_of_an_instrument(market.state)
