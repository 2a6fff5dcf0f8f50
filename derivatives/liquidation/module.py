"""The liquidation module's table of contents."""

from chain.kit import Module
from derivatives.liquidation.conversion import begin_conversions, end_conversions
from derivatives.liquidation.events import EVENTS
from derivatives.liquidation.hooks import liquidate_accounts
from derivatives.liquidation.invariants import INVARIANTS
from derivatives.liquidation.queries import QUERIES
from derivatives.liquidation.reasons import REASONS
from derivatives.liquidation.state import CONVERTING, LIQUIDATION_TERMS, WAITING
from derivatives.liquidation.transactions import Convert, Liquidate

MODULE = Module(
    id=36,
    name="liquidation",
    tables=(LIQUIDATION_TERMS, CONVERTING, WAITING),
    genesis=(LIQUIDATION_TERMS,),
    transactions={1: Liquidate, 2: Convert},
    begin_block=(begin_conversions,),
    end_block=(liquidate_accounts, end_conversions),
    queries=QUERIES,
    events=EVENTS,
    reasons=REASONS,
    invariants=INVARIANTS,
)
