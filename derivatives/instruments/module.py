"""The instruments module's table of contents."""

from chain.kit import Module
from derivatives.instruments.events import (
    SeriesLeft,
    SeriesListed,
    SettlementExtended,
    SettlementFixed,
    TradingChanged,
)
from derivatives.instruments.hooks import follow_feeds
from derivatives.instruments.invariants import INVARIANTS
from derivatives.instruments.listing.entering import list_due
from derivatives.instruments.listing.leaving import let_go
from derivatives.instruments.queries import QUERIES
from derivatives.instruments.reasons import REASONS
from derivatives.instruments.settling import settle_dated
from derivatives.instruments.state import (
    CHAINS,
    DELIVERIES,
    EXPIRIES,
    INSTRUMENTS,
    LISTING_RULES,
    ROLLS,
    SETTLEMENTS,
    STRIKES,
    TRADING,
)
from derivatives.instruments.transactions import ListStrike

MODULE = Module(
    id=21,
    name="instruments",
    tables=(
        INSTRUMENTS,
        TRADING,
        EXPIRIES,
        SETTLEMENTS,
        STRIKES,
        LISTING_RULES,
        ROLLS,
        CHAINS,
        DELIVERIES,
    ),
    genesis=(INSTRUMENTS, TRADING, EXPIRIES, STRIKES, LISTING_RULES),
    transactions={1: ListStrike},
    begin_block=(settle_dated, let_go, list_due, follow_feeds),
    queries=QUERIES,
    events={
        1: TradingChanged,
        2: SettlementExtended,
        3: SettlementFixed,
        4: SeriesListed,
        5: SeriesLeft,
    },
    reasons=REASONS,
    invariants=INVARIANTS,
)
