"""What an account would be after trades at the mark and moves of prices.

Source: docs/specs/rpc.md, RPC-131.
"""

from collections.abc import Sequence
from typing import Annotated

import trio
from msgspec import Meta, Struct

from chain.kit import PPM, View, multiply_ppm_up
from chain.kit.holder import text_of_holder
from derivatives.ids import AccountId
from derivatives.margin.account import standing_of
from derivatives.margin.charges.held import NOTHING_RESTING, Holding, Portfolio
from derivatives.margin.rows import Line, line_of
from derivatives.oracle.state import SURFACES
from derivatives.perpetuals.state import FUNDING
from node.rpc.errors import ParametersInvalid
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import account_given, known_account, known_instrument
from node.rpc.methods.trading.positions import moved_portfolio
from node.rpc.methods.values import At, NumberText, SignedText, height_from
from node.rpc.risk.moved import (
    STILL,
    Ratio,
    feeds_of_underlying,
    moved_option_line,
    moved_view,
)
from node.rpc.risk.standing import Account, Stand, account_at, stand_of
from node.state_store import Head

LEGS_MAX_COUNT = 50
MOVE_MAX_PPM = 10 * PPM
"""To eleven times the price."""


class Leg(Parameters, frozen=True):
    """Lots to buy, or to sell where below zero."""

    instrument: str
    size_lots: SignedText


class Move(Parameters, frozen=True):
    """A move of everything of one underlying, its dates and collateral included; or of a date.

    Of prices, and of the volatility of its options at every strike, relative to what they are.
    """

    underlying: str
    price_move_ppm: Annotated[int, Meta(gt=-PPM, le=MOVE_MAX_PPM)] = 0
    volatility_move_ppm: Annotated[int, Meta(gt=-PPM, le=MOVE_MAX_PPM)] = 0


class WhatIf(Parameters, frozen=True):
    """An account, what it would trade first, and what prices would do then."""

    account: str
    legs: Annotated[tuple[Leg, ...], Meta(max_length=LEGS_MAX_COUNT)] = ()
    moves: Annotated[tuple[Move, ...], Meta(max_length=LEGS_MAX_COUNT)] = ()
    at: At = "finalized"


class WhatIfAnswer(Answer, frozen=True):
    """How the account stands, and how it would; fees are a taker's, and part of `after`."""

    account: str
    before: Stand
    after: Stand
    fee_quantums: NumberText
    height: NumberText
    time_ms: int
    finalized: bool


class Read(Struct, frozen=True):
    """What is read of one state: the account, lines of its legs, and lines as they would be."""

    account: Account
    lines: dict[str, tuple[Line, int]]
    reached: list[tuple[str, ...]]
    """Of each move, the feeds that it moves."""
    ratios: dict[str, Ratio]
    options: dict[str, Line]
    head: Head


@method(
    "risk_whatIf",
    weight=10,
    refusals=("lookup.account_unknown", "lookup.instrument_unknown", *REFUSALS_AT),
)
async def what_if(call: Call, asked: WhatIf) -> WhatIfAnswer:
    """Return how an account would stand after trades at the mark and moves of prices.

    Each leg trades at the mark and pays a taker's fee; then each move moves mark and index of
    everything of its underlying, and options are valued and shocked anew. Funding, resting orders
    and everything else stay as they are.
    """
    account_id = account_given(asked.account)

    def look(view: SteadyView, head: Head) -> Read:
        return read_of(view, head, account_id, asked)

    read = await read_at(call.services, height_from(asked.at), look)

    def work() -> tuple[Stand, Stand, int]:
        after, fee_quantums = changed(read, asked)
        return stand_of(read.account), stand_of(after), fee_quantums

    before, after, fee_quantums = await trio.to_thread.run_sync(work)
    return WhatIfAnswer(
        account=text_of_holder(account_id),
        before=before,
        after=after,
        fee_quantums=str(fee_quantums),
        height=str(read.head.height),
        time_ms=read.head.time_ms,
        finalized=True,
    )


def read_of(view: View, head: Head, account_id: AccountId, asked: WhatIf) -> Read:
    """Return what a question needs of a state.

    Refuses: ParametersInvalid, for a leg without a price, or volatility that nobody tells;
    lookup.account_unknown, .instrument_unknown.
    """
    record = known_account(view, account_id)
    account, standing = account_at(view, account_id), standing_of(view, account_id)
    assert account is not None, "the account is known"
    assert standing is not None, "the account is known"
    lines = {}
    for leg in asked.legs:
        known_instrument(view, leg.instrument)
        line = line_of(view, leg.instrument, record.compartment, standing.schedule)
        if line is None:
            raise ParametersInvalid(
                f"legs: {leg.instrument} has no price yet", field="legs", detail="no mark"
            )
        funding = view.get(FUNDING, leg.instrument)
        lines[leg.instrument] = (line, 0 if funding is None else funding.rate_8h_e9)
    for move in asked.moves:
        if move.volatility_move_ppm and view.get(SURFACES, move.underlying[:16]) is None:
            raise ParametersInvalid(
                f"moves: nobody has told a volatility of {move.underlying[:32]}",
                field="moves",
                known=[str(key) for key, _ in view.scan(SURFACES)],
            )
    reached = [feeds_of_underlying(view, move.underlying) for move in asked.moves]
    ratios = ratios_of(asked.moves, reached)
    names = dict.fromkeys([one.line.instrument for one in account.portfolio.holdings] + [*lines])
    moved, options = moved_view(view, ratios), {}
    for name in names if ratios else ():
        line = moved_option_line(moved, name, standing.schedule, head.time_ms)
        if line is not None:
            options[name] = line
    return Read(account, lines, reached, ratios, options, head)


def ratios_of(moves: Sequence[Move], reached: Sequence[tuple[str, ...]]) -> dict[str, Ratio]:
    """Return what each feed is multiplied by, all moves after one another."""
    found: dict[str, Ratio] = {}
    for move, feeds in zip(moves, reached, strict=True):
        for feed in feeds:
            ratio = found.get(feed, STILL)
            found[feed] = ratio.then(move.price_move_ppm, move.volatility_move_ppm)
    return found


def changed(read: Read, asked: WhatIf) -> tuple[Account, int]:
    """Return the account after what is asked, and the fees it paid. Rounds: fees up.

    Refuses: ParametersInvalid, for an underlying of which the account then has nothing.
    """
    account, fee_quantums = read.account, 0
    both = [account.portfolio, account.closing]
    for leg in asked.legs:
        line, rate_8h_e9 = read.lines[leg.instrument]
        lots = int(leg.size_lots)
        fee = multiply_ppm_up(abs(lots) * line.mark_value_quantums, line.exit_fee_ppm)
        fee_quantums += fee
        both = [_traded(one, line, lots, rate_8h_e9, fee) for one in both]
    names = {one.line.family for one in both[0].holdings}
    names |= {part.family for part in both[0].backing}
    for move, feeds in zip(asked.moves, read.reached, strict=True):
        if names.isdisjoint(feeds):
            raise ParametersInvalid(
                f"moves: the account has nothing of {move.underlying[:32]}",
                field="moves",
                known=sorted(names),
            )
    for name in sorted(names & read.ratios.keys()):
        ratio = read.ratios[name]
        both = [moved_portfolio(one, name, ratio.price, ratio.price_whole) for one in both]
    both = [_with_lines(one, read.options) for one in both]
    return account._replace(portfolio=both[0], closing=both[1]), fee_quantums


def _with_lines(portfolio: Portfolio, lines: dict[str, Line]) -> Portfolio:
    """Return a portfolio with some of its lines in place of those it has."""
    return portfolio._replace(
        holdings=tuple(
            one._replace(line=lines.get(one.line.instrument, one.line))
            for one in portfolio.holdings
        )
    )


def _traded(
    portfolio: Portfolio, line: Line, lots: int, rate_8h_e9: int, fee_quantums: int
) -> Portfolio:
    """Return a portfolio after a trade at the mark: profit to now moves into cash with nothing."""
    value = lots * line.mark_value_quantums
    held = list(portfolio.holdings)
    for place, one in enumerate(held):
        if one.line.instrument == line.instrument:
            held[place] = one._replace(
                size_lots=one.size_lots + lots,
                entry_value_quantums=one.entry_value_quantums + value,
            )
            break
    else:
        held.append(Holding(line, lots, value, 0, rate_8h_e9, NOTHING_RESTING))
        held.sort(key=lambda one: one.line.instrument)
    return portfolio._replace(
        cash_quantums=portfolio.cash_quantums - fee_quantums, holdings=tuple(held)
    )


METHODS = (what_if,)
