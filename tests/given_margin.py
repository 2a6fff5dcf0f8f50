"""Margined markets in a line: the books with margin over them, and resting orders at will."""

from typing import Any

from chain.kit import BlockContext, Context, wallet
from chain.modules.ledger.balances import issue
from derivatives.margin.account import health_of
from derivatives.margin.hooks import margin_accounts, margin_touched
from derivatives.margin.module import MODULE as MARGIN
from derivatives.margin.risk import Health
from derivatives.orders import state as orders
from tests import given, given_market
from tests.given_market import BTC_PERP, account_of


class Margined(given_market.Market):
    """A market whose accounts are margined: transactions end with margin's test."""

    def __init__(self) -> None:
        super().__init__()
        margin_accounts(self.block_context())

    def send(self, name: str, payload: Any) -> list[Any]:
        context = self.context(name)
        context.start_mark = mark = self.state.mark()
        try:
            payload.check()
            payload.apply(context)
            margin_touched(context, context.touched)
        except Exception:
            self.state.rollback(mark)
            raise
        return context.events

    def touch(self, *names: str, mark: int = 0) -> None:
        """End a transaction that touched these accounts, begun at the mark."""
        context: Context = self.context(names[0])
        context.start_mark = mark
        for name in names:
            context.touch(account_of(name))
        margin_touched(context, context.touched)

    def block(self, after_ms: int = 500) -> list[Any]:
        events = super().block(after_ms)
        context = self.block_context()
        margin_accounts(context)
        return [*events, *context.events]

    def block_context(self) -> BlockContext:
        return BlockContext(
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

    def fund(self, name: str, amount_quantums: int, asset: str = "USD") -> None:
        """Bring an amount into being in a signer's wallet."""
        credit = wallet(given.address(name))
        issue(self.context(name), credit=credit, asset=asset, amount_quantums=amount_quantums)

    def health(self, name: str, number: int = 0) -> Health:
        return health_of(self.state, account_of(name, number))

    def rest(
        self,
        name: str,
        side: int,
        lots: int,
        price_ticks: int,
        instrument_id: str = BTC_PERP,
        *,
        reduce_only: bool = False,
    ) -> None:
        """Let one order rest, as the book would store it."""
        account = account_of(name)
        count = self.state.get(orders.OPEN_ORDERS, account)
        number = 1 if count is None else count.orders_count + 1
        self.state.put(orders.OPEN_ORDERS, account, orders.OpenOrders(number))
        order = orders.Order(
            number, account, price_ticks, lots, lots, reduce_only, False, 0, "", 0, 0, 0, 0, 0
        )
        key = (instrument_id, side, orders.rank_of(side, price_ticks), self.state.mark())
        self.state.put(orders.BOOK, key, order)
        top = self.state.get(orders.TOPS, (instrument_id, side))
        if top is None or key[2] < top.rank:
            self.state.put(orders.TOPS, (instrument_id, side), orders.Top(key[2], key[3]))
        known = self.state.get(orders.RESTING, (account, instrument_id))
        sums = known or orders.Resting(0, 0, 0, 0, 0, 0, 0, 0)
        value = lots * price_ticks * self.terms(instrument_id).tick_value_quantums
        buy = side == orders.SIDE_BUY
        open_lots, shut_lots = (0, lots) if reduce_only else (lots, 0)
        moved = orders.Resting(
            sums.buy_lots + open_lots * buy,
            sums.sell_lots + open_lots * (not buy),
            sums.buy_value_quantums + value * buy * (not reduce_only),
            sums.sell_value_quantums + value * (not buy) * (not reduce_only),
            sums.buy_count + buy,
            sums.sell_count + (not buy),
            sums.reduce_only_buy_lots + shut_lots * buy,
            sums.reduce_only_sell_lots + shut_lots * (not buy),
        )
        self.state.put(orders.RESTING, (account, instrument_id), moved)

    def settled(self) -> None:
        super().settled()
        for invariant in MARGIN.invariants:
            invariant(self.state)
