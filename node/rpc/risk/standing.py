"""How an account stands, in one shape: now, after a transaction, or after a move of prices.

Source: docs/specs/rpc.md, RPC-130; docs/specs/margin.md.
"""

from typing import NamedTuple

from msgspec import Struct

from chain.kit import View, divide_down
from derivatives.accounts.collateral import compartment_terms
from derivatives.ids import AccountId
from derivatives.margin.account import portfolio_of, schedule_terms, standing_of
from derivatives.margin.charges.held import Holding, Portfolio
from derivatives.margin.risk import Health, health
from derivatives.margin.state import ScheduleTerms
from node.rpc.methods.trading.positions import liquidation_ticks
from node.rpc.methods.values import NumberText, SignedText


class HeldStand(Struct, frozen=True):
    """One position, and the mark at which the account would be liquidated; null where nowhere."""

    instrument: str
    size_lots: SignedText
    mark_price_ticks: NumberText
    liquidation_price_ticks: NumberText | None


class Stand(Struct, frozen=True):
    """How an account stands. `state` is healthy, warning, liquidatable or insolvent.

    `excess_quantums` is equity less initial margin; `delta_quantums` is what all underlyings
    together would lose if each went to nothing. Warning is equity below initial margin.
    """

    state: str
    settlement_asset: str
    equity_quantums: SignedText
    solvency_quantums: SignedText
    initial_margin_quantums: SignedText
    maintenance_margin_quantums: SignedText
    excess_quantums: SignedText
    delta_quantums: NumberText
    positions: list[HeldStand]


class Account(NamedTuple):
    """Everything that says how an account stands, read from one state."""

    portfolio: Portfolio
    closing: Portfolio
    """The same without resting orders: what liquidation looks at."""
    terms: ScheduleTerms
    settlement_asset: str


def account_at(view: View, account: AccountId) -> Account | None:
    """Return what an account holds and is margined by, None where it is not open."""
    standing = standing_of(view, account)
    if standing is None:
        return None
    return Account(
        portfolio_of(view, account, standing),
        portfolio_of(view, account, standing, with_orders=False),
        schedule_terms(view, standing.compartment, standing.schedule),
        compartment_terms(view, standing.compartment).settlement_asset,
    )


def stand_of(account: Account) -> Stand:
    """Return how an account stands. Looks for liquidation prices: not on the node's loop."""
    found = health(account.portfolio, account.terms)
    return Stand(
        state=state_of(found),
        settlement_asset=account.settlement_asset,
        equity_quantums=str(found.equity_quantums),
        solvency_quantums=str(found.solvency_quantums),
        initial_margin_quantums=str(found.initial_quantums),
        maintenance_margin_quantums=str(found.maintenance_quantums),
        excess_quantums=str(found.excess_quantums),
        delta_quantums=str(found.delta_quantums),
        positions=[_held(account, one) for one in account.closing.holdings if one.size_lots],
    )


def _held(account: Account, held: Holding) -> HeldStand:
    line = held.line
    found = liquidation_ticks(account.closing, account.terms, line.instrument)
    return HeldStand(
        instrument=line.instrument,
        size_lots=str(held.size_lots),
        mark_price_ticks=str(divide_down(line.mark_value_quantums, line.tick_value_quantums)),
        liquidation_price_ticks=None if found is None else str(found),
    )


def state_of(found: Health) -> str:
    """Return in one word what the rules make of an account that stands like this."""
    if found.solvency_quantums < 0:
        return "insolvent"
    if found.equity_quantums < found.maintenance_quantums:
        return "liquidatable"
    return "healthy" if found.equity_quantums >= found.initial_quantums else "warning"
