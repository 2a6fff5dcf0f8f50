"""What keepers may ask: slices of an account that is closed, collateral of one that owes.

Source: docs/specs/liquidation.md, LIQ-040 to LIQ-049 and LIQ-060 to LIQ-069.
"""

from typing import ClassVar

from chain.kit import CLASS_RELIEF, U8, Context, Refusal, record, require
from chain.kit.holder import text_of_holder
from derivatives.accounts.authority import require_may_trade, require_open
from derivatives.ids import AccountId
from derivatives.liquidation import reasons
from derivatives.liquidation.cases import Offer, case_of, feeds_of, stand_of
from derivatives.liquidation.conversion import Converter, convert, next_pledge
from derivatives.liquidation.permission import feeds_refusal
from derivatives.liquidation.state import CONVERTING
from derivatives.liquidation.taking import Sent, give, go_on

SLICES_MAX_COUNT = 4


def _require_another(context: Context, keeper: AccountId, target: AccountId) -> None:
    """Refuse a keeper's account that is not the signer's to trade, or not one for the target.

    Refuses: accounts.account_unknown, .not_delegate, liquidation.own_account,
    .compartment_differs.
    """
    own = require_may_trade(context, keeper)
    other = require_open(context.state, target)
    name = text_of_holder(target)
    require(own.owner != other.owner, reasons.OWN_ACCOUNT, account=name)
    require(
        own.compartment == other.compartment,
        reasons.COMPARTMENT_DIFFERS,
        account=name,
        compartment=other.compartment,
    )


def _require_later(context: Context, target: AccountId, since_height: int) -> None:
    """Refuse what is for the next block. Refuses: liquidation.too_early."""
    require(
        context.height > since_height,
        reasons.TOO_EARLY,
        account=text_of_holder(target),
        since_height=since_height,
    )


@record
class Liquidate:
    """Take up to so many slices of an account that is closed, at the mark, for its allowance.

    The keeper's account must meet its own margin with what it takes over.
    """

    transaction_class: ClassVar[int] = CLASS_RELIEF
    weight: ClassVar[int] = 20_000

    account_holder: str
    target_holder: str
    slices_count: U8

    def check(self) -> None:
        """Refuse no slices, and too many."""
        require(
            1 <= self.slices_count <= SLICES_MAX_COUNT,
            reasons.SLICES_OUT_OF_RANGE,
            slices_count=self.slices_count,
            limit_count=SLICES_MAX_COUNT,
        )

    def apply(self, context: Context) -> None:
        """Move slices to the keeper until it is enough."""
        keeper, target = self.account_holder, self.target_holder
        _require_another(context, keeper, target)
        was_touched = target in context.touched
        case = case_of(context.state, target, stand_of(context.state, target), context.time_ms)
        if isinstance(case, Refusal):
            raise case
        _require_later(context, target, case.since_height)

        def deliver(offer: Offer) -> Sent:
            legs = give(context, target, keeper, offer.slice, offer.allowance_quantums)
            return Sent(legs, offer.allowance_quantums, 0)

        taken_count = go_on(
            context, target, case, keeper=keeper, limit_count=self.slices_count, deliver=deliver
        )
        require(taken_count > 0, reasons.NO_SLICE, account=text_of_holder(target))
        _leave_to_section_7(context, target, was_touched=was_touched)


@record
class Convert:
    """Buy collateral of an account that owes too much cash, at the index less its allowance.

    No more than brings its cash to zero.
    """

    transaction_class: ClassVar[int] = CLASS_RELIEF
    weight: ClassVar[int] = 10_000

    account_holder: str
    target_holder: str
    asset: str
    amount_quantums: int

    def check(self) -> None:
        """Refuse an amount that is not positive."""
        require(
            self.amount_quantums > 0,
            reasons.AMOUNT_NOT_POSITIVE,
            amount_quantums=self.amount_quantums,
        )

    def apply(self, context: Context) -> None:
        """Buy the amount, or what is enough of it."""
        keeper, target, state = self.account_holder, self.target_holder, context.state
        _require_another(context, keeper, target)
        was_touched = target in context.touched
        name = text_of_holder(target)
        converting, stand = state.get(CONVERTING, target), stand_of(state, target)
        if converting is None or stand.whole.health.cash_quantums >= 0:
            raise Refusal(reasons.NOT_CONVERTING, account=name)
        _require_later(context, target, converting.since_height)
        refusal = feeds_refusal(state, feeds_of(state, stand.whole), context.time_ms)
        if refusal is not None:
            raise refusal
        pledge = next_pledge(state, stand.whole)
        if pledge is None:
            raise Refusal(reasons.NO_COLLATERAL, account=name)
        require(
            pledge.asset == self.asset,
            reasons.ASSET_NOT_NEXT,
            account=name,
            asset=self.asset,
            next_asset=pledge.asset,
        )
        converter = Converter(context, target, stand, pledge)
        amount_quantums = min(self.amount_quantums, converter.enough())
        convert(context, target, keeper, converter, stand=stand, amount_quantums=amount_quantums)
        _leave_to_section_7(context, target, was_touched=was_touched)


def _leave_to_section_7(context: Context, target: AccountId, *, was_touched: bool) -> None:
    """Spare the target the test that ends transactions: it is judged by section 7 alone.

    What an earlier action of the same list did to it is tested as ever.
    """
    if not was_touched:
        context.touched.pop(target, None)
