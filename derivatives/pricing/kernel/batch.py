"""Price many options at once: in C where it is built, by the twin where not.

Options are columns, so that nothing is packed twice; what follows one another with one
term shares a square root.

Source: docs/specs/pricing.md, PRIC-020 to PRIC-024.
"""

from array import array
from typing import NamedTuple

from derivatives.pricing.black import Greeks, Price, call_greeks, call_price
from derivatives.pricing.implied import implied_volatility_e9
from derivatives.pricing.kernel import level


class Options(NamedTuple):
    """Calls, a column each: ticks, ticks, 10^-9 a year, milliseconds; all int64."""

    forwards: "array[int]"
    strikes: "array[int]"
    volatilities: "array[int]"
    terms: "array[int]"


class Prices(NamedTuple):
    """What calls are worth in ticks, a column each."""

    low: "array[int]"
    near: "array[int]"
    high: "array[int]"


def _column(count: int) -> "array[int]":
    return array("q", bytes(8 * count))


def call_prices(options: Options) -> Prices:
    """Return what every call is worth. Rounds: as `call_price` does."""
    count = len(options.forwards)
    found = Prices(_column(count), _column(count), _column(count))
    if level.kernel is not None:
        level.kernel.prices(*options, *found)
        return found
    for place, option in enumerate(zip(*options, strict=True)):
        price = Price(*call_price(*option))
        for column, ticks in zip(found, price, strict=True):
            column[place] = ticks
    return found


def greeks_of_calls(options: Options) -> list[Greeks]:
    """Return how every call moves. Rounds: as `call_greeks` does."""
    if level.kernel is None:
        return [call_greeks(*option) for option in zip(*options, strict=True)]
    count = len(options.forwards)
    columns = [_column(count) for _ in Greeks._fields]
    declined = bytearray(count)
    level.kernel.greeks(*options, *columns, declined)
    found = [Greeks(*numbers) for numbers in zip(*columns, strict=True)]
    for place, asked in enumerate(declined):
        if asked:
            found[place] = call_greeks(*(column[place] for column in options))
    return found


def implied_volatilities(
    forwards: "array[int]", strikes: "array[int]", calls: "array[int]", terms: "array[int]"
) -> list[int | None]:
    """Return the volatility that every call's price in ticks stands for, None for none."""
    if level.kernel is None:
        whole = zip(forwards, strikes, calls, terms, strict=True)
        return [implied_volatility_e9(*option) for option in whole]
    found = _column(len(forwards))
    level.kernel.implied(forwards, strikes, calls, terms, found)
    return [None if volatility < 0 else volatility for volatility in found]
