"""Tell the kernel what it knows of: every record and table on the way of a plain order.

Source: docs/specs/orders.md, ORDR-090 to ORDR-095.
"""

from chain.kit import AnyTable, Context
from chain.modules.ledger.state import ASSETS, BALANCES, Asset, Balance
from chain.state import overlay
from chain.state.tables import Tables
from derivatives.accounts.state import (
    ACCOUNTS,
    COLLATERAL,
    COMPARTMENTS,
    DEBTORS,
    Account,
    CollateralTerms,
    Compartment,
)
from derivatives.instruments.state import INSTRUMENTS, SETTLEMENTS, TRADING, Instrument, Trading
from derivatives.insurance.state import SHORTFALLS
from derivatives.kernel import level
from derivatives.margin.events import CollateralWithdrawn
from derivatives.margin.risk import Health
from derivatives.margin.rows import Line, line_of
from derivatives.margin.state import (
    FAMILIES,
    OUTFLOWS,
    OWNED,
    SCHEDULES,
    AssetAmount,
    FamilyTerms,
    OutflowHour,
    Owned,
    Scenario,
    ScheduleTerms,
)
from derivatives.marks.state import MARKS, Mark
from derivatives.oracle.state import PERMISSIONS, PRICES, FeedPrice, Permission
from derivatives.orders import events, state
from derivatives.orders.transactions import Place
from derivatives.perpetuals.events import FundingPaid
from derivatives.perpetuals.state import FUNDING, Funding
from derivatives.positions.state import (
    HOLDINGS,
    OPEN_INTEREST,
    POSITION_HOLDERS,
    POSITIONS,
    Holdings,
    OpenInterest,
    Position,
    PositionHolders,
)
from derivatives.solvency.state import FROZEN
from derivatives.synthetics.state import SYNTHETICS
from derivatives.trades.events import Traded
from derivatives.trades.state import TRADE_COUNTS, TradeCount

RECORDS: tuple[type, ...] = (
    *(
        Account,
        Asset,
        AssetAmount,
        Balance,
        CollateralTerms,
        CollateralWithdrawn,
        Compartment,
        Context,
        FamilyTerms,
        FeedPrice,
        Funding,
    ),
    *(FundingPaid, Holdings, Instrument, Mark, OpenInterest, OutflowHour, Owned, Permission),
    *(Position, PositionHolders, Scenario, ScheduleTerms, Traded, TradeCount, Trading),
    *(state.ClientId, state.Expiry, state.OpenOrders, state.Order, state.OrderCounter),
    *(state.Resting, state.Top),
    *(events.OrderCancelled, events.OrderFilled, events.OrderPlaced, events.OrderRested),
)

TABLES: tuple[AnyTable, ...] = (
    *(
        ACCOUNTS,
        ASSETS,
        BALANCES,
        COLLATERAL,
        COMPARTMENTS,
        DEBTORS,
        FAMILIES,
        FROZEN,
        FUNDING,
        HOLDINGS,
        INSTRUMENTS,
    ),
    *(MARKS, OPEN_INTEREST, OUTFLOWS, OWNED, PERMISSIONS, POSITION_HOLDERS, POSITIONS, PRICES),
    *(SCHEDULES, SETTLEMENTS, SHORTFALLS, SYNTHETICS, TRADE_COUNTS, TRADING),
    *(state.BOOK, state.CLIENT_IDS, state.EXPIRIES, state.OPEN_ORDERS, state.ORDER_COUNTERS),
    *(state.ORDERS, state.RESTING, state.TOPS),
)


def teach() -> bool:
    """Tell the kernel all of it, and return whether it is in use from here on."""
    records = {known.__name__: known for known in RECORDS}
    return level.learn(
        records | {"Place": Place, "Placed": state.Place},
        {table.name: table for table in TABLES},
        overlay.Overlay,
        Tables,
        line_of,
        Line,
        Health,
    )
