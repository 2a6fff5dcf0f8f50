"""INST-020 to INST-028: trading follows feeds, and opens by auction."""

import pytest

from derivatives.instruments.events import TradingChanged
from derivatives.instruments.state import (
    TRADING,
    TRADING_AUCTION,
    TRADING_FROZEN,
    TRADING_HALTED,
    TRADING_OPEN,
    TRADING_REDUCE_ONLY,
    Trading,
)
from derivatives.instruments.trading import freeze, start_auction, with_feed
from derivatives.oracle.ladder import FeedState
from tests.given_market import BTC_PERP, Market

NOW_MS, PARENT_MS = 100_000, 99_500
WAITING = Trading(TRADING_AUCTION, 5, 0)
CALLED = Trading(TRADING_AUCTION, 5, 100_001)
DUE = Trading(TRADING_AUCTION, 5, 100_000)
PASSED = Trading(TRADING_AUCTION, 5, 99_500)
OPEN = Trading(TRADING_OPEN, 5, 0)
REDUCING = Trading(TRADING_REDUCE_ONLY, 5, 0)


@pytest.mark.parametrize(
    ("before", "feed", "after"),
    [
        (WAITING, FeedState.INVALID, WAITING),
        (WAITING, FeedState.NORMAL, Trading(TRADING_AUCTION, 5, 102_000)),
        (CALLED, FeedState.NORMAL, CALLED),
        (DUE, FeedState.NORMAL, DUE),
        (PASSED, FeedState.NORMAL, Trading(TRADING_OPEN, NOW_MS, 0)),
        (PASSED, FeedState.DEGRADED, Trading(TRADING_OPEN, NOW_MS, 0)),
        (PASSED, FeedState.JUMP, WAITING),
        (CALLED, FeedState.STALE, WAITING),
        (OPEN, FeedState.NORMAL, OPEN),
        (OPEN, FeedState.DEGRADED, OPEN),
        (OPEN, FeedState.JUMP, OPEN),
        (OPEN, FeedState.STALE, Trading(TRADING_REDUCE_ONLY, NOW_MS, 0)),
        (OPEN, FeedState.AUCTION, Trading(TRADING_AUCTION, NOW_MS, 0)),
        (OPEN, FeedState.INVALID, Trading(TRADING_AUCTION, NOW_MS, 0)),
        (REDUCING, FeedState.STALE, REDUCING),
        (REDUCING, FeedState.JUMP, REDUCING),
        (REDUCING, FeedState.AUCTION, Trading(TRADING_AUCTION, NOW_MS, 0)),
        (REDUCING, FeedState.NORMAL, Trading(TRADING_AUCTION, NOW_MS, 102_000)),
    ],
)
def test_each_feed_state_moves_trading(before: Trading, feed: FeedState, after: Trading) -> None:
    assert after == with_feed(before, feed, 2_000, NOW_MS, PARENT_MS)


@pytest.mark.parametrize("state", [TRADING_HALTED, TRADING_FROZEN])
@pytest.mark.parametrize("feed", list(FeedState))
def test_halted_and_frozen_stay_so_whatever_the_feed_says(state: int, feed: FeedState) -> None:
    stopped = Trading(state, 5, 0)

    assert stopped == with_feed(stopped, feed, 2_000, NOW_MS, PARENT_MS)


def test_auction_starts_in_what_trades_and_is_told() -> None:
    market = Market()
    context = market.context()

    start_auction(context, BTC_PERP)

    until_ms = market.time_ms + 2_000
    assert Trading(TRADING_AUCTION, market.time_ms, until_ms) == market.state.get(TRADING, BTC_PERP)
    assert [TradingChanged(BTC_PERP, TRADING_OPEN, TRADING_AUCTION, until_ms)] == context.events


@pytest.mark.parametrize("state", [TRADING_AUCTION, TRADING_REDUCE_ONLY, TRADING_FROZEN])
def test_auction_does_not_start_in_what_does_not_trade_freely(state: int) -> None:
    market = Market()
    stopped = Trading(state, 7, 9)
    market.state.put(TRADING, BTC_PERP, stopped)

    start_auction(market.context(), BTC_PERP)

    assert stopped == market.state.get(TRADING, BTC_PERP)


def test_frozen_instrument_is_told() -> None:
    market = Market()
    context = market.context()

    freeze(context, BTC_PERP)

    assert [TradingChanged(BTC_PERP, TRADING_OPEN, TRADING_FROZEN, 0)] == context.events
