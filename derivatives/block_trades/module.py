"""The block trades module's table of contents."""

from chain.kit import Module
from derivatives.block_trades.events import EVENTS
from derivatives.block_trades.hooks import forget_ended
from derivatives.block_trades.invariants import INVARIANTS
from derivatives.block_trades.queries import QUERIES
from derivatives.block_trades.reasons import REASONS
from derivatives.block_trades.state import OFFER_FLOORS, USED_OFFERS
from derivatives.block_trades.transactions import Accept, Revoke

MODULE = Module(
    id=44,
    name="block_trades",
    tables=(USED_OFFERS, OFFER_FLOORS),
    transactions={1: Accept, 2: Revoke},
    end_block=(forget_ended,),
    queries=QUERIES,
    events=EVENTS,
    reasons=REASONS,
    invariants=INVARIANTS,
)
