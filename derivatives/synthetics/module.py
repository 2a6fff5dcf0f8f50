"""The synthetics module's table of contents."""

from chain.kit import Module
from derivatives.kernel import level
from derivatives.synthetics.events import (
    MintLapsed,
    SyntheticBurned,
    SyntheticMinted,
    SyntheticRedeemed,
    SyntheticRequested,
)
from derivatives.synthetics.hooks import fill_requests, follow_debts
from derivatives.synthetics.invariants import INVARIANTS
from derivatives.synthetics.queries import QUERIES
from derivatives.synthetics.reasons import REASONS
from derivatives.synthetics.state import (
    DEBT_PLACES,
    DEBTS,
    ISSUANCES,
    REQUESTS,
    SYNTHETICS,
    WAITING,
)
from derivatives.synthetics.transactions import Burn, Mint, Redeem

MODULE = Module(
    id=28,
    name="synthetics",
    tables=(SYNTHETICS, REQUESTS, ISSUANCES, DEBTS, DEBT_PLACES, WAITING),
    genesis=(SYNTHETICS,),
    transactions={1: Mint, 2: Burn, 3: Redeem},
    end_transaction=(follow_debts,),
    quick=level.passing(follow_debts),
    end_block=(fill_requests,),
    queries=QUERIES,
    events={
        1: SyntheticRequested,
        2: SyntheticMinted,
        3: MintLapsed,
        4: SyntheticBurned,
        5: SyntheticRedeemed,
    },
    reasons=REASONS,
    invariants=INVARIANTS,
)
