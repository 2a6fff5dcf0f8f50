"""Which events are listed where, and which trades make candles.

A topic is a list that somebody asks for: the trades of a market, what happened to the money
of an account, everything that was closed by force, the rates of a perpetual.

Source: docs/specs/history.md, HIST-001 to HIST-004.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from chain.block.receipt import HOOKS_KIND
from derivatives.accounts import events as accounts
from derivatives.block_trades.events import BlockTraded
from derivatives.futures.events import PositionSettled
from derivatives.ids import AccountId, InstrumentId, is_account
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


class Fill(NamedTuple):
    """A trade that sets the price of a market: what candles are made of."""

    instrument: InstrumentId
    price_ticks: int
    size_lots: int


def trades_of(instrument: InstrumentId) -> str:
    """Return the topic of a market's trades."""
    return f"trades/{instrument}"


def rates_of(instrument: InstrumentId) -> str:
    """Return the topic of a perpetual's funding rates."""
    return f"rates/{instrument}"


def account_of(account: AccountId) -> str:
    """Return the topic of what happened to an account."""
    return f"account/{account}"


def topics_of(event: Any) -> Sequence[str]:
    """Return every topic that lists an event, each once."""
    kind = type(event)
    if kind is perpetuals.FundingRateFixed:
        return (rates_of(event.instrument),)
    holders = dict.fromkeys(getattr(event, name) for name in ACCOUNT_FIELDS.get(kind, ()))
    topics = [account_of(holder) for holder in holders if is_account(holder)]
    if kind is Traded:
        topics.append(trades_of(event.instrument))
    if kind in FORCED:
        topics.append(LIQUIDATIONS)
    return topics


def fill_of(event: Any, receipt_kind: int) -> Fill | None:
    """Return the trade that sets a price, None for anything else.

    A book's trade has a taker; an auction's has none and is told by a hook. What a keeper
    takes, and what two agree off the book, has none and stands in a transaction: it sets
    nothing.
    """
    if type(event) is not Traded:
        return None
    if not event.taker_side and receipt_kind != HOOKS_KIND:
        return None
    return Fill(event.instrument, event.price_ticks, event.size_lots)
