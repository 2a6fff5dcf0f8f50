"""The instruments module's table of contents."""

from chain.kit import Module
from derivatives.instruments.events import TradingChanged
from derivatives.instruments.hooks import follow_feeds
from derivatives.instruments.invariants import INVARIANTS
from derivatives.instruments.queries import QUERIES
from derivatives.instruments.state import INSTRUMENTS, TRADING

MODULE = Module(
    id=21,
    name="instruments",
    tables=(INSTRUMENTS, TRADING),
    genesis=(INSTRUMENTS, TRADING),
    begin_block=(follow_feeds,),
    queries=QUERIES,
    events={1: TradingChanged},
    invariants=INVARIANTS,
)
