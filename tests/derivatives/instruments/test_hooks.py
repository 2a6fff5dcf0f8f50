"""INST-020: a market opens by an auction when its feed first speaks."""

from derivatives.instruments.events import TradingChanged
from derivatives.instruments.state import TRADING, TRADING_AUCTION, TRADING_OPEN, Trading
from derivatives.oracle.ladder import FeedState
from tests.given_dated import FUTURE, Dated
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, Market


def test_market_opens_the_block_after_its_auction_was_due() -> None:
    market = Market()
    market.state.put(TRADING, BTC_PERP, Trading(TRADING_AUCTION, 0, 0))

    told = [[e for e in market.block() if isinstance(e, TradingChanged)] for _ in range(7)]

    # Called at once, due 2 s later: in the fifth block, so that the sixth is open.
    due_ms = market.time_ms - 1_000
    assert [
        [TradingChanged(BTC_PERP, TRADING_AUCTION, TRADING_AUCTION, due_ms)],
        [],
        [],
        [],
        [],
        [TradingChanged(BTC_PERP, TRADING_AUCTION, TRADING_OPEN, 0)],
        [],
    ] == told


def test_feed_that_fails_stops_its_own_market_only() -> None:
    market = Market()
    market.price("BTC", 64_000 * UNIT_E8, FeedState.AUCTION)

    market.block()

    states = [market.state.get(TRADING, name) for name in (BTC_PERP, ETH_PERP)]
    assert [Trading(TRADING_AUCTION, market.time_ms, 0), Trading(TRADING_OPEN, 0, 0)] == states


def test_auction_of_what_is_dated_waits_for_the_underlying_too() -> None:
    # INST-022, INST-031: uncrossed now it would lose every order that opens
    market = Dated()
    called = Trading(TRADING_AUCTION, market.time_ms, market.time_ms + 500)
    market.state.put(TRADING, FUTURE, called)
    market.spot(64_000, FeedState.JUMP)

    market.block()
    waits = market.state.get(TRADING, FUTURE)
    market.spot(64_000)
    market.block()

    assert Trading(TRADING_AUCTION, called.since_ms, 0) == waits
    due_ms = market.time_ms + market.terms(FUTURE).auction_ms
    assert Trading(TRADING_AUCTION, called.since_ms, due_ms) == market.state.get(TRADING, FUTURE)
