"""What a keeper may ask of insurance: take slices of the default account.

Source: docs/specs/insurance.md, INS-064.
"""

from typing import ClassVar

from chain.kit import CLASS_RELIEF, U8, Context, Refusal, record, require
from derivatives.accounts.authority import require_may_trade
from derivatives.ids import default_account_of
from derivatives.insurance import reasons
from derivatives.insurance.closing import at_insurances_cost
from derivatives.liquidation.cases import feeds_of
from derivatives.liquidation.choice import whole_of
from derivatives.liquidation.permission import waited_for
from derivatives.liquidation.reasons import FEED_WAITS
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
        state = context.state
        feed = waited_for(state, feeds_of(state, whole_of(state, account)))
        if feed is not None:
            raise Refusal(FEED_WAITS, feed=feed)

        def take(chosen: Slice, allowance: int) -> Sent:
            return Sent(give(context, account, keeper, chosen, allowance), allowance, 0)

        taken_count = 0
        while taken_count < self.slices_count:
            if not at_insurances_cost(context, compartment, keeper, take):
                break
            taken_count += 1
        require(taken_count > 0, reasons.NOTHING_TO_TAKE, compartment=compartment)
