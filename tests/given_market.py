"""Markets in a line: the clearinghouse's books at genesis, prices at will, trades by name.

What the oracle, orders and margin would decide is given: a price is what the test says it
is, and whoever is told to trade trades.  `settled` looks at every equation of the books.
"""

from typing import Any

from chain.kit import BlockContext, Context, Module, account, replace
from chain.machine.application import Application
from chain.machine.genesis import genesis_state, load_genesis
from chain.machine.genesis_development import genesis_json
from chain.modules.ledger.balances import balance_of
from chain.state.overlay import Overlay
from chain.state.tables import Tables
from derivatives.accounts.module import MODULE as ACCOUNTS
from derivatives.accounts.transactions import Deposit
from derivatives.ids import AccountId
from derivatives.instruments.module import MODULE as INSTRUMENTS
from derivatives.instruments.state import INSTRUMENTS as TERMS
from derivatives.instruments.state import TRADING, TRADING_OPEN, Instrument, Trading
from derivatives.marks.module import MODULE as MARKS
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.module import MODULE as ORACLE
from derivatives.oracle.state import PRICES, FeedPrice
from derivatives.orders.book import Rested, rest
from derivatives.orders.state import Order
from derivatives.perpetuals.module import MODULE as PERPETUALS
from derivatives.positions.module import MODULE as POSITIONS
from derivatives.positions.state import POSITIONS as HELD
from derivatives.registry import REGISTRY
from derivatives.trades.module import MODULE as TRADES
from derivatives.trades.novate import Novated, novate
from tests import given

BOOKS: tuple[Module, ...] = (INSTRUMENTS, MARKS, POSITIONS, ACCOUNTS, PERPETUALS, TRADES)
UNIT_E8 = 10**8
USD = 10**6
BTC_PERP = "BTC-PERP"
ETH_PERP = "ETH-PERP"
PRICES_USD = {"BTC": 64_000, "ETH": 3_200}
HOUR_MS = 3_600_000

_APPLICATION = Application(REGISTRY)


def fresh_tables() -> Tables:
    """Return the tables of genesis, which the caller may change."""
    genesis = load_genesis(_APPLICATION, genesis_json(given.genesis_object()))
    return genesis_state(_APPLICATION, genesis)[0]


_TABLES = fresh_tables()


def account_of(name: str, number: int = 0) -> AccountId:
    """Return a signer's margin account by name."""
    return account(given.address(name), number)


class Market:
    """Books at genesis with trading open, in which time passes when a test says so."""

    def __init__(self) -> None:
        """Open both perpetuals at their usual prices, on a whole hour."""
        self.state = Overlay(_TABLES)
        self.height = 1
        self.time_ms = 1_767_225_600_000 + HOUR_MS
        self.parent_time_ms = self.time_ms
        self.order_count = 0
        self.events: list[Any] = []
        for feed, price_usd in PRICES_USD.items():
            self.price(feed, price_usd * UNIT_E8)
        for instrument_id in (BTC_PERP, ETH_PERP):
            self.state.put(TRADING, instrument_id, Trading(TRADING_OPEN, 0, 0))
        self.block(0)

    def price(self, feed: str, price_e8: int, feed_state: FeedState = FeedState.NORMAL) -> None:
        """Let a feed say this from the next block on."""
        said = FeedPrice(
            price_e8=price_e8,
            confidence_e8=max(1, price_e8 // 2_000),
            updated_ms=self.time_ms,
            parent_price_e8=price_e8,
            average_5m_e8=price_e8,
            average_1h_e8=price_e8,
            state=feed_state,
            pending_count=0,
            pending_above=False,
            at_bound=False,
            recovery_count=0,
            outage_from_ms=0,
            grace_until_ms=0,
            pending_ms=0,
        )
        self.state.put(PRICES, feed, said)

    def block(self, after_ms: int = 500) -> list[Any]:
        """Begin the next block, and return what its hooks told."""
        self.height += 1
        self.parent_time_ms = self.time_ms
        self.time_ms += after_ms
        context = self.block_context()
        for module in BOOKS:
            for hook in module.begin_block:
                hook(context)
        return context.events

    def block_context(self) -> BlockContext:
        """Return the world of a hook in this block."""
        return BlockContext(
            state=self.state,
            chain_id=bytes(32),
            epoch=0,
            height=self.height,
            view=self.height,
            parent_id=bytes(32),
            proposer=0,
            time_ms=self.time_ms,
            parent_time_ms=self.parent_time_ms,
            oracle=b"",
            evidence=(),
        )

    def rest(self, side: int, price_ticks: int, lots: int, instrument_id: str = BTC_PERP) -> None:
        """Put an order of alice's into the book, as if it had been placed in this block."""
        self.order_count += 1
        order = Order(
            order_id=self.order_count,
            account_holder=account_of("alice"),
            price_ticks=price_ticks,
            size_lots=lots,
            remaining_lots=lots,
            reduce_only=False,
            post_only=False,
            self_trade=0,
            client_id="",
            good_till_ms=0,
            placed_ms=self.time_ms,
            placed_height=self.height,
            changed_ms=self.time_ms,
            changed_height=self.height,
        )
        rest(self.state, Rested(instrument_id, side, self.order_count, order))

    def context(self, name: str = "alice") -> Context:
        """Return the world of a transaction that this signer sends now."""
        return Context(
            state=self.state,
            signer=given.address(name),
            chain_id=bytes(32),
            epoch=0,
            height=self.height,
            time_ms=self.time_ms,
            parent_time_ms=self.parent_time_ms,
        )

    def send(self, name: str, payload: Any) -> list[Any]:
        """Apply a transaction, and return what it told. Refuses: what it refuses."""
        context = self.context(name)
        mark = self.state.mark()
        try:
            payload.check()
            payload.apply(context)
        except Exception:
            self.state.rollback(mark)
            raise
        return context.events

    def deposit(self, name: str, amount_quantums: int, asset: str = "USD", number: int = 0) -> None:
        """Move an amount from a wallet into an account."""
        self.send(name, Deposit(account_of(name, number), asset, amount_quantums))

    def trade(
        self,
        buyer: str,
        seller: str,
        size_lots: int,
        price_ticks: int,
        instrument_id: str = BTC_PERP,
        **how: Any,
    ) -> Novated:
        """Let two accounts of number 0 trade; the buyer is the taker."""
        context = self.context(buyer)
        novated = novate(
            context,
            instrument_id,
            self.terms(instrument_id),
            buyer=account_of(buyer),
            seller=account_of(seller),
            size_lots=size_lots,
            price_ticks=price_ticks,
            **{"taker": "buyer", **how},
        )
        self.events = context.events
        return novated

    def terms(self, instrument_id: str = BTC_PERP) -> Instrument:
        """Return an instrument's terms."""
        terms = self.state.get(TERMS, instrument_id)
        assert terms is not None
        return terms

    def with_terms(self, instrument_id: str = BTC_PERP, **changes: Any) -> None:
        """Change an instrument's terms."""
        self.state.put(TERMS, instrument_id, replace(self.terms(instrument_id), **changes))

    def cash(self, name: str) -> int:
        """Return the USD of an account of number 0, or of a named holder."""
        holder = name if "/" in name else account_of(name)
        return balance_of(self.state, holder, "USD")

    def lots(self, name: str, instrument_id: str = BTC_PERP) -> int:
        """Return the lots of an account of number 0."""
        position = self.state.get(HELD, (account_of(name), instrument_id))
        return 0 if position is None else position.size_lots

    def settled(self) -> None:
        """Look at every invariant of the books, the ledger's included."""
        ledger = next(module for module in REGISTRY if module.name == "ledger")
        for module in (ledger, ORACLE, *BOOKS):
            for invariant in module.invariants:
                invariant(self.state)
