"""Programs of orders in a world that seldom stands still: every door of an order opens and shuts.

Feeds fail, markets halt, compartments owe or stand still, bounds are met, and accounts stand a
quantum above or below what they need; mostly all is well again before the next order comes.
"""

from collections.abc import Callable
from typing import Any

from chain.kit import replace
from chain.modules.ledger.state import BALANCES, Balance
from derivatives.accounts.debt import follow
from derivatives.accounts.state import ACCOUNTS, COMPARTMENTS, DELEGATES, Delegate
from derivatives.ids import AccountId
from derivatives.instruments.state import (
    INSTRUMENTS,
    TRADING,
    TRADING_AUCTION,
    TRADING_EXPIRED,
    TRADING_OPEN,
    Trading,
)
from derivatives.insurance.state import SHORTFALLS, Shortfall
from derivatives.margin.account import health_of
from derivatives.margin.state import FAMILIES
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import PRICES
from derivatives.solvency.state import FROZEN, Frozen
from tests import given
from tests.derivatives.kernel.twins import TWICE, Program
from tests.given_book import NAMES, Book
from tests.given_market import BTC_PERP, ETH_PERP, USD, account_of

ACCOUNTS_ALL = tuple((name, 0) for name in NAMES) + tuple((name, 1) for name in TWICE)
MARKETS, FEEDS = (BTC_PERP, ETH_PERP), ("BTC", "ETH")
MAIN = "main"
TERMS = {
    "open_interest_cap_lots": (10, 500, 1_000_000),
    "taker_fee_ppm": (50, 300, 3_000),
    "half_spread_ppm": (0, 5_000),
    "external_depth_lots": (0, 10, 1_000_000),
    "band_ppm": (1_000, 50_000),
}
LIMITS = {
    "accounts_max_count": (2, 100_000),
    "account_positions_max_count": (1, 512),
    "account_orders_max_count": (1, 5, 1_024),
    "debt_limit_ppm": (0, 100_000, 1_000_000),
    "debt_total_limit_ppm": (0, 200_000),
    "insurance_fee_share_ppm": (0, 333_333, 1_000_000),
}
OF_ACCOUNT: tuple[dict[str, Any], ...] = (
    {"mode": 0},
    {"mode": 1},
    {"schedule": "standard"},
    {"schedule": "portfolio"},
    {"flagged_ms": 5, "flagged_height": 1},
    {"flagged_ms": 0, "flagged_height": 0},
)


class Wild(Program):
    """Steps as of any program, and between them what stands in the way of orders."""

    def step(self) -> None:
        """Do one thing more."""
        dice = self._dice
        if dice.random() < 0.88:
            super().step()
            return
        acts = (self._feed, self._cash, self._terms, self._owned, self._backing, self._shut)
        dice.choice((*acts, self._delegate, self._family))()
        if dice.random() < 0.6:
            self._both(_calm)

    def _account(self) -> tuple[str, AccountId]:
        name, number = self._dice.choice(ACCOUNTS_ALL)
        return name, account_of(name, number)

    def _both(self, act: Callable[[Book], None]) -> None:
        def done(book: Book) -> list[Any]:
            act(book)
            return []

        self._twins.each(done)

    def _feed(self) -> None:
        dice = self._dice
        feed, state, doubt = dice.choice(FEEDS), dice.choice([*FeedState]), dice.randint(1, 200)
        average = dice.randint(9_000, 11_000)

        def act(book: Book) -> None:
            price = book.state.get(PRICES, feed)
            assert price is not None
            price = replace(price, state=state, confidence_e8=price.price_e8 * doubt // 10_000)
            price = replace(price, average_5m_e8=price.price_e8 * average // 10_000)
            book.state.put(PRICES, feed, price)

        self._both(act)

    def _cash(self) -> None:
        """Put an account at the very edge of a requirement, or deep into debt."""
        dice, (_, holder) = self._dice, self._account()
        found = health_of(self._twins.books[0].state, holder)
        needed = dice.choice((found.initial_quantums, found.maintenance_quantums, 0))
        edge = found.cash_quantums - found.equity_quantums + needed + dice.choice((-1, 0, 1, USD))
        cash = dice.choice((edge, edge, -dice.randint(0, 10_000 * USD), 100_000 * USD))

        def act(book: Book) -> None:
            book.state.put(BALANCES, (holder, "USD"), Balance(cash or 1))
            follow(book.state, holder, MAIN, "USD", book.time_ms)

        self._both(act)

    def _terms(self) -> None:
        dice, market = self._dice, self._dice.choice(MARKETS)
        term, limit = dice.choice([*TERMS]), dice.choice([*LIMITS])
        of_market, of_main = dice.choice(TERMS[term]), dice.choice(LIMITS[limit])

        def act(book: Book) -> None:
            _change(book, INSTRUMENTS, market, {term: of_market})
            _change(book, COMPARTMENTS, MAIN, {limit: of_main})

        self._both(act)

    def _owned(self) -> None:
        (_, holder), changes = self._account(), self._dice.choice(OF_ACCOUNT)
        self._both(lambda book: _change(book, ACCOUNTS, holder, changes))

    def _backing(self) -> None:
        (_, holder), asset = self._account(), self._dice.choice(FEEDS)
        held = Balance(self._dice.choice((1, 1_562, 1_563, 10**6, 5 * 10**8)))
        self._both(lambda book: book.state.put(BALANCES, (holder, asset), held))

    def _shut(self) -> None:
        """Stop a market, the compartment's opening, or all of it."""
        dice, market = self._dice, self._dice.choice(MARKETS)
        state = dice.randint(TRADING_AUCTION, TRADING_EXPIRED - 1)
        acts: tuple[Callable[[Book], None], ...] = (
            lambda book: book.state.put(TRADING, market, Trading(state, 0, 0)),
            lambda book: book.state.put(SHORTFALLS, MAIN, Shortfall(book.time_ms, 1, 0, 0)),
            lambda book: book.state.put(FROZEN, MAIN, Frozen(1, 1, "test")),
        )
        self._both(dice.choice(acts))

    def _delegate(self) -> None:
        (_, holder), after_ms = self._account(), self._dice.choice((-1, 0, 1_000_000))
        key = (holder, given.address("dave"))
        self._both(lambda b: b.state.put(DELEGATES, key, Delegate(b.time_ms + after_ms)))

    def _family(self) -> None:
        dice = self._dice
        key = (MAIN, "standard", dice.choice(FEEDS))
        changes = {
            "concentration_threshold_quantums": dice.choice((0, 100 * USD)),
            "concentration_ppm": dice.choice((0, 100, 50_000)),
            "concentration_unit_quantums": dice.choice((1, USD, 1_000 * USD)),
            "concentration_limit_ppm": dice.choice((0, 250_000, 1_000_000)),
            "basis_ppm": dice.choice((0, 5_000)),
        }
        self._both(lambda book: _change(book, FAMILIES, key, changes))


def _change(book: Book, table: Any, key: Any, changes: dict[str, Any]) -> None:
    """Change fields of a record, if there is one."""
    known = book.state.get(table, key)
    if known is not None:
        book.state.put(table, key, replace(known, **changes))


def _calm(book: Book) -> None:
    """Let everybody trade again."""
    for feed in FEEDS:
        _change(book, PRICES, feed, {"state": FeedState.NORMAL})
    for market in MARKETS:
        book.state.put(TRADING, market, Trading(TRADING_OPEN, 0, 0))
        _change(book, INSTRUMENTS, market, {"open_interest_cap_lots": 10**6, "band_ppm": 50_000})
    for table in (SHORTFALLS, FROZEN):
        if book.state.get(table, MAIN) is not None:
            book.state.delete(table, MAIN)
    _change(book, COMPARTMENTS, MAIN, {limit: most[-1] for limit, most in LIMITS.items()})
