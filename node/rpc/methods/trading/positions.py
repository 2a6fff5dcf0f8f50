"""What an account holds, at its mark, and where each position would be liquidated.

Source: docs/specs/rpc.md, RPC-117; docs/specs/margin.md, MARG-072.
"""

from collections.abc import Callable

import trio
from msgspec import Struct

from chain.kit import divide_down
from chain.kit.holder import text_of_holder
from derivatives.margin.account import portfolio_of, schedule_terms, standing_of
from derivatives.margin.charges.held import Backing, Holding, Portfolio
from derivatives.margin.risk import Health, health
from derivatives.margin.rows import Line, losses_of_lot, pin_losses_of_lot
from derivatives.margin.state import ScheduleTerms
from derivatives.perpetuals.funding import owed_quantums
from derivatives.positions.fill import instruments_held
from derivatives.positions.queries import PositionReport, position_report
from node.rpc import limits
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import account_given, known_account, page_of
from node.rpc.methods.values import At, Limit, NumberText, SignedText, height_from
from node.state_store import Head

PRICE_FACTOR_MAX = 16
"""How far above its mark a short's liquidation price is looked for."""


class PositionShape(Struct, frozen=True):
    """One position, long above zero and short below.

    `liquidation_price_ticks` is the mark at which equity falls below maintenance if this
    underlying moves, everything of it together, and nothing else does; null where none does.
    """

    account: str
    instrument: str
    size_lots: SignedText
    entry_value_quantums: SignedText
    entry_price_ticks: NumberText
    mark_price_ticks: NumberText
    unrealised_profit_quantums: SignedText
    funding_owed_quantums: SignedText
    liquidation_price_ticks: NumberText | None


class WhichPositions(Parameters, frozen=True):
    """An account (`nov1...`, `nov1.../N`), and which page."""

    account: str
    limit: Limit = limits.LIST_ITEMS_DEFAULT_COUNT
    cursor: str | None = None
    at: At = "finalized"


class Positions(Answer, frozen=True):
    """Positions by instrument, and where to go on."""

    items: list[PositionShape]
    next_cursor: str | None
    height: NumberText
    time_ms: int
    finalized: bool


class _Read(Struct, frozen=True):
    """What one look at the state found of an account's positions."""

    reports: list[PositionReport]
    owed_quantums: list[int]
    next_cursor: str | None
    portfolio: Portfolio
    terms: ScheduleTerms
    head: Head


@method("position_list", weight=5, refusals=("lookup.account_unknown", *REFUSALS_AT))
async def list_positions(call: Call, asked: WhichPositions) -> Positions:
    """Return an account's positions with profit, funding owed and liquidation price."""
    account = account_given(asked.account)

    def look(view: SteadyView, head: Head) -> _Read:
        known_account(view, account)
        standing = standing_of(view, account)
        assert standing is not None, "the account is known"
        page, cursor = page_of(instruments_held(view, account), str, asked.limit, asked.cursor)
        return _Read(
            reports=[position_report(view, account, name) for name in page],
            owed_quantums=[owed_quantums(view, account, name) for name in page],
            next_cursor=cursor,
            portfolio=portfolio_of(view, account, standing, with_orders=False),
            terms=schedule_terms(view, standing.compartment, standing.schedule),
            head=head,
        )

    read = await read_at(call.services, height_from(asked.at), look)
    # Looking for a price margins the account some forty times: not on the node's loop.
    items = await trio.to_thread.run_sync(_shapes_of, read)
    return Positions(
        items=items,
        next_cursor=read.next_cursor,
        height=str(read.head.height),
        time_ms=read.head.time_ms,
        finalized=True,
    )


def _shapes_of(read: _Read) -> list[PositionShape]:
    return [
        _shape_of(report, owed, liquidation_ticks(read.portfolio, read.terms, report.instrument))
        for report, owed in zip(read.reports, read.owed_quantums, strict=True)
    ]


def _shape_of(report: PositionReport, owed: int, liquidation: int | None) -> PositionShape:
    return PositionShape(
        account=text_of_holder(report.account_holder),
        instrument=report.instrument,
        size_lots=str(report.size_lots),
        entry_value_quantums=str(report.entry_value_quantums),
        entry_price_ticks=str(report.entry_price_ticks),
        mark_price_ticks=str(report.mark_price_ticks),
        unrealised_profit_quantums=str(report.unrealised_profit_quantums),
        funding_owed_quantums=str(owed),
        liquidation_price_ticks=None if liquidation is None else str(liquidation),
    )


def liquidation_ticks(portfolio: Portfolio, terms: ScheduleTerms, instrument: str) -> int | None:
    """Return the mark nearest to now at which an account would be liquidated, None if nowhere.

    None too with options, whose worth no single price tells.

    Looked for on the side on which the position loses: down to one tick for a long, up to
    sixteen times the mark for a short.  An account that is below already has its mark.
    """
    held = next((one for one in portfolio.holdings if one.line.instrument == instrument), None)
    if held is None or held.size_lots == 0 or held.line.moving_quantums == 0:
        return None
    if any(one.line.is_option for one in portfolio.holdings):
        return None
    mark = divide_down(held.line.mark_value_quantums, held.line.tick_value_quantums)
    family = held.line.family
    fixed = held.line.mark_value_quantums - held.line.moving_quantums

    def is_short(price_ticks: int) -> bool:
        value = price_ticks * held.line.tick_value_quantums
        moved = moved_portfolio(portfolio, family, max(0, value - fixed), held.line.moving_quantums)
        return below_maintenance(health(moved, terms))

    if is_short(mark):
        return mark
    return _first_short(is_short, mark, 1 if held.size_lots > 0 else mark * PRICE_FACTOR_MAX)


def below_maintenance(found: Health) -> bool:
    """Return whether equity does not reach the maintenance requirement."""
    return found.equity_quantums < found.maintenance_quantums


def _first_short(is_short: Callable[[int], bool], safe: int, end: int) -> int | None:
    """Return the price nearest to a safe one that is not, by halving the way to an end."""
    if not is_short(end):
        return None
    while abs(end - safe) > 1:
        middle = divide_down(safe + end, 2)
        if is_short(middle):
            end = middle
        else:
            safe = middle
    return end


def moved_portfolio(portfolio: Portfolio, family: str, over: int, under: int) -> Portfolio:
    """Return a portfolio with everything of one underlying moved by a ratio. Rounds: down."""
    holdings = tuple(
        one._replace(line=_moved_line(one.line, over, under)) if _is_of(one, family) else one
        for one in portfolio.holdings
    )
    backing = tuple(
        _moved_backing(part, over, under) if part.family == family else part
        for part in portfolio.backing
    )
    return portfolio._replace(holdings=holdings, backing=backing)


def _is_of(one: Holding, family: str) -> bool:
    return one.line.family == family


def _moved_line(line: Line, over: int, under: int) -> Line:
    """Return a line with its feed moved by a ratio: an option by its delta, its risk as it is."""
    moving = divide_down(line.moving_quantums * over, under)
    fixed = line.mark_value_quantums - line.moving_quantums
    if line.is_option:
        value = max(0, fixed + moving)
        return line._replace(mark_value_quantums=value, index_value_quantums=value)
    index = divide_down(max(0, line.index_value_quantums - fixed) * over, under)
    return line._replace(
        mark_value_quantums=max(1, fixed + moving),
        index_value_quantums=max(1, fixed + index),
        losses_quantums=losses_of_lot(moving, line.terms.scenarios),
        pin_losses_quantums=pin_losses_of_lot(moving, line.terms, line.pins),
        moving_quantums=moving,
    )


def _moved_backing(part: Backing, over: int, under: int) -> Backing:
    return part._replace(
        value_quantums=divide_down(part.value_quantums * over, under),
        index_value_quantums=divide_down(part.index_value_quantums * over, under),
    )


METHODS = (list_positions,)
