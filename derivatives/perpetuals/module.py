"""The perpetuals module's table of contents."""

from chain.kit import Module
from derivatives.perpetuals.events import FundingPaid, FundingRateFixed
from derivatives.perpetuals.hooks import accrue_funding, sample_premiums
from derivatives.perpetuals.invariants import INVARIANTS
from derivatives.perpetuals.queries import QUERIES
from derivatives.perpetuals.state import FUNDING, FUNDING_TERMS, SAMPLES

MODULE = Module(
    id=25,
    name="perpetuals",
    tables=(FUNDING_TERMS, FUNDING, SAMPLES),
    genesis=(FUNDING_TERMS,),
    begin_block=(accrue_funding,),
    end_block=(sample_premiums,),
    queries=QUERIES,
    events={1: FundingPaid, 2: FundingRateFixed},
    invariants=INVARIANTS,
)
