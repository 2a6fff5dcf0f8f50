"""A dated future in a line: listed to end soon, valued by its forward, margined like the rest."""

from typing import Any

from chain.kit import BlockContext, replace
from derivatives.futures.sweep import sweep_expired
from derivatives.instruments.state import (
    EXPIRIES,
    SETTLEMENTS,
    TRADING,
    TRADING_OPEN,
    Expiry,
    Settlement,
    Trading,
)
from derivatives.oracle.ladder import FeedState
from derivatives.orders.hooks import end_orders
from derivatives.orders.state import SIDE_BUY
from tests.given_margin import Margined
from tests.given_market import UNIT_E8, Market

FUTURE = "BTC-26MAR27"
MINUTE_MS = 60_000
WINDOW_MS = 30 * MINUTE_MS


class Dated(Margined):
    """A market with an hour to a future's end, on a whole minute."""

    def __init__(self) -> None:
        super().__init__()
        self.forward(64_000)
        self.state.put(TRADING, FUTURE, Trading(TRADING_OPEN, 0, 0))
        self.ends_ms = self.time_ms + 60 * MINUTE_MS
        self.state.put(EXPIRIES, FUTURE, replace(self.expiry, expiry_ms=self.ends_ms))
        self.block(0)

    @property
    def expiry(self) -> Expiry:
        """Return the future's date and terms."""
        expiry = self.state.get(EXPIRIES, FUTURE)
        assert expiry is not None
        return expiry

    def forward(self, price_usd: int, feed_state: FeedState = FeedState.NORMAL) -> None:
        """Let the forward say this from the next block on."""
        self.price(FUTURE, price_usd * UNIT_E8, feed_state)

    def spot(self, price_usd: int, feed_state: FeedState = FeedState.NORMAL) -> None:
        """Let the underlying say this from the next block on."""
        self.price("BTC", price_usd * UNIT_E8, feed_state)

    def settlement(self) -> Settlement:
        """Return what has counted of the window."""
        settlement = self.state.get(SETTLEMENTS, FUTURE)
        assert settlement is not None
        return settlement

    def minutes(self, count: int) -> list[Any]:
        """Close a block a minute, and return what was told."""
        return [event for _ in range(count) for event in self.block(MINUTE_MS)]

    def block_context(self) -> BlockContext:
        """Return the world of a hook in this block, after the one before it."""
        context = super().block_context()
        context.parent_time_ms = self.parent_time_ms
        return context

    def bid(self, price_ticks: int, lots: int) -> None:
        """Let an order of alice's rest in the future's book, as placing it would."""
        Market.rest(self, SIDE_BUY, price_ticks, lots, FUTURE)

    def close(self) -> list[Any]:
        """Do what ends a block: positions are swept, then orders end."""
        context = self.block_context()
        sweep_expired(context)
        end_orders(context)
        return context.events
