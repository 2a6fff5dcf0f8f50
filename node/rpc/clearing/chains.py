"""Options of a date, strike by strike, as a venue shows them.

Source: docs/specs/rpc.md, RPC-161.
"""

from array import array
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from chain.kit import PPM, View, divide_half_even
from derivatives.ids import FeedId, InstrumentId
from derivatives.instruments.queries import STATE_NAMES
from derivatives.instruments.state import EXPIRIES, INSTRUMENTS, KIND_CALL, Expiry, Instrument
from derivatives.instruments.terms import is_option, strike_of, trading_state
from derivatives.marks.state import MARKS
from derivatives.options.greeks import lean_of
from derivatives.options.revaluing import parts_of
from derivatives.oracle.prices import feeds_of
from derivatives.oracle.state import PRICES
from derivatives.orders.depth import best_ask, best_bid
from derivatives.positions.state import OPEN_INTEREST
from derivatives.pricing.kernel.batch import implied_volatilities
from node.naming.near import near_name
from node.rpc.errors import ParametersInvalid
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.markets import decimal_e8
from node.rpc.methods.values import At, NumberText, SignedText, height_from
from node.rpc.reasons import UNDERLYING_UNKNOWN
from node.rpc.refusals import refused
from node.state_store import Head


class WhichChain(Parameters, frozen=True):
    """An underlying and a date, or else the next one; and the state to look at."""

    underlying: str
    expiry_ms: int | None = None
    at: At = "finalized"


class ChainDate(Struct, frozen=True):
    """One date with options, the feed of its forward, and how many strikes it has."""

    expiry_ms: int
    forward: str
    forward_e8: NumberText | None
    strikes_count: int


class ChainOption(Struct, frozen=True):
    """One option: prices in its ticks, volatilities x 10^9 a year, greeks of a lot.

    Bid, ask and their volatilities are null where nobody bids or asks; the rest is null before
    the first mark. `delta_ppm` is of the forward.
    """

    instrument: str
    state: str
    bid_price_ticks: NumberText | None
    bid_volatility_e9: NumberText | None
    mark_price_ticks: NumberText | None
    mark_volatility_e9: NumberText | None
    ask_price_ticks: NumberText | None
    ask_volatility_e9: NumberText | None
    delta_ppm: int | None
    gamma_quantums: SignedText | None
    vega_quantums: SignedText | None
    theta_quantums: SignedText | None
    open_interest_lots: NumberText


class ChainStrike(Struct, frozen=True):
    """The call and the put of one strike; null where one is not listed."""

    strike_e8: NumberText
    call: ChainOption | None
    put: ChainOption | None


class ChainAnswer(Answer, frozen=True):
    """The dates of an underlying, and the strikes of one of them, ascending.

    `expiry_ms` is null where no date has options.
    """

    underlying: str
    expiry_ms: int | None
    tick_size: str | None
    lot_size: str | None
    dates: list[ChainDate]
    strikes: list[ChainStrike]
    height: NumberText
    time_ms: int
    finalized: bool


class _Listed(NamedTuple):
    name: InstrumentId
    terms: Instrument
    expiry: Expiry
    strike_e8: int


@method("market_getChain", weight=10, refusals=("lookup.underlying_unknown", *REFUSALS_AT))
async def get_chain(call: Call, asked: WhichChain) -> ChainAnswer:
    """Return the options of a date by strike: prices, volatilities, greeks, open interest."""

    def look(view: SteadyView, head: Head) -> ChainAnswer:
        listed = list(_options_of(view, asked.underlying))
        known = [feed for feed, _ in feeds_of(view)]
        if not listed and asked.underlying not in known:
            raise refused(
                UNDERLYING_UNKNOWN,
                underlying=asked.underlying[:64],
                did_you_mean=near_name(asked.underlying, known),
            )
        dates = sorted({one.expiry.expiry_ms for one in listed})
        chosen = asked.expiry_ms
        if chosen is None:
            ahead = [date for date in dates if date > head.time_ms]
            chosen = next(iter(ahead or dates), None)
        elif chosen not in dates:
            raise ParametersInvalid(
                f"expiry_ms: {asked.underlying[:32]} has no options of {chosen}",
                field="expiry_ms",
                known=[str(date) for date in dates],
            )
        of_date = [one for one in listed if one.expiry.expiry_ms == chosen]
        return ChainAnswer(
            underlying=asked.underlying,
            expiry_ms=chosen,
            tick_size=decimal_e8(of_date[0].terms.tick_size_e8) if of_date else None,
            lot_size=decimal_e8(of_date[0].terms.lot_size_e8) if of_date else None,
            dates=[_date_of(view, date, listed) for date in dates],
            strikes=_strikes_of(view, of_date),
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def _options_of(view: View, underlying: FeedId) -> Iterator[_Listed]:
    for key, terms in view.scan(INSTRUMENTS):
        name = str(key)
        if terms.underlying == underlying and is_option(terms):
            expiry = view.get(EXPIRIES, name)
            assert expiry is not None, f"{name} is an option without a date"
            strike_e8 = strike_of(view, name) * terms.tick_size_e8
            yield _Listed(name, terms, expiry, strike_e8)


def _date_of(view: View, expiry_ms: int, listed: list[_Listed]) -> ChainDate:
    of_date = [one for one in listed if one.expiry.expiry_ms == expiry_ms]
    forward = of_date[0].expiry.forward
    price = view.get(PRICES, forward)
    return ChainDate(
        expiry_ms=expiry_ms,
        forward=forward,
        forward_e8=None if price is None else str(price.price_e8),
        strikes_count=len({one.strike_e8 for one in of_date}),
    )


def _strikes_of(view: View, of_date: list[_Listed]) -> list[ChainStrike]:
    sides: dict[int, dict[bool, ChainOption]] = {}
    for one in of_date:
        is_call = one.terms.kind == KIND_CALL
        sides.setdefault(one.strike_e8, {})[is_call] = _shape(view, one)
    return [
        ChainStrike(str(strike_e8), sides[strike_e8].get(True), sides[strike_e8].get(False))
        for strike_e8 in sorted(sides)
    ]


def _shape(view: View, one: _Listed) -> ChainOption:
    bid, ask = best_bid(view, one.name), best_ask(view, one.name)
    mark, interest = view.get(MARKS, one.name), view.get(OPEN_INTEREST, one.name)
    price, lean = view.get(PRICES, one.expiry.forward), lean_of(view, one.name)
    bid_volatility, ask_volatility = _volatilities(view, one, (bid, ask))
    delta_ppm = None
    if lean is not None and price is not None:
        parts = parts_of(view, one.name, one.terms, price, one.expiry.expiry_ms)
        delta_ppm = divide_half_even(lean.delta_quantums * PPM, max(1, parts.forward_quantums))
    return ChainOption(
        instrument=one.name,
        state=STATE_NAMES[trading_state(view, one.name)],
        bid_price_ticks=_text(bid),
        bid_volatility_e9=_text(bid_volatility),
        mark_price_ticks=None if mark is None else str(mark.mark_price_ticks),
        mark_volatility_e9=None if lean is None else str(lean.volatility_e9),
        ask_price_ticks=_text(ask),
        ask_volatility_e9=_text(ask_volatility),
        delta_ppm=delta_ppm,
        gamma_quantums=None if lean is None else str(lean.gamma_quantums),
        vega_quantums=None if lean is None else str(lean.vega_quantums),
        theta_quantums=None if lean is None else str(lean.theta_quantums),
        open_interest_lots="0" if interest is None else str(interest.long_lots),
    )


def _volatilities(
    view: View, one: _Listed, prices_ticks: tuple[int | None, ...]
) -> list[int | None]:
    """Return the volatilities that prices stand for; None for no price, or one that none gives."""
    price = view.get(PRICES, one.expiry.forward)
    found: list[int | None] = [None] * len(prices_ticks)
    given = [place for place, ticks in enumerate(prices_ticks) if ticks is not None]
    if price is None or not given:
        return found
    parts = parts_of(view, one.name, one.terms, price, one.expiry.expiry_ms)
    forward, strike = parts.forward_quantums, parts.strike_quantums
    if forward <= 0 or strike <= 0 or parts.term_ms == 0:
        return found
    ahead = 0 if one.terms.kind == KIND_CALL else forward - strike
    calls = [(prices_ticks[place] or 0) * one.terms.tick_value_quantums + ahead for place in given]
    columns = [array("q", [number] * len(given)) for number in (forward, strike, parts.term_ms)]
    told = implied_volatilities(columns[0], columns[1], array("q", calls), columns[2])
    for place, volatility_e9 in zip(given, told, strict=True):
        found[place] = volatility_e9
    return found


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


METHODS = (get_chain,)
