"""A market whose book is open: orders by name, and a margin test that fails whom the test says.

`Wealth` stands for margin where a test is of the book: everybody passes but the poor.
"""

from typing import Any

import pytest

from chain.kit import BlockContext, Refusal, View
from chain.machine.application import Application
from chain.machine.genesis import genesis_state, load_genesis
from chain.machine.genesis_development import genesis_json
from chain.state.overlay import Overlay
from derivatives.accounts.reasons import CUSTODY_SHORT
from derivatives.block_trades import transactions as blocks
from derivatives.ids import AccountId
from derivatives.instruments.state import TRADING, TRADING_AUCTION, Trading
from derivatives.orders import hooks, transactions
from derivatives.orders.book import Rested, orders_of
from derivatives.orders.bundles import transactions as bundles
from derivatives.orders.module import MODULE as ORDERS
from derivatives.orders.queries import book_depth
from derivatives.orders.state import (
    GOOD_TILL_CANCELLED,
    IMMEDIATE_OR_CANCEL,
    SIDE_BUY,
    SIDE_SELL,
)
from derivatives.orders.transactions import Amend, Cancel, Place
from derivatives.registry import REGISTRY
from tests import given, given_market
from tests.given_market import BTC_PERP, USD, Market, account_of

TICKS = 128_000
"""The mark at genesis: 64,000 USD."""

NAMES = ("alice", "bob", "carol", "dave", "erin", "frank")
BUY, SELL = SIDE_BUY, SIDE_SELL
_MODULES = (*(module for module in REGISTRY if module is not ORDERS), ORDERS)
_APPLICATION = Application(_MODULES)
_TABLES, _BLOCK = genesis_state(
    _APPLICATION, load_genesis(_APPLICATION, genesis_json(given.genesis_object()))
)


class Wealth:
    """A margin test that only the named accounts fail."""

    def __init__(self) -> None:
        """Let everybody pass."""
        self.poor: set[AccountId] = set()

    def before(self, view: View, account: AccountId) -> None:
        """Return nothing: the poor are poor before and after."""

    def refusal(self, view: View, account: AccountId, before: None) -> Refusal | None:
        """Return a refusal of the poor."""
        if account not in self.poor:
            return None
        return Refusal(CUSTODY_SHORT, asset="USD", custody_quantums=0, short_by_quantums=1)


class Book(Market):
    """A market with its book, six funded accounts, and margin by word."""

    def __init__(self, patch: pytest.MonkeyPatch | None = None) -> None:
        """Open everything, with a margin test that nobody fails yet if it is patched in."""
        former = given_market._TABLES
        given_market._TABLES = _TABLES
        try:
            super().__init__()
        finally:
            given_market._TABLES = former
        self.wealth = Wealth()
        if patch is not None:
            patch.setattr(transactions, "SECTION_FOUR", self.wealth)
            patch.setattr(hooks, "SECTION_FOUR", self.wealth)
            patch.setattr(bundles, "SECTION_FOUR", self.wealth)
            patch.setattr(blocks, "SECTION_FOUR", self.wealth)
        for name in NAMES:
            self.deposit(name, 900_000 * USD)
        assert isinstance(self.state, Overlay)

    def place(self, name: str, side: int, size_lots: int, price_ticks: int, **how: Any) -> int:
        """Place an order good till cancelled, and return its number."""
        order = placing(name, side, size_lots, price_ticks, **how)
        self.told = self.send(name, order)
        placed = next(event for event in self.told if type(event).__name__ == "OrderPlaced")
        return int(placed.order_id)

    def refused(self, name: str, payload: Any) -> str:
        """Return the slug of what a transaction is refused for."""
        with pytest.raises(Refusal) as refusal:
            self.send(name, payload)
        self.facts = refusal.value.facts
        return refusal.value.reason.slug.removeprefix("orders.")

    def cancel(self, name: str, order_id: int) -> None:
        """Cancel an order by number."""
        self.told = self.send(name, Cancel(account_of(name), order_id, ""))

    def amend(self, name: str, order_id: int, price_ticks: int, remaining_lots: int) -> None:
        """Change an order."""
        self.told = self.send(name, Amend(account_of(name), order_id, price_ticks, remaining_lots))

    def end(self) -> list[Any]:
        """Run what the book does at the end of a block, and return what it told."""
        context = BlockContext(
            state=self.state,
            chain_id=bytes(32),
            epoch=0,
            height=self.height,
            view=self.height,
            parent_id=bytes(32),
            proposer=0,
            time_ms=self.time_ms,
            parent_time_ms=self.time_ms - 500,
            oracle=b"",
            evidence=(),
        )
        for hook in ORDERS.end_block:
            hook(context)
        return context.events

    def auction(self, after_ms: int = 0) -> None:
        """Put BTC-PERP into a call auction that ends after so long; 0: it waits."""
        until_ms = self.time_ms + after_ms if after_ms else 0
        self.state.put(TRADING, BTC_PERP, Trading(TRADING_AUCTION, self.time_ms, until_ms))

    def trading(self) -> int:
        """Return the trading state of BTC-PERP."""
        trading = self.state.get(TRADING, BTC_PERP)
        assert trading is not None
        return trading.state

    def depth(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Return (ticks, lots) of bids and asks, best first."""
        book = book_depth(self.state, BTC_PERP, 200)
        return (
            [(level.price_ticks, level.size_lots) for level in book.bids],
            [(level.price_ticks, level.size_lots) for level in book.asks],
        )

    def open(self, name: str) -> list[Rested]:
        """Return a name's orders in the book."""
        return list(orders_of(self.state, account_of(name)))

    def sound(self) -> None:
        """Look at every invariant of the book and of all that lies under it."""
        self.settled()
        for invariant in ORDERS.invariants:
            invariant(self.state)


def placing(name: str, side: int, size_lots: int, price_ticks: int, **how: Any) -> Place:
    """Return the transaction that places an order for a name's account."""
    fields: dict[str, Any] = {
        "account_holder": account_of(name),
        "instrument": BTC_PERP,
        "side": side,
        "price_ticks": price_ticks,
        "size_lots": size_lots,
        "time_in_force": GOOD_TILL_CANCELLED if price_ticks else IMMEDIATE_OR_CANCEL,
        "post_only": False,
        "reduce_only": False,
        "self_trade": 0,
        "client_id": "",
        "good_till_ms": 0,
        "trigger_kind": 0,
        "trigger_ticks": 0,
    }
    return Place(**(fields | how))


def fills(told: list[Any]) -> list[tuple[int, int, int]]:
    """Return (resting order, lots, ticks) of every fill."""
    return [
        (event.order_id, event.size_lots, event.price_ticks)
        for event in told
        if type(event).__name__ == "OrderFilled"
    ]


def cancelled(told: list[Any]) -> list[tuple[int, str]]:
    """Return (order, why) of everything that was cancelled."""
    return [
        (event.order_id, event.why) for event in told if type(event).__name__ == "OrderCancelled"
    ]
