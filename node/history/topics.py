"""Which events are listed where.

A topic is a list that somebody asks for: the trades of a market, what happened to the money
of an account, everything that was closed by force, the rates of a perpetual.

Source: docs/specs/history.md, HIST-001 to HIST-004.
"""

from typing import Any

from derivatives.accounts import events as accounts
from derivatives.block_trades.events import BlockTraded
from derivatives.futures.events import PositionSettled
from derivatives.ids import AccountId, InstrumentId
from derivatives.insurance import events as insurance
from derivatives.liquidation import events as liquidation
from derivatives.margin import events as margin
from derivatives.perpetuals import events as perpetuals
from derivatives.synthetics import events as synthetics
from derivatives.trades.events import Traded

LIQUIDATIONS = "liquidations"

ACCOUNT_FIELDS: dict[type[Any], tuple[str, ...]] = {
    Traded: ("buyer_holder", "seller_holder"),
    BlockTraded: ("offering_holder", "accepting_holder"),
    liquidation.SliceTaken: ("account_holder", "keeper_holder"),
    liquidation.CollateralConverted: ("account_holder", "buyer_holder"),
    **dict.fromkeys(
        (
            accounts.AccountOpened,
            accounts.CollateralDeposited,
            accounts.DebtInterestCharged,
            margin.CollateralWithdrawn,
            margin.ScheduleChanged,
            margin.MarginWarned,
            margin.MarginRestored,
            margin.AccountFlagged,
            perpetuals.FundingPaid,
            PositionSettled,
            liquidation.OrdersCleared,
            liquidation.ConversionBegan,
            liquidation.ConversionEnded,
            insurance.AccountTakenOver,
            insurance.GainCut,
            insurance.LossShared,
            insurance.PositionTornUp,
            synthetics.SyntheticMinted,
            synthetics.MintLapsed,
            synthetics.SyntheticBurned,
            synthetics.SyntheticRedeemed,
        ),
        ("account_holder",),
    ),
}
"""What an account's history has, and the fields that name an account."""

FORCED = (
    liquidation.SliceTaken,
    liquidation.CollateralConverted,
    insurance.AccountTakenOver,
)
"""What is listed as a liquidation."""

LISTED = frozenset((*ACCOUNT_FIELDS, perpetuals.FundingRateFixed))
"""Every kind of event that is listed anywhere; others need not be read."""


def trades_of(instrument: InstrumentId) -> str:
    """Return the topic of a market's trades."""
    return f"trades/{instrument}"


def rates_of(instrument: InstrumentId) -> str:
    """Return the topic of a perpetual's funding rates."""
    return f"rates/{instrument}"


def account_of(account: AccountId) -> str:
    """Return the topic of what happened to an account."""
    return f"account/{account}"
