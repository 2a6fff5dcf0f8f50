"""What a keeper may ask of insurance: slices and collateral of the default account.

Source: docs/specs/insurance.md, INS-064 and INS-068.
"""

from typing import ClassVar

from chain.kit import CLASS_RELIEF, U8, Context, Refusal, record, require
from derivatives.accounts.authority import require_may_trade
from derivatives.ids import default_account_of
from derivatives.insurance import reasons
from derivatives.insurance.closing import at_insurances_cost, convert_default
from derivatives.insurance.state import DEFAULTS
from derivatives.liquidation.cases import feeds_of
from derivatives.liquidation.choice import Whole, cut_of, whole_of
from derivatives.liquidation.conversion import next_pledge
from derivatives.liquidation.permission import waited_for
from derivatives.liquidation.reasons import (
    AMOUNT_NOT_POSITIVE,
    ASSET_NOT_NEXT,
    FEED_WAITS,
    NO_COLLATERAL,
    TOO_EARLY,
)
from derivatives.liquidation.slices import Slice
from derivatives.liquidation.taking import Sent, give

SLICES_MAX_COUNT = 4


@record
class TakeSlices:
    """Take slices of the default account over at the mark, collateral included.

    Insurance pays the allowance; it is zero at the takeover and grows with time.
    """

    transaction_class: ClassVar[int] = CLASS_RELIEF
    weight: ClassVar[int] = 6_000

    account_holder: str
    slices_count: U8

    def check(self) -> None:
        """Refuse no slice, and more than four."""
        require(
            1 <= self.slices_count <= SLICES_MAX_COUNT,
            reasons.SLICES_COUNT,
            slices_count=self.slices_count,
            limit_count=SLICES_MAX_COUNT,
        )

    def apply(self, context: Context) -> None:
        """Take as many slices as there are and insurance pays for, at least one."""
        keeper = self.account_holder
        compartment = require_may_trade(context, keeper).compartment
        account = default_account_of(compartment)
        _require_feeds(context, whole_of(context.state, account))

        def take(chosen: Slice, allowance: int) -> Sent:
            return Sent(give(context, account, keeper, chosen, allowance), allowance, 0)

        taken_count = 0
        while taken_count < self.slices_count:
            if not at_insurances_cost(context, compartment, keeper, take):
                break
            taken_count += 1
        require(taken_count > 0, reasons.NOTHING_TO_TAKE, compartment=compartment)


@record
class ConvertCollateral:
    """Buy collateral of the default account, at its value less an allowance that insurance pays.

    From the block after the takeover on; least haircut first, ties to the lesser asset.
    """

    transaction_class: ClassVar[int] = CLASS_RELIEF
    weight: ClassVar[int] = 10_000

    account_holder: str
    asset: str
    amount_quantums: int

    def check(self) -> None:
        """Refuse an amount that is not positive."""
        require(self.amount_quantums > 0, AMOUNT_NOT_POSITIVE, amount_quantums=self.amount_quantums)

    def apply(self, context: Context) -> None:
        """Buy the amount, or all there is of the asset."""
        state, keeper = context.state, self.account_holder
        compartment = require_may_trade(context, keeper).compartment
        account = default_account_of(compartment)
        default, whole = state.get(DEFAULTS, compartment), whole_of(state, account)
        if default is None or not whole.pledges:
            raise Refusal(NO_COLLATERAL, account=account)
        later = context.time_ms > default.taken_over_ms
        require(later, TOO_EARLY, account=account, since_height=context.height)
        _require_feeds(context, whole)
        pledge = next_pledge(state, whole)
        if pledge is None:
            raise Refusal(NO_COLLATERAL, account=account)
        require(
            pledge.asset == self.asset,
            ASSET_NOT_NEXT,
            account=account,
            asset=self.asset,
            next_asset=pledge.asset,
        )
        amount_quantums = min(self.amount_quantums, pledge.amount_quantums)
        taken = cut_of(state, pledge, amount_quantums, whole.settlement)
        convert_default(context, compartment, keeper, whole, taken)


def _require_feeds(context: Context, whole: Whole) -> None:
    """Refuse while a feed permits no liquidation. Refuses: liquidation.feed_waits."""
    feed = waited_for(context.state, feeds_of(context.state, whole))
    if feed is not None:
        raise Refusal(FEED_WAITS, feed=feed)
