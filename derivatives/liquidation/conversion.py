"""Turn collateral of an account that owes cash into cash, at the index less the allowance.

    it converts   once its debt is above debt_limit_ppm of its collateral after haircut, or
                  older than debt_convert_after_ms; until it owes nothing
    asset         the least haircut first (ties: lower asset)
    amount        no more than brings its cash to zero

Source: docs/specs/liquidation.md, LIQ-060 to LIQ-079.
"""

from collections.abc import Callable
from typing import NamedTuple

from chain.kit import BlockContext, Context, HolderId, State, View, divide_down, multiply_ppm_down
from chain.modules.ledger.balances import balance_of, post
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.debt import follow
from derivatives.accounts.state import COMPARTMENTS, DEBTORS
from derivatives.ids import AccountId, CompartmentId
from derivatives.liquidation.cases import (
    Stand,
    allowance_quantums,
    feeds_of,
    liquidation_terms,
    ramp_ppm,
)
from derivatives.liquidation.choice import Pledge, Whole, cut_of
from derivatives.liquidation.events import CollateralConverted, ConversionBegan, ConversionEnded
from derivatives.liquidation.permission import grace_until_ms, is_doubted
from derivatives.liquidation.slices import Requirement, cut_change, haircut_of
from derivatives.liquidation.state import CONVERTING, Converting
from derivatives.margin.account import backing_of, standing_of


class Conversion(NamedTuple):
    """An amount of collateral, its value at the index, and what it is sold below that."""

    asset: str
    amount_quantums: int
    value_quantums: int
    release_quantums: int
    allowance_quantums: int

    @property
    def price_quantums(self) -> int:
        """Return what the buyer pays."""
        return self.value_quantums - self.allowance_quantums


def debt_limit_quantums(view: View, account: AccountId, compartment: CompartmentId) -> int:
    """Return how much cash an account may owe: a share of its collateral after haircut."""
    terms = compartment_terms(view, compartment)
    standing = standing_of(view, account)
    assert standing is not None
    parts = backing_of(view, account, standing, terms.settlement_asset)
    after_haircut = sum(part.value_quantums - haircut_of(part) for part in parts)
    return multiply_ppm_down(max(0, after_haircut), terms.debt_limit_ppm)


def begin_conversions(context: BlockContext) -> None:
    """Remember every account whose debt passed its limit, or its time, in this block.

    Bounded by the accounts that owe, which are among those with positions or debt.
    """
    state = context.state
    for compartment_key, terms in tuple(state.scan(COMPARTMENTS)):
        compartment = str(compartment_key)
        for key, debtor in tuple(state.scan(DEBTORS, (compartment,))):
            assert isinstance(key, tuple)
            account = str(key[1])
            if state.get(CONVERTING, account) is not None:
                continue
            debt_quantums = -balance_of(state, account, terms.settlement_asset)
            limit_quantums = debt_limit_quantums(state, account, compartment)
            age_ms = context.time_ms - debtor.since_ms
            if debt_quantums > limit_quantums or age_ms > terms.debt_convert_after_ms:
                state.put(CONVERTING, account, Converting(context.time_ms, context.height))
                context.emit(ConversionBegan(account, debt_quantums, limit_quantums))


def end_conversions(context: BlockContext) -> None:
    """Forget every account that owes nothing any more."""
    state = context.state
    for key, _ in tuple(state.scan(CONVERTING)):
        account = str(key)
        standing = standing_of(state, account)
        assert standing is not None
        if state.get(DEBTORS, (standing.compartment, account)) is None:
            state.delete(CONVERTING, account)
            context.emit(ConversionEnded(account))


def next_pledge(view: View, whole: Whole) -> Pledge | None:
    """Return the collateral that is converted first: least haircut, then lower asset.

    What an invalid feed values stays: nobody knows what it is worth.
    """
    pledges = [one for one in whole.pledges if not is_doubted(view, one.feed)]
    return min(pledges, key=lambda one: (one.haircut_ppm, one.asset), default=None)


class Converter:
    """Prices amounts of one account's next collateral; its requirement is summed up once."""

    def __init__(
        self, context: Context | BlockContext, account: AccountId, stand: Stand, pledge: Pledge
    ) -> None:
        """Take the account as it stands; it converts."""
        self._view, self._stand, self._pledge = context.state, stand, pledge
        self._requirement = Requirement(stand.whole.portfolio, stand.whole.terms)
        converting = context.state.get(CONVERTING, account)
        assert converting is not None
        grace_ms = grace_until_ms(context.state, feeds_of(context.state, stand.whole))
        self.since_ms = max(converting.since_ms, grace_ms)
        terms = liquidation_terms(context.state, stand.whole.standing.compartment)
        self.share_ppm = ramp_ppm(terms, context.time_ms - self.since_ms)

    def of(self, amount_quantums: int) -> Conversion:
        """Return what an amount is worth and sold for."""
        stand, pledge = self._stand, self._pledge
        cut = cut_of(self._view, pledge, amount_quantums, stand.whole.settlement)
        maintenance = self._requirement.maintenance_quantums
        release = maintenance - self._requirement.without((cut_change(cut),))
        allowance = allowance_quantums(
            least_quantums=stand.least_quantums,
            maintenance_quantums=maintenance,
            release_quantums=release,
            share_ppm=self.share_ppm,
            solvency_after_quantums=stand.whole.health.solvency_quantums,
        )
        return Conversion(
            pledge.asset,
            amount_quantums,
            cut.value_quantums,
            release,
            min(allowance, cut.value_quantums),
        )

    def enough(self) -> int:
        """Return an amount that brings cash to zero, less by a quantum does not; at most all."""
        cash_quantums = self._stand.whole.health.cash_quantums
        return _least(
            self._pledge.amount_quantums,
            lambda amount: cash_quantums + self.of(amount).price_quantums >= 0,
        )

    def affordable(self, budget_quantums: int) -> int:
        """Return an amount that a budget pays, one quantum more it does not; at most all."""
        beyond = _least(
            self._pledge.amount_quantums,
            lambda amount: self.of(amount).price_quantums > budget_quantums,
        )
        fits = self.of(beyond).price_quantums <= budget_quantums
        return beyond if fits else beyond - 1


def _least(most: int, holds: Callable[[int], bool]) -> int:
    """Return a number of 1 to `most` at which something holds and one below it does not.

    By bisection; `most` where it nowhere holds.
    """
    low, high = 1, most
    while low < high:
        middle = divide_down(low + high, 2)
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def convert(
    context: Context | BlockContext,
    account: AccountId,
    buyer: HolderId,
    converter: Converter,
    *,
    stand: Stand,
    amount_quantums: int,
) -> Conversion:
    """Sell an amount of an account's next collateral to a buyer, and tell it."""
    found = converter.of(amount_quantums)
    sell_collateral(
        context,
        account,
        buyer,
        found.asset,
        amount_quantums=amount_quantums,
        price_quantums=found.price_quantums,
    )
    before = stand.whole.health
    context.emit(
        CollateralConverted(
            account_holder=account,
            buyer_holder=buyer,
            asset=found.asset,
            amount_quantums=amount_quantums,
            value_quantums=found.value_quantums,
            release_quantums=found.release_quantums,
            since_ms=converter.since_ms,
            ramp_ppm=converter.share_ppm,
            allowance_quantums=found.allowance_quantums,
            equity_before_quantums=before.equity_quantums,
            solvency_before_quantums=before.solvency_quantums,
            maintenance_before_quantums=before.maintenance_quantums,
            cash_after_quantums=before.cash_quantums + found.price_quantums,
        )
    )
    return found


def sell_collateral(
    context: Context | BlockContext,
    account: AccountId,
    buyer: HolderId,
    asset: str,
    *,
    amount_quantums: int,
    price_quantums: int,
) -> None:
    """Move collateral to a holder of the compartment, and its price back."""
    state: State = context.state
    standing = standing_of(state, account)
    assert standing is not None
    settlement = compartment_terms(state, standing.compartment).settlement_asset
    post(state, debit=account, credit=buyer, asset=asset, amount_quantums=amount_quantums)
    post(state, debit=buyer, credit=account, asset=settlement, amount_quantums=price_quantums)
    for side in (account, buyer):
        follow(state, side, standing.compartment, settlement, context.time_ms)
        context.touch(side)
