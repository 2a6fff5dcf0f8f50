"""LIQ-030 to LIQ-034: feeds that are out, and the grace after them."""

import pytest

from chain.kit import replace
from derivatives.liquidation.permission import (
    feeds_refusal,
    grace_until_ms,
    is_doubted,
    waited_for,
)
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import PRICES
from tests.given_failing import Failing


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        (FeedState.NORMAL, False),
        (FeedState.DEGRADED, False),
        (FeedState.STALE, True),
        (FeedState.AUCTION, True),
        (FeedState.INVALID, False),
    ],
)
def test_the_matrix_decides(state: FeedState, waits: bool) -> None:
    # LIQ-030, LIQ-031
    market = Failing()
    price = market.state.get(PRICES, "BTC")
    assert price is not None
    market.state.put(PRICES, "BTC", replace(price, state=state))

    refusal = feeds_refusal(market.state, ("BTC",), market.time_ms)

    assert waits is (refusal is not None)
    assert ("BTC" if waits else None) == waited_for(market.state, ("ETH", "BTC"))
    assert is_doubted(market.state, "BTC") is (state is FeedState.INVALID)


def test_nobody_is_liquidated_in_the_grace_after_an_outage() -> None:
    # LIQ-032
    market = Failing()
    price = market.state.get(PRICES, "BTC")
    assert price is not None
    until_ms = market.time_ms + 5_000
    market.state.put(PRICES, "BTC", replace(price, grace_until_ms=until_ms))

    assert feeds_refusal(market.state, ("BTC",), until_ms - 1) is not None
    assert waited_for(market.state, ("BTC",)) is None
    assert feeds_refusal(market.state, ("BTC",), until_ms) is None
    assert until_ms == grace_until_ms(market.state, ("BTC", "ETH"))
