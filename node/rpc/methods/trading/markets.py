"""What can be traded, on which terms, at which prices.

Source: docs/specs/rpc.md, RPC-112.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from chain.kit import View, divide_toward_zero
from derivatives.instruments.queries import STATE_NAMES
from derivatives.instruments.state import (
    EXPIRIES,
    INSTRUMENTS,
    SETTLEMENTS,
    STRIKES,
)
from derivatives.instruments.terms import is_option, trading_state
from derivatives.marks.state import MARKS
from derivatives.perpetuals.state import FUNDING
from derivatives.positions.state import OPEN_INTEREST
from derivatives.trades.state import TRADE_COUNTS
from node.rpc import limits
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import known_instrument, page_of
from node.rpc.methods.values import At, Limit, NumberText, height_from
from node.state_store import Head

NAMES_MAX_COUNT = 100
KIND_NAMES = {1: "perpetual", 2: "future", 3: "call", 4: "put", 5: "synthetic"}
PPM_TO_E9 = 1_000
E8_DIGITS = 8


class InstrumentShape(Struct, frozen=True):
    """One instrument: terms, state and prices. One lot at one tick is `tick_value_quantums`.

    Of what is dated, `expiry_ms` is when it ends at the earliest, and the settlement price is
    null until it is fixed.

    Prices are null before the first mark; `funding_rate_ppm` is for eight hours, towards zero.
    """

    instrument: str
    kind: str
    underlying: str
    quote: str
    compartment: str
    tick_size: str
    lot_size: str
    tick_value_quantums: NumberText
    state: str
    index_price_e8: NumberText | None
    mark_price_ticks: NumberText | None
    last_price_ticks: NumberText | None
    open_interest_lots: NumberText
    open_interest_cap_lots: NumberText
    strike_ticks: NumberText | None
    expiry_ms: int | None
    settlement_price_ticks: NumberText | None
    funding_rate_ppm: int | None
    taker_fee_ppm: int
    maker_rebate_ppm: int


class WhichList(Parameters, frozen=True):
    """Which of them, how many at most, after which one, in the state of which height.

    Of these names, kinds, of an underlying or a date; what is left out asks for all.
    """

    instruments: Annotated[tuple[str, ...], Meta(max_length=NAMES_MAX_COUNT)] = ()
    kinds: Annotated[tuple[str, ...], Meta(max_length=len(KIND_NAMES))] = ()
    underlying: str | None = None
    expiry_ms: int | None = None
    limit: Limit = limits.LIST_ITEMS_DEFAULT_COUNT
    cursor: str | None = None
    at: At = "finalized"


class Instruments(Answer, frozen=True):
    """Perpetuals, then futures, then options, each by name; and where to go on."""

    items: list[InstrumentShape]
    next_cursor: str | None
    height: NumberText
    time_ms: int
    finalized: bool


@method("market_list", weight=2, refusals=REFUSALS_AT)
async def list_markets(call: Call, asked: WhichList) -> Instruments:
    """Return instruments with their terms, state and prices, options last."""

    def look(view: SteadyView, head: Head) -> Instruments:
        names = names_of(view, asked)
        page, cursor = page_of(names, str, asked.limit, asked.cursor)
        return Instruments(
            items=[instrument_shape(view, name) for name in page],
            next_cursor=cursor,
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def names_of(view: View, asked: WhichList) -> list[str]:
    """Return the instruments that are asked for, options last."""
    found = []
    for key, terms in view.scan(INSTRUMENTS):
        name, kind = str(key), KIND_NAMES.get(terms.kind, str(terms.kind))
        expiry = view.get(EXPIRIES, name) if asked.expiry_ms is not None else None
        wanted = (
            name in (asked.instruments or (name,))
            and kind in (asked.kinds or (kind,))
            and asked.underlying in {None, terms.underlying}
            and asked.expiry_ms in {None, None if expiry is None else expiry.expiry_ms}
        )
        if wanted and (asked.expiry_ms is None or expiry is not None):
            option = is_option(terms)
            found.append((option, 0 if option else terms.kind, name))
    return [name for *_, name in sorted(found)]


def _settlement_price(view: View, instrument_id: str) -> str | None:
    settlement = view.get(SETTLEMENTS, instrument_id)
    fixed = settlement is not None and settlement.price_ticks
    return str(fixed) if fixed else None


def instrument_shape(view: View, instrument_id: str) -> InstrumentShape:
    """Return what is told of one listed instrument."""
    terms = known_instrument(view, instrument_id)
    mark = view.get(MARKS, instrument_id)
    interest = view.get(OPEN_INTEREST, instrument_id)
    funding = view.get(FUNDING, instrument_id)
    expiry, strike = view.get(EXPIRIES, instrument_id), view.get(STRIKES, instrument_id)
    rate_ppm = None if funding is None else divide_toward_zero(funding.rate_8h_e9, PPM_TO_E9)
    return InstrumentShape(
        instrument=instrument_id,
        kind=KIND_NAMES.get(terms.kind, str(terms.kind)),
        underlying=terms.underlying,
        quote=terms.quote,
        compartment=terms.compartment,
        tick_size=decimal_e8(terms.tick_size_e8),
        lot_size=decimal_e8(terms.lot_size_e8),
        tick_value_quantums=str(terms.tick_value_quantums),
        state=STATE_NAMES[trading_state(view, instrument_id)],
        index_price_e8=None if mark is None else str(mark.index_price_e8),
        mark_price_ticks=None if mark is None else str(mark.mark_price_ticks),
        last_price_ticks=last_price(view, instrument_id),
        open_interest_lots="0" if interest is None else str(interest.long_lots),
        open_interest_cap_lots=str(terms.open_interest_cap_lots),
        strike_ticks=None if strike is None else str(strike.strike_ticks),
        expiry_ms=None if expiry is None else expiry.expiry_ms,
        settlement_price_ticks=_settlement_price(view, instrument_id),
        funding_rate_ppm=rate_ppm,
        taker_fee_ppm=terms.taker_fee_ppm,
        maker_rebate_ppm=terms.maker_rebate_ppm,
    )


def last_price(view: View, instrument_id: str) -> str | None:
    """Return the price of the last trade in the book, None before the first."""
    count = view.get(TRADE_COUNTS, instrument_id)
    return None if count is None or not count.last_price_ticks else str(count.last_price_ticks)


def decimal_e8(value_e8: int) -> str:
    """Return hundred-millionths as a decimal without needless zeros.

    >>> decimal_e8(50_000_000), decimal_e8(100_000), decimal_e8(300_000_000)
    ('0.5', '0.001', '3')
    """
    digits = str(value_e8).rjust(E8_DIGITS + 1, "0")
    part = digits[-E8_DIGITS:].rstrip("0")
    return digits[:-E8_DIGITS] + (f".{part}" if part else "")


def mark_shape(view: View, instrument_id: str) -> Mapping[str, Any]:
    """Return what followers of a mark are told; prices are null before the first one."""
    mark = view.get(MARKS, instrument_id)
    return {
        "instrument": instrument_id,
        "mark_price_ticks": None if mark is None else str(mark.mark_price_ticks),
        "index_price_e8": None if mark is None else str(mark.index_price_e8),
        "last_price_ticks": last_price(view, instrument_id),
        "state": STATE_NAMES[trading_state(view, instrument_id)],
        "updated_ms": 0 if mark is None else mark.updated_ms,
    }


METHODS = (list_markets,)
