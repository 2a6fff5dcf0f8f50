"""How much of a portfolio's worst loss the scenarios see: seeded books against a dense grid.

    ratio = worst loss over scenarios and pins / worst loss over 161 prices x 21 volatilities

Both within the scan range and between the shocks of volatility.  Rows, pins and sums are
those of margin.  `python -m tests.studies.coverage 400` takes so many books of a kind.
"""

import math
import random
import sys
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from derivatives.genesis_development import PORTFOLIO_RANGE_PPM, scenarios_of
from derivatives.margin.charges.pins import Dated, pins_of
from derivatives.margin.kernel.twin import losses_of, worst_of
from derivatives.margin.rows import losses_of_lot
from derivatives.margin.state import Scenario
from derivatives.pricing.black import DAY_MS
from derivatives.pricing.kernel.batch import Options, call_prices
from derivatives.pricing.scenarios import (
    ENDED,
    FLAT,
    Move,
    VolatilityShocks,
    option_row,
    shocked_volatilities_e9,
)

PPM = 1_000_000
LOT_QUANTUMS = 100_000_000
RANGE_PPM = PORTFOLIO_RANGE_PPM["BTC"]
SCENARIOS = tuple(Scenario(**row) for row in scenarios_of("portfolio", "BTC-26MAR27"))
DAYS = (1, 2, 3, 5, 7, 14, 30, 60, 90, 180)
SOON = tuple(days for days in DAYS if days <= 7)
LEAST_QUANTUMS = LOT_QUANTUMS // 5_000
"""A book whose worst loss is less than 0.02 % of a lot says nothing."""
PRICES, VOLATILITIES = 161, 21


class Leg(NamedTuple):
    """Lots of an option; of the future itself where no strike is given."""

    size: int
    days: int = 0
    strike_ppm: int = 0
    is_call: bool = False


@cache
def strikes_ppm(days: int) -> tuple[int, ...]:
    """Return the listed strikes of a date, in ppm of the forward."""
    if days <= 8:
        return tuple(range(840_000, 1_160_001, 10_000))
    if days <= 45:
        return tuple(range(700_000, 1_400_001, 25_000))
    return tuple(range(500_000, 2_000_001, 100_000))


@cache
def volatility_e9(days: int, strike_ppm: int) -> int:
    """Return a smile: 55 % at the forward, more in the wings and for puts."""
    away, root = math.log(strike_ppm / PPM), math.sqrt(days / 365)
    curve = 0.05 * away * away / max(root, 0.15) - 0.05 * away / math.sqrt(max(root, 0.15))
    return round((0.55 + curve) * 10**9)


class Rows(NamedTuple):
    """What one lot loses: in the scenarios, at every pin, and in the dense grid."""

    scenarios: tuple[int, ...]
    pins: dict[tuple[str, int], int]
    dense: "np.ndarray[tuple[int], np.dtype[np.float64]]"


@cache
def _places() -> tuple[tuple[int, ...], tuple[int, ...]]:
    half = PRICES // 2
    shocks = tuple(RANGE_PPM * (place - half) // half for place in range(PRICES))
    return shocks, tuple(range(-(VOLATILITIES // 2), VOLATILITIES // 2 + 1))


@cache
def all_pins() -> tuple[tuple[str, int], ...]:
    """Return the pins that all dates together have, as in initial margin."""
    pins = pins_of([_dated(days) for days in SOON])
    return tuple((pin.family, pin.shock_ppm(RANGE_PPM)) for pin in pins)


def _dated(days: int) -> Dated:
    return Dated(str(days), LOT_QUANTUMS, days * DAY_MS, RANGE_PPM, strikes_quantums(days))


def strikes_quantums(days: int) -> tuple[int, ...]:
    """Return the listed strikes of a date, for one lot."""
    return tuple(LOT_QUANTUMS * strike // PPM for strike in strikes_ppm(days))


@cache
def rows_of(leg: Leg) -> Rows:
    """Return what one lot of a leg loses; its size does not matter."""
    shocks, ways = _places()
    pins = all_pins()
    if not leg.strike_ppm:
        moves = [Scenario(shock, PPM, 0) for shock in (*(pin[1] for pin in pins), *shocks)]
        losses = losses_of_lot(LOT_QUANTUMS, tuple(moves))
        dense = np.repeat(np.array(losses[len(pins) :], float), len(ways))
        scanned = losses_of_lot(LOT_QUANTUMS, SCENARIOS)
        return Rows(scanned, dict(zip(pins, losses, strict=False)), dense)
    strike = LOT_QUANTUMS * leg.strike_ppm // PPM
    sigma, term_ms = volatility_e9(leg.days, leg.strike_ppm), leg.days * DAY_MS
    moves = [Move(one.shock_ppm, one.volatility) for one in SCENARIOS]
    moves += [Move(shock, ENDED if name == str(leg.days) else FLAT) for name, shock in pins]
    row = option_row(
        is_call=leg.is_call,
        forward=LOT_QUANTUMS,
        strike=strike,
        volatility_e9=sigma,
        term_ms=term_ms,
        moves=moves,
        shocks=VolatilityShocks(),
    )
    losses = tuple(row.base - value for value in row.values)
    up, down = shocked_volatilities_e9(sigma, term_ms, VolatilityShocks())
    sigmas = [sigma + (up - sigma if way > 0 else sigma - down) * way // ways[-1] for way in ways]
    forwards = array("q", [max(1, LOT_QUANTUMS * (PPM + x) // PPM) for x in shocks for _ in ways])
    count = len(forwards)
    columns = (array("q", [strike]) * count, array("q", sigmas * len(shocks)))
    values = np.array(
        call_prices(Options(forwards, *columns, array("q", [term_ms]) * count)).low, float
    )
    if not leg.is_call:
        values += strike - np.array(forwards, float)
    known = len(SCENARIOS)
    return Rows(
        losses[:known], dict(zip(pins, losses[known:], strict=True)), float(row.base) - values
    )


def ratio(book: Sequence[Leg]) -> float | None:
    """Return the share of the worst loss that is seen, at most 1; None of a book without one."""
    rows = [rows_of(leg._replace(size=1)) for leg in book]
    sizes = [leg.size for leg in book]
    dense = float(sum(leg.size * row.dense for leg, row in zip(book, rows, strict=True)).max())  # type: ignore[union-attr]
    if dense < LEAST_QUANTUMS:
        return None
    weights = [one.weight_ppm for one in SCENARIOS]
    seen = worst_of(losses_of(sizes, [row.scenarios for row in rows], weights))
    for pin in all_pins():
        loss = sum(leg.size * row.pins[pin] for leg, row in zip(book, rows, strict=True))
        seen = max(seen, loss)
    return min(1.0, seen / dense)


def _option(dice: random.Random, days: int) -> Leg:
    strike = dice.choice([at for at in strikes_ppm(days) if abs(at - PPM) < 350_000])
    return Leg(dice.choice((-3, -2, -1, 1, 2, 3)), days, strike, dice.random() < 0.5)


def mixed(dice: random.Random, days: Sequence[int] = DAYS) -> list[Leg]:
    """Return two to eight options of any date and strike, half the time with futures."""
    book = [_option(dice, dice.choice(days)) for _ in range(dice.randrange(2, 9))]
    return [*book, Leg(dice.choice((-2, -1, 1, 2)))] if dice.random() < 0.5 else book


def short_dated(dice: random.Random) -> list[Leg]:
    """Return the same of dates within a week."""
    return mixed(dice, SOON)


def fly(dice: random.Random) -> list[Leg]:
    """Return a butterfly around a strike within the range, of any date, bought or sold."""
    days = dice.choice(DAYS[:-1])
    listed = strikes_ppm(days)
    inner = range(2, len(listed) - 2)
    middle = dice.choice([at for at in inner if abs(listed[at] - PPM) <= RANGE_PPM])
    width, sign, is_call = dice.choice((1, 2)), dice.choice((-1, 1)), dice.random() < 0.5
    parts = ((-width, 1), (0, -2), (width, 1))
    return [Leg(lots * sign, days, listed[middle + at], is_call) for at, lots in parts]


def calendar(dice: random.Random) -> list[Leg]:
    """Return a strike of two dates, one sold for the other."""
    near, far = sorted(dice.sample(DAYS, 2))
    strike = dice.choice([at for at in strikes_ppm(near) if at in strikes_ppm(far)])
    sign, is_call = dice.choice((-1, 1)), dice.random() < 0.5
    return [Leg(-sign, near, strike, is_call), Leg(sign, far, strike, is_call)]


def skewed(dice: random.Random) -> list[Leg]:
    """Return a put sold for one to three calls, or the other way, some with a future against."""
    days = dice.choice(DAYS)
    low = dice.choice([at for at in strikes_ppm(days) if 750_000 < at < PPM])
    high = dice.choice([at for at in strikes_ppm(days) if PPM < at < 1_300_000])
    sign = dice.choice((-1, 1))
    book = [Leg(-sign, days, low), Leg(sign * dice.choice((1, 1, 2, 3)), days, high, is_call=True)]
    return [*book, Leg(-sign)] if dice.random() < 0.4 else book


KINDS: dict[str, tuple[Callable[[random.Random], list[Leg]], float]] = {
    "mixed": (mixed, 0.99),
    "short-dated": (short_dated, 0.99),
    "flies": (fly, 0.99),
    "calendars": (calendar, 0.985),
    "skewed": (skewed, 0.99),
}
"""Each kind of book, and what its fifth percentile is at least."""


def ratios(kind: str, count: int, seed: int) -> list[float]:
    """Return the ratios of so many books of a kind, ascending."""
    dice = random.Random(f"{kind} {seed}")
    found: list[float] = []
    while len(found) < count:
        one = ratio(KINDS[kind][0](dice))
        if one is not None:
            found.append(one)
    return sorted(found)


def main() -> None:
    """Print percentiles of every kind."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print(f"{count} books a kind; share of the dense grid's worst loss that is seen")
    for kind, (_, least) in KINDS.items():
        found = ratios(kind, count, seed=1)
        shares = [found[count * percent // 100] for percent in (1, 5, 10)]
        print(f"{kind:12}  p1 {shares[0]:.3f}  p5 {shares[1]:.3f} ({least})  p10 {shares[2]:.3f}")


if __name__ == "__main__":
    main()
