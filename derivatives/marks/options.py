"""What an option is worth: Black-76 on its forward and the volatility at its strike.

No book moves it, so its mark is its index: `margin` and solvency see one value.  Inside the
window part of the mean is fixed: the option is one on the part that is still to come.

Source: docs/specs/options.md, OPTI-010 to OPTI-014; docs/specs/pricing.md, PRIC-031 to PRIC-033.
"""

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
from derivatives.oracle.surfaces import volatility_at_e9
from derivatives.pricing.black import call_price, put_price
from derivatives.pricing.settling import (
    WINDOW_MS,
    settling_call_price,
    settling_put_price,
    term_of_mean_ms,
)

PARTS = 64


class Window(NamedTuple):
    """How much of the mean is still to come, as time of a whole window, and what is fixed.

    Time that did not count is left out: what counted and what is left share the window.
    """

    left_ms: int
    summed_e8_ms: int


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
