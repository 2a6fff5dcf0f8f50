"""Markets with losses in a line: what the index takes from one and gives to another, paid for.

Each block stands on its own overlay, so that hooks find what the parent left.
"""

from typing import Any

from chain.modules.ledger.balances import balance_of, issue, post
from chain.modules.ledger.state import BALANCES
from chain.state.overlay import Overlay
from derivatives.accounts.debt import follow
from derivatives.accounts.state import CUSTODY, Custody
from derivatives.ids import default_account_of, default_fund_of, insurance_of
from derivatives.insurance.history import remember_insurance
from derivatives.insurance.hooks import pay_losses
from derivatives.insurance.module import MODULE as INSURANCE
from derivatives.margin.account import health_of
from derivatives.positions.state import HOLDINGS, POSITIONS
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, HOUR_MS, account_of

MAIN = "main"
DEFAULT = default_account_of(MAIN)


class Insured(Margined):
    """A margined market in which step 6 of every block is done."""

    def __init__(self, insurance_quantums: int = 0, default_fund_quantums: int = 0) -> None:
        super().__init__()
        self.endow(insurance_of(MAIN), insurance_quantums)
        self.endow(default_fund_of(MAIN), default_fund_quantums)
        self.told: list[Any] = []
        if insurance_quantums:
            # What a fund may pay is a share of what it held an hour before.
            self.gap(HOUR_MS)

    def endow(self, holder: str, amount_quantums: int) -> None:
        """Bring an amount of USD into being with a fund of the compartment."""
        if amount_quantums:
            issue(
                self.context("alice"), credit=holder, asset="USD", amount_quantums=amount_quantums
            )
            held = self.state.get(CUSTODY, (MAIN, "USD"))
            before = 0 if held is None else held.amount_quantums
            self.state.put(CUSTODY, (MAIN, "USD"), Custody(before + amount_quantums))

    def close(self) -> None:
        """End the block."""
        context = self.block_context()
        if self.state.parent is not None:
            remember_insurance(context)
        self.settled()
        self.state.seal()
        self.state = Overlay(self.state)

    def gap(self, after_ms: int = 500, **prices_e8: int) -> list[Any]:
        """Close the block and begin one in which feeds say this; return what hooks told."""
        self.close()
        for feed, price_e8 in prices_e8.items():
            self.price(feed, price_e8)
        events = self.block(after_ms)
        context = self.block_context()
        pay_losses(context)
        self.told = [*events, *context.events]
        return self.told

    def solvency(self, name: str) -> int:
        """Return an account's S, or that of a named holder."""
        return health_of(self.state, name if "/" in name else account_of(name)).solvency_quantums

    def total(self, asset: str = "USD") -> int:
        """Return what all holders have."""
        return sum(
            balance.amount_quantums
            for key, balance in self.state.scan(BALANCES)
            if key[1] == asset  # type: ignore[index]
        )

    def holds(self, holder: str, asset: str) -> int:
        """Return what a holder has."""
        return balance_of(self.state, holder, asset)

    def account(self, name: str) -> str:
        """Return an account of number 0."""
        return account_of(name)

    def holds_of(self, name: str, asset: str) -> int:
        """Return what an account of number 0 has of an asset."""
        return balance_of(self.state, account_of(name), asset)

    def size(self, holder: str, instrument_id: str = BTC_PERP) -> int:
        """Return the lots of a named account."""
        position = self.state.get(POSITIONS, (holder, instrument_id))
        return 0 if position is None else position.size_lots

    def holds_positions(self, name: str) -> bool:
        """Return whether an account of number 0 holds any position."""
        return self.state.get(HOLDINGS, account_of(name)) is not None

    def owes(self, name: str) -> None:
        """Let an account that owes be known as a debtor."""
        follow(self.state, account_of(name), MAIN, "USD", self.time_ms)

    def settled(self) -> None:
        super().settled()
        for invariant in INSURANCE.invariants:
            invariant(self.state)

    def give_away(self, name: str, amount_quantums: int) -> None:
        """Take cash from an account, without asking margin: it may come to owe."""
        post(
            self.state,
            debit=account_of(name),
            credit=insurance_of(MAIN),
            asset="USD",
            amount_quantums=amount_quantums,
        )
