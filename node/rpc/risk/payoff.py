"""What an account's value would be over the price of an underlying: now, and when a date ends.

    now       everything at the price, options by Black-76 on the time and volatility they have
    at expiry options and futures of the date by what they pay; what ends later by the time that
              it has left then

Every feed of the underlying moves by the same ratio, volatility at each strike stays, and what
is of other underlyings stays as it is.

Source: docs/specs/rpc.md, RPC-136.
"""

import itertools
from array import array
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from chain.kit import PPM, View, divide_down
from chain.kit.holder import text_of_holder
from derivatives.ids import AccountId, InstrumentId
from derivatives.instruments.state import EXPIRIES, INSTRUMENTS, KIND_CALL
from derivatives.instruments.terms import is_option
from derivatives.margin.account import standing_of
from derivatives.margin.rows import Line, line_of
from derivatives.marks.options import volatility_of
from derivatives.options.revaluing import parts_of
from derivatives.oracle.state import PRICES
from derivatives.pricing.kernel.batch import Options, call_prices
from node.rpc.errors import ParametersInvalid
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import account_given, known_account, known_instrument
from node.rpc.methods.values import At, NumberText, SignedText, height_from
from node.rpc.risk.moved import feeds_of_underlying
from node.rpc.risk.standing import account_at
from node.rpc.risk.what_if import LEGS_MAX_COUNT, Leg
from node.state_store import Head

POINTS_DEFAULT_COUNT = 61
POINTS_MAX_COUNT = 201
REACH_DEFAULT_PPM = 300_000
REACH_MAX_PPM = 900_000


class WhichPayoff(Parameters, frozen=True):
    """An account with trades it would make at the mark, an underlying, a date, and how far.

    Without a date the first one that it has something of; without any the curve at expiry is
    that of now.
    """

    account: str
    underlying: str
    expiry_ms: int | None = None
    legs: Annotated[tuple[Leg, ...], Meta(max_length=LEGS_MAX_COUNT)] = ()
    reach_ppm: Annotated[int, Meta(ge=10_000, le=REACH_MAX_PPM)] = REACH_DEFAULT_PPM
    points_count: Annotated[int, Meta(ge=3, le=POINTS_MAX_COUNT)] = POINTS_DEFAULT_COUNT
    at: At = "finalized"


class PayoffPoint(Struct, frozen=True):
    """A price of the underlying, and by how much the account's equity would differ there."""

    price_e8: NumberText
    price_move_ppm: int
    now_quantums: SignedText
    expiry_quantums: SignedText


class PayoffAnswer(Answer, frozen=True):
    """Two curves over the same prices, both relative to equity now at the price there is.

    `zeros_e8` is where the curve at expiry crosses nothing, between points by a straight line.
    """

    account: str
    underlying: str
    settlement_asset: str
    price_e8: NumberText
    expiry_ms: int | None
    items: list[PayoffPoint]
    zeros_e8: list[NumberText]
    height: NumberText
    time_ms: int
    finalized: bool


class Part(NamedTuple):
    """Something that moves with the price: so many lots, worth so much now, and how it moves.

    `strike_quantums` is None for what is worth its forward, of which `moving_quantums` moves.
    """

    lots: int
    worth_quantums: int
    moving_quantums: int
    strike_quantums: int | None = None
    is_call: bool = False
    volatility_e9: int = 0
    term_ms: int = 0
    expiry_ms: int | None = None


@method(
    "risk_getPayoff",
    weight=20,
    refusals=("lookup.account_unknown", "lookup.instrument_unknown", *REFUSALS_AT),
)
async def get_payoff(call: Call, asked: WhichPayoff) -> PayoffAnswer:
    """Return what an account would gain or lose over the price of an underlying."""
    account_id = account_given(asked.account)

    def look(view: SteadyView, head: Head) -> PayoffAnswer:
        known_account(view, account_id)
        price = view.get(PRICES, asked.underlying) if len(asked.underlying) <= 16 else None
        if price is None:
            raise ParametersInvalid(
                f"underlying: {asked.underlying[:32]} has no price",
                field="underlying",
                known=[str(key) for key, _ in view.scan(PRICES)],
            )
        if asked.expiry_ms is not None and asked.expiry_ms <= head.time_ms:
            raise ParametersInvalid("expiry_ms: that is past", field="expiry_ms")
        account = account_at(view, account_id)
        assert account is not None, "the account is known"
        parts = parts_of_account(view, account_id, asked)
        dates = sorted({one.expiry_ms for one in parts if one.expiry_ms is not None})
        expiry_ms = asked.expiry_ms if asked.expiry_ms is not None else next(iter(dates), None)
        moves = moves_of(asked.reach_ppm, asked.points_count)
        now = curve_of(parts, moves)
        later = now if expiry_ms is None else curve_of(parts, moves, expiry_ms, head.time_ms)
        points = [
            PayoffPoint(
                str(divide_down(price.price_e8 * (PPM + move), PPM)), move, str(here), str(there)
            )
            for move, here, there in zip(moves, now, later, strict=True)
        ]
        return PayoffAnswer(
            account=text_of_holder(account_id),
            underlying=asked.underlying,
            settlement_asset=account.settlement_asset,
            price_e8=str(price.price_e8),
            expiry_ms=expiry_ms,
            items=points,
            zeros_e8=[str(zero) for zero in zeros_of(points)],
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def parts_of_account(view: View, account_id: AccountId, asked: WhichPayoff) -> list[Part]:
    """Return what an account has of an underlying, and would have after its legs."""
    standing, account = standing_of(view, account_id), account_at(view, account_id)
    assert standing is not None, "the account is known"
    assert account is not None, "the account is known"
    feeds = feeds_of_underlying(view, asked.underlying)
    lots = {one.line.instrument: one.size_lots for one in account.closing.holdings}
    for leg in asked.legs:
        known_instrument(view, leg.instrument)
        lots[leg.instrument] = lots.get(leg.instrument, 0) + int(leg.size_lots)
    parts = []
    for name, size in sorted(lots.items()):
        line = line_of(view, name, standing.compartment, standing.schedule)
        if line is None:
            raise ParametersInvalid(f"legs: {name} has no price yet", field="legs")
        if size and line.family in feeds:
            parts.append(_part(view, name, line, size))
    backing = [one for one in account.closing.backing if one.family in feeds]
    for one in backing:
        value = one.value_quantums
        parts.append(Part(1, value, value))
    return parts


def _part(view: View, name: InstrumentId, line: Line, lots: int) -> Part:
    """Return one position; an option as what is still to come of its mean, with its price."""
    terms, expiry = view.get(INSTRUMENTS, name), view.get(EXPIRIES, name)
    assert terms is not None, f"{name} is held and not listed"
    ends_ms = None if expiry is None else expiry.expiry_ms
    worth = line.mark_value_quantums
    linear = Part(lots, worth, line.moving_quantums, expiry_ms=ends_ms)
    price = None if expiry is None else view.get(PRICES, expiry.forward)
    settled = line.moving_quantums == 0 and not any(line.losses_quantums)
    if not is_option(terms) or expiry is None or price is None or settled:
        return linear
    volatility_e9 = volatility_of(view, name, terms, expiry.expiry_ms)
    parts = parts_of(view, name, terms, price, expiry.expiry_ms)
    if volatility_e9 is None or parts.forward_quantums <= 0:
        return linear
    return Part(
        lots,
        worth,
        parts.forward_quantums,
        parts.strike_quantums,
        terms.kind == KIND_CALL,
        volatility_e9,
        parts.term_ms,
        ends_ms,
    )


def moves_of(reach_ppm: int, points_count: int) -> list[int]:
    """Return moves from one end of a reach to the other, the middle one none.

    >>> moves_of(300_000, 4), moves_of(100_000, 3)
    ([-300000, 0, 300000], [-100000, 0, 100000])
    """
    half = (points_count - 1) // 2
    return [reach_ppm * place // half for place in range(-half, half + 1)]


def curve_of(
    parts: Sequence[Part],
    moves: Sequence[int],
    expiry_ms: int | None = None,
    time_ms: int = 0,
) -> list[int]:
    """Return by how much the parts are worth more at each move, now or when a date ends.

    Rounds: an option to the nearest quantum, the rest down.
    """
    found = [0] * len(moves)
    for part in parts:
        values = _values(part, moves, expiry_ms, time_ms)
        for place, value in enumerate(values):
            found[place] += part.lots * (value - part.worth_quantums)
    return found


def _values(part: Part, moves: Sequence[int], expiry_ms: int | None, time_ms: int) -> list[int]:
    forwards = [
        max(1, divide_down(part.moving_quantums * (PPM + move), PPM)) if part.moving_quantums else 0
        for move in moves
    ]
    strike = part.strike_quantums
    if strike is None:
        return [part.worth_quantums - part.moving_quantums + forward for forward in forwards]
    term_ms = part.term_ms
    if expiry_ms is not None and part.expiry_ms is not None:
        term_ms = max(0, term_ms - max(0, min(expiry_ms, part.expiry_ms) - time_ms))
        term_ms = 0 if part.expiry_ms <= expiry_ms else term_ms
    if strike <= 0 or term_ms == 0:
        calls = [max(0, forward - strike) for forward in forwards]
    else:
        count = len(forwards)
        columns = [array("q", [number] * count) for number in (strike, part.volatility_e9, term_ms)]
        calls = list(call_prices(Options(array("q", forwards), *columns)).near)
    if part.is_call:
        return calls
    return [max(0, call - forward + strike) for call, forward in zip(calls, forwards, strict=True)]


def zeros_of(points: Sequence[PayoffPoint]) -> list[int]:
    """Return the prices at which the curve at expiry crosses nothing, ascending. Rounds: down."""
    found = []
    for one, other in itertools.pairwise(points):
        low, high = int(one.expiry_quantums), int(other.expiry_quantums)
        low_e8, high_e8 = int(one.price_e8), int(other.price_e8)
        if low == 0 and high != 0:
            found.append(low_e8)
        elif low * high < 0:
            found.append(low_e8 + abs(low) * (high_e8 - low_e8) // (abs(low) + abs(high)))
    return found


METHODS = (get_payoff,)
