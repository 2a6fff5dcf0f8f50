"""The insurance module's table of contents."""

from chain.kit import Module
from derivatives.insurance.closing import close_defaults
from derivatives.insurance.events import (
    AccountTakenOver,
    CollateralBought,
    DebtRepaid,
    DefaultConverted,
    DefaultGained,
    DefaultSliced,
    GainCut,
    LossAllocated,
    LossShared,
    PositionTornUp,
)
from derivatives.insurance.history import remember_insurance
from derivatives.insurance.hooks import pay_losses, share_withdrawals
from derivatives.insurance.invariants import INVARIANTS
from derivatives.insurance.queries import QUERIES
from derivatives.insurance.reasons import REASONS
from derivatives.insurance.state import (
    DEFAULTS,
    INSURANCE_TERMS,
    INSURED,
    INSURED_BEFORE,
    SHORTFALLS,
    WITHDRAWN,
)
from derivatives.insurance.takeover import tear_up_defaults
from derivatives.insurance.transactions import ConvertCollateral, TakeSlices
from derivatives.kernel import level

MODULE = Module(
    id=37,
    name="insurance",
    tables=(INSURANCE_TERMS, INSURED, INSURED_BEFORE, DEFAULTS, SHORTFALLS, WITHDRAWN),
    genesis=(INSURANCE_TERMS,),
    transactions={1: TakeSlices, 2: ConvertCollateral},
    begin_block=(pay_losses,),
    end_transaction=(share_withdrawals,),
    quick=level.passing(share_withdrawals),
    end_block=(close_defaults, tear_up_defaults, remember_insurance),
    queries=QUERIES,
    events={
        1: DefaultGained,
        2: AccountTakenOver,
        3: LossAllocated,
        4: GainCut,
        5: LossShared,
        6: DebtRepaid,
        7: DefaultSliced,
        8: PositionTornUp,
        9: CollateralBought,
        10: DefaultConverted,
    },
    reasons=REASONS,
    invariants=INVARIANTS,
)
