"""An account that fails: alice, long a bitcoin of bob's, as the price comes down on her."""

from typing import Any

from derivatives.liquidation.cases import Case, case_of, stand_of
from derivatives.liquidation.hooks import liquidate_accounts
from derivatives.liquidation.module import MODULE as LIQUIDATION
from derivatives.liquidation.transactions import Liquidate
from derivatives.orders.state import GOOD_TILL_CANCELLED
from derivatives.orders.transactions import Place
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, UNIT_E8, USD, account_of
from tests.given_options import PUT, Optioned


class Failing(Margined):
    """Alice has 4,000 USD behind a bitcoin bought at 64,000; bob sold it, carol and dave wait."""

    def __init__(self, alice_usd: int = 4_000) -> None:
        """Let them trade at 64,000."""
        super().__init__()
        self.fund("alice", 100_000 * USD)
        for name, usd in (("alice", alice_usd), ("bob", 100_000), ("carol", 50_000), ("dave", 50)):
            self.deposit(name, usd * USD)
        self.trade("alice", "bob", 1_000, 128_000, taker="")

    def falls(self, price_usd: int = 62_200, after_ms: int = 500) -> None:
        """Let the index fall, and a block begin that sees it."""
        self.price("BTC", price_usd * UNIT_E8)
        self.block(after_ms)

    def case(self) -> Case:
        """Return why alice may be taken from."""
        found = case_of(self.state, account_of("alice"), self.stand(), self.time_ms)
        assert isinstance(found, Case), found
        return found

    def stand(self, name: str = "alice") -> Any:
        """Return how an account stands."""
        return stand_of(self.state, account_of(name))

    def keep(self, name: str = "carol", slices_count: int = 1) -> list[Any]:
        """Let somebody take slices of alice's account."""
        return self.send(name, Liquidate(account_of(name), account_of("alice"), slices_count))

    def bids(self, name: str, lots: int, price_ticks: int) -> None:
        """Let somebody bid for bitcoin."""
        self.send(
            name,
            Place(
                account_holder=account_of(name),
                instrument=BTC_PERP,
                side=1,
                price_ticks=price_ticks,
                size_lots=lots,
                time_in_force=GOOD_TILL_CANCELLED,
                post_only=False,
                reduce_only=False,
                self_trade=0,
                client_id="",
                good_till_ms=0,
                trigger_kind=0,
                trigger_ticks=0,
            ),
        )

    def ends(self) -> list[Any]:
        """End the block by step 11, and return what it told."""
        context = self.block_context()
        liquidate_accounts(context)
        return context.events

    def settled(self) -> None:
        super().settled()
        for invariant in LIQUIDATION.invariants:
            invariant(self.state)


def short_of_puts() -> Optioned:
    """Return a market in which alice, long of bitcoin and short of puts, comes down."""
    market = Optioned()
    market.fund("alice", 100_000 * USD)
    for name, usd in (("alice", 4_000), ("bob", 100_000), ("carol", 50_000)):
        market.deposit(name, usd * USD)
    market.trade("alice", "bob", 500, 128_000, taker="")
    market.trade("bob", "alice", 300, 267, PUT, taker="")
    market.price("BTC", 61_200 * UNIT_E8)
    market.forward(61_200)
    market.volatility()
    market.block()
    return market
