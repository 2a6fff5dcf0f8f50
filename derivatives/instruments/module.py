"""The instruments module's table of contents."""

from chain.kit import Module
from derivatives.instruments.events import SettlementExtended, SettlementFixed, TradingChanged
from derivatives.instruments.hooks import follow_feeds
from derivatives.instruments.invariants import INVARIANTS
from derivatives.instruments.queries import QUERIES
from derivatives.instruments.settling import settle_dated
from derivatives.instruments.state import EXPIRIES, INSTRUMENTS, SETTLEMENTS, STRIKES, TRADING

MODULE = Module(
    id=21,
    name="instruments",
    tables=(INSTRUMENTS, TRADING, EXPIRIES, SETTLEMENTS, STRIKES),
    genesis=(INSTRUMENTS, TRADING, EXPIRIES, STRIKES),
    begin_block=(settle_dated, follow_feeds),
    queries=QUERIES,
    events={1: TradingChanged, 2: SettlementExtended, 3: SettlementFixed},
    invariants=INVARIANTS,
)
