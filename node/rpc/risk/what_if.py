"""What an account would be after trades at the mark and moves of prices.

Source: docs/specs/rpc.md, RPC-131.
"""

from typing import Annotated

import trio
from msgspec import Meta, Struct

from chain.kit import PPM, multiply_ppm_up
from chain.kit.holder import text_of_holder
from derivatives.margin.account import standing_of
from derivatives.margin.risk import NOTHING_RESTING, Holding, Portfolio
from derivatives.margin.rows import Line, line_of
from derivatives.perpetuals.state import FUNDING
from node.rpc.errors import ParametersInvalid
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import account_given, known_account, known_instrument
from node.rpc.methods.trading.positions import moved_portfolio
from node.rpc.methods.values import At, NumberText, SignedText, height_from
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
    """A move of everything of one underlying, its collateral included."""

    underlying: str
    price_move_ppm: Annotated[int, Meta(gt=-PPM, le=MOVE_MAX_PPM)]


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


class _Read(Struct, frozen=True):
    account: Account
    lines: dict[str, tuple[Line, int]]
    head: Head


@method(
    "risk_whatIf",
    weight=10,
    refusals=("lookup.account_unknown", "lookup.instrument_unknown", *REFUSALS_AT),
)
async def what_if(call: Call, asked: WhatIf) -> WhatIfAnswer:
    """Return how an account would stand after trades at the mark and moves of prices.

    Each leg trades at the mark and pays a taker's fee; then each move moves mark and index of
    everything of its underlying. Funding, resting orders and everything else stay as they are.
    """
    account_id = account_given(asked.account)

    def look(view: SteadyView, head: Head) -> _Read:
        record = known_account(view, account_id)
        account = account_at(view, account_id)
        standing = standing_of(view, account_id)
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
        return _Read(account, lines, head)

    read = await read_at(call.services, height_from(asked.at), look)

    def work() -> tuple[Stand, Stand, int]:
        after, fee_quantums = changed(read.account, asked, read.lines)
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


def changed(
    account: Account, asked: WhatIf, lines: dict[str, tuple[Line, int]]
) -> tuple[Account, int]:
    """Return the account after what is asked, and the fees it paid. Rounds: fees up.

    Refuses: ParametersInvalid, for an underlying of which the account then has nothing.
    """
    fee_quantums = 0
    both = [account.portfolio, account.closing]
    for leg in asked.legs:
        line, rate_8h_e9 = lines[leg.instrument]
        lots = int(leg.size_lots)
        fee = multiply_ppm_up(abs(lots) * line.mark_value_quantums, line.exit_fee_ppm)
        fee_quantums += fee
        both = [_traded(one, line, lots, rate_8h_e9, fee) for one in both]
    for move in asked.moves:
        names = {one.line.family for one in both[0].holdings}
        names |= {part.family for part in both[0].backing}
        if move.underlying not in names:
            raise ParametersInvalid(
                f"moves: the account has nothing of {move.underlying[:32]}",
                field="moves",
                known=sorted(names),
            )
        over = PPM + move.price_move_ppm
        both = [moved_portfolio(one, move.underlying, over, PPM) for one in both]
    return account._replace(portfolio=both[0], closing=both[1]), fee_quantums


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
