"""The margin module's table of contents."""

from chain.kit import Module
from derivatives.kernel import level
from derivatives.margin.events import (
    AccountFlagged,
    CollateralWithdrawn,
    MarginRestored,
    MarginWarned,
    RangeScheduled,
    ScheduleChanged,
)
from derivatives.margin.hooks import margin_accounts, margin_touched
from derivatives.margin.invariants import INVARIANTS
from derivatives.margin.queries import QUERIES
from derivatives.margin.reasons import REASONS
from derivatives.margin.state import (
    FAMILIES,
    INSOLVENT,
    OPTION_TERMS,
    OUTFLOWS,
    OWNED,
    RANGE_TERMS,
    RANGES,
    SCHEDULES,
    SOON,
    WARNINGS,
)
from derivatives.margin.transactions import SetSchedule, WithdrawCollateral

MODULE = Module(
    id=29,
    name="margin",
    tables=(
        SCHEDULES,
        FAMILIES,
        OWNED,
        WARNINGS,
        OUTFLOWS,
        INSOLVENT,
        OPTION_TERMS,
        SOON,
        RANGE_TERMS,
        RANGES,
    ),
    genesis=(SCHEDULES, FAMILIES, OPTION_TERMS, RANGE_TERMS),
    transactions={1: WithdrawCollateral, 2: SetSchedule},
    begin_block=(margin_accounts,),
    end_transaction=(margin_touched,),
    quick=level.passing(margin_touched),
    queries=QUERIES,
    events={
        1: CollateralWithdrawn,
        2: ScheduleChanged,
        3: MarginWarned,
        4: MarginRestored,
        5: AccountFlagged,
        6: RangeScheduled,
    },
    reasons=REASONS,
    invariants=INVARIANTS,
)
