"""Mark an option: Black-76 on its forward and the volatility at its strike.

No book moves it, so its mark is its index: `margin` and solvency see one value.  Inside the
window part of the mean is fixed: the option is one on the part that is still to come.

Source: docs/specs/options.md, OPTI-010 to OPTI-014; docs/specs/pricing.md, PRIC-031 to PRIC-033.
"""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from chain.kit import View, divide_down
from derivatives.ids import InstrumentId
from derivatives.instruments.settling import E8_MS_TO_E18
from derivatives.instruments.state import (
    EXPIRIES,
    KIND_CALL,
    SETTLEMENTS,
    Instrument,
)
from derivatives.instruments.terms import strike_of
from derivatives.oracle.state import SURFACES, VolatilitySurface
from derivatives.oracle.surfaces import volatility_at_e9
from derivatives.pricing.black import call_price, put_price
from derivatives.pricing.kernel.batch import Options, call_prices
from derivatives.pricing.settling import (
    WINDOW_MS,
    settling_call_price,
    settling_put_price,
    term_of_mean_ms,
)

PARTS = 64
MEMO_MAX = 8_192


class Window(NamedTuple):
    """How much of the mean is still to come, as time of a whole window, and what is fixed.

    Time that did not count is left out: what counted and what is left share the window.
    """

    left_ms: int
    summed_e8_ms: int


class Asked(NamedTuple):
    """An option, its terms, and the price of its forward."""

    instrument_id: InstrumentId
    instrument: Instrument
    forward_e8: int


def option_ticks(
    view: View, instrument_id: InstrumentId, instrument: Instrument, forward_e8: int, time_ms: int
) -> int | None:
    """Return an option's price in ticks, None where nobody has told its volatility.

    Rounds: down, to the tick.
    """
    expiry = view.get(EXPIRIES, instrument_id)
    assert expiry is not None, f"{instrument_id} is an option without a date"
    strike_e8 = strike_of(view, instrument_id) * instrument.tick_size_e8
    volatility_e9 = volatility_of(view, instrument_id, instrument, expiry.expiry_ms)
    if volatility_e9 is None:
        return None
    is_call = instrument.kind == KIND_CALL
    window = window_of(view, instrument_id)
    if window is None:
        term_ms = term_of_mean_ms(expiry.expiry_ms - time_ms)
        price = (call_price if is_call else put_price)(
            forward_e8, strike_e8, volatility_e9, term_ms
        )
        return divide_down(max(0, price.near_ticks), instrument.tick_size_e8)
    # Times the window prices would not fit: 64ths of a tick do.
    forward, summed = (
        divide_down(number * PARTS, instrument.tick_size_e8)
        for number in (forward_e8, window.summed_e8_ms)
    )
    strike = strike_of(view, instrument_id) * PARTS
    price = (settling_call_price if is_call else settling_put_price)(
        forward, strike, summed, volatility_e9, window.left_ms
    )
    return divide_down(max(0, price.near_ticks), PARTS)


def ticks_of_options(
    view: View, asked: Sequence[Asked], time_ms: int
) -> dict[InstrumentId, int | None]:
    """Return what many options are worth: of each what `option_ticks` says, in one pass.

    Before their windows all are priced at once; inside, one by one.
    """
    found: dict[InstrumentId, int | None] = {}
    columns = Options(*(array("q") for _ in range(4)))
    priced: list[Asked] = []
    for one in asked:
        expiry = view.get(EXPIRIES, one.instrument_id)
        assert expiry is not None, f"{one.instrument_id} is an option without a date"
        if window_of(view, one.instrument_id) is not None:
            found[one.instrument_id] = option_ticks(view, *one, time_ms)
            continue
        volatility_e9 = known_volatility(view, one, expiry.expiry_ms)
        if volatility_e9 is None:
            found[one.instrument_id] = None
            continue
        strike_e8 = strike_of(view, one.instrument_id) * one.instrument.tick_size_e8
        term_ms = term_of_mean_ms(expiry.expiry_ms - time_ms)
        numbers = (one.forward_e8, strike_e8, volatility_e9, term_ms)
        for column, number in zip(columns, numbers, strict=True):
            column.append(number)
        priced.append(one)
    for place, (one, near) in enumerate(zip(priced, call_prices(columns).near, strict=True)):
        is_call = one.instrument.kind == KIND_CALL
        ahead = 0 if is_call else columns.forwards[place] - columns.strikes[place]
        found[one.instrument_id] = divide_down(max(0, near - ahead), one.instrument.tick_size_e8)
    return found


_VOLATILITIES: dict[InstrumentId, tuple[VolatilitySurface, int | None]] = {}


def known_volatility(view: View, one: Asked, expiry_ms: int) -> int | None:
    """Return what `volatility_of` says, looked up while the surface is the same record.

    Strike and date of an instrument never change; what is kept is no state.
    """
    surface = view.get(SURFACES, one.instrument.underlying)
    if surface is None:
        return None
    known = _VOLATILITIES.get(one.instrument_id)
    if known is not None and known[0] is surface:
        return known[1]
    found = volatility_of(view, one.instrument_id, one.instrument, expiry_ms)
    if len(_VOLATILITIES) >= MEMO_MAX:
        _VOLATILITIES.clear()
    _VOLATILITIES[one.instrument_id] = surface, found
    return found


def volatility_of(
    view: View, instrument_id: InstrumentId, instrument: Instrument, expiry_ms: int
) -> int | None:
    """Return the volatility a year at an option's strike in 10^-9, None where nobody told one.

    Rounds: down.
    """
    strike_e8 = strike_of(view, instrument_id) * instrument.tick_size_e8
    return volatility_at_e9(view, instrument.underlying, expiry_ms, strike_e8)


def window_of(view: View, instrument_id: InstrumentId) -> Window | None:
    """Return what is fixed of an option's settlement price, None before its window.

    Rounds: both down.
    """
    settlement = view.get(SETTLEMENTS, instrument_id)
    if settlement is None:
        return None
    left_ms, whole_ms = settlement.left_ms, settlement.counted_ms + settlement.left_ms
    if whole_ms == 0:
        return Window(0, 0)
    return Window(
        divide_down(left_ms * WINDOW_MS, whole_ms),
        divide_down(settlement.price_seconds_e18 * WINDOW_MS, whole_ms * E8_MS_TO_E18),
    )
