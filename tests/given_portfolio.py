"""Portfolios of options in a line: three dates of bitcoin, its perpetual and ether's, no state."""

import random
from collections.abc import Sequence
from functools import cache

from derivatives.genesis_development import (
    OPTION_CHARGES,
    PORTFOLIO_BASIS,
    PORTFOLIO_DATED_BASIS,
    PORTFOLIO_RANGE_PPM,
    STANDARD_FAMILY,
    scenarios_of,
)
from derivatives.margin.charges.dated import Charges, charges_now
from derivatives.margin.charges.held import (
    NOTHING_RESTING,
    Backing,
    Holding,
    Portfolio,
    Resting,
    Uncertainty,
)
from derivatives.margin.charges.pins import Dated, Pin, pins_of
from derivatives.margin.risk import PAR_E8, Health, health
from derivatives.margin.rows import Line, losses_of_lot, pin_losses_of_lot
from derivatives.margin.state import FamilyTerms, OptionTerms, Scenario, ScheduleTerms
from derivatives.options.revaluing import OptionLean
from derivatives.pricing.black import DAY_MS
from derivatives.pricing.scenarios import ENDED, FLAT, Move, VolatilityShocks, option_row

WHOLE = 1_000_000
USD = 10**6
PORTFOLIO = ScheduleTerms(1_250_000, 800_000, 150_000, WHOLE, 50_000, 0, 500_000, 400_000)
LOT_QUANTUMS = {"BTC": 64 * USD, "ETH": 32 * USD}
DAYS = {"BTC-NEAR": 3, "BTC-NEXT": 6, "BTC-FAR": 90}
STRIKES_USD = (56_000, 60_000, 62_000, 64_000, 66_000, 68_000, 72_000)
OPTIONS = OptionTerms(**OPTION_CHARGES)
VOLATILITY_E9 = 600_000_000
RANGE_PPM = PORTFOLIO_RANGE_PPM["BTC"]
NORMAL = Uncertainty(64_000, 32, is_normal=True)


@cache
def terms_of(family: str) -> FamilyTerms:
    """Return the portfolio terms of BTC, one of its dates, or ETH."""
    basis = PORTFOLIO_DATED_BASIS if family in DAYS else PORTFOLIO_BASIS
    of = "BTC-26MAR27" if family in DAYS else family
    return FamilyTerms(
        scenarios=tuple(Scenario(**row) for row in scenarios_of("portfolio", of)),
        offsets=True,
        moves_with="BTC" if family in DAYS else "",
        **(STANDARD_FAMILY | basis),
    )


@cache
def pins() -> tuple[Pin, ...]:
    """Return the pins of bitcoin's dates."""
    strikes = tuple(strike * 10**8 for strike in STRIKES_USD)
    dates = [
        Dated(name, 64_000 * 10**8, days * DAY_MS, RANGE_PPM, strikes)
        for name, days in DAYS.items()
    ]
    return pins_of(dates)


@cache
def charges_of(family: str) -> Charges:
    """Return what a family is charged now."""
    left_ms = DAYS.get(family, 0) * DAY_MS
    return charges_now(terms_of(family), OPTIONS if family in DAYS else None, left_ms)


@cache
def linear_line(family: str) -> Line:
    """Return the line of a perpetual, or of a date's future."""
    value = LOT_QUANTUMS[family[:3]]
    terms = terms_of(family)
    return Line(
        instrument=family,
        family=family,
        mark_value_quantums=value,
        index_value_quantums=value,
        tick_value_quantums=500,
        losses_quantums=losses_of_lot(value, terms.scenarios),
        terms=terms,
        exit_fee_ppm=300,
        half_spread_ppm=100,
        external_depth_lots=2_000,
        moving_quantums=value,
        is_option=False,
        charges=charges_of(family),
        pins=pins(),
        pin_losses_quantums=pin_losses_of_lot(value, terms, pins()),
    )


@cache
def option_line(family: str, strike_usd: int, *, is_call: bool) -> Line:
    """Return the line of an option."""
    terms = terms_of(family)
    moves = [Move(one.shock_ppm, one.volatility) for one in terms.scenarios]
    moves += [
        Move(pin.shock_ppm(RANGE_PPM), ENDED if pin.family == family else FLAT) for pin in pins()
    ]
    row = option_row(
        is_call=is_call,
        forward=LOT_QUANTUMS["BTC"],
        strike=strike_usd * 1_000,
        volatility_e9=VOLATILITY_E9,
        term_ms=DAYS[family] * DAY_MS,
        moves=moves,
        shocks=VolatilityShocks(),
    )
    mark = row.base // 500 * 500
    losses, count = [mark - value for value in row.values], len(terms.scenarios)
    lean = OptionLean(
        strike_usd * 10**8,
        mark,
        row.linear_skew - row.base,
        row.absolute_skew - row.base,
        row.stressed_vega,
        LOT_QUANTUMS["BTC"],
        row.vega,
        5_000,
    )
    return linear_line(family)._replace(
        instrument=f"{family}-{strike_usd}-{'C' if is_call else 'P'}",
        mark_value_quantums=mark,
        index_value_quantums=mark,
        losses_quantums=tuple(losses[:count]),
        pin_losses_quantums=tuple(losses[count:]),
        moving_quantums=row.delta,
        exit_fee_ppm=3_000,
        is_option=True,
        lean=lean,
    )


@cache
def all_lines() -> tuple[Line, ...]:
    """Return every line, by instrument."""
    options = [
        option_line(family, strike, is_call=is_call)
        for family in DAYS
        for strike in STRIKES_USD
        for is_call in (True, False)
    ]
    found = [*map(linear_line, ("BTC", "ETH", *DAYS)), *options]
    return tuple(sorted(found, key=lambda line: line.instrument))


Book = dict[str, int]
"""Lots by instrument; `collateral` is bitcoin, in lots of a dollar."""


def book_of(dice: random.Random, legs: int, *, of: str = "") -> Book:
    """Return so many random legs, of all instruments or those whose names begin so."""
    names = [line.instrument for line in all_lines() if line.instrument.startswith(of)]
    book = {dice.choice(names): dice.randrange(-2_000, 2_001) for _ in range(legs)}
    if dice.random() < 0.2:
        book["collateral"] = dice.randrange(100_000)
    return book


def both(one: Book, two: Book) -> Book:
    """Return two books in one account."""
    return {name: one.get(name, 0) + two.get(name, 0) for name in sorted({*one, *two})}


def portfolio(book: Book, resting: dict[str, Resting] | None = None) -> Portfolio:
    """Return an account with a book, entered at the marks."""
    resting = resting or {}
    holdings = []
    for line in all_lines():
        name = line.instrument
        if name not in book and name not in resting:
            continue
        size = book.get(name, 0)
        entry = 0 if line.is_option else size * line.mark_value_quantums
        holdings.append(Holding(line, size, entry, 0, 0, resting.get(name, NOTHING_RESTING)))
    backed = book.get("collateral", 0) * USD
    backing = (Backing("BTC", terms_of("BTC"), backed, backed, 100_000),) if backed else ()
    uncertainty = dict.fromkeys(("BTC", "ETH", *DAYS), NORMAL)
    return Portfolio(0, tuple(holdings), backing, uncertainty, PAR_E8, None)


def stands(book: Book, resting: dict[str, Resting] | None = None) -> Health:
    """Return how an account with a book stands under portfolio."""
    return health(portfolio(book, resting), PORTFOLIO)


def risk(book: Book) -> int:
    """Return R of a book."""
    return stands(book).risk_quantums


def times(book: Book, count: int) -> Book:
    """Return a book so many times."""
    return {name: count * lots for name, lots in book.items()}


def filled(book: Book, fills: Sequence[tuple[str, int]]) -> Book:
    """Return a book after these fills."""
    for name, lots in fills:
        book = both(book, {name: lots})
    return book
