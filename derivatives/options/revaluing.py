"""What one lot of an option loses in every scenario, and its delta.

Revalued whole: the forward moves by the scenario's shock and volatility up or down with it.
Time is that of the forward's price, so that a row follows from records alone.  Inside the
window only the part that is still to come moves.

Source: docs/specs/options.md, OPTI-020 to OPTI-025.
"""

from typing import NamedTuple

from chain.kit import PPM, View, divide_down
from derivatives.ids import InstrumentId
from derivatives.instruments.settling import E8_MS_TO_E18
from derivatives.instruments.state import (
    EXPIRIES,
    KIND_CALL,
    SETTLEMENTS,
    Instrument,
)
from derivatives.instruments.terms import index_value_quantums, quote_decimals_of, strike_of
from derivatives.margin.state import Scenario
from derivatives.marks.options import volatility_of
from derivatives.oracle.state import FeedPrice
from derivatives.pricing.scenarios import Move, VolatilityShocks, option_row
from derivatives.pricing.settling import term_of_mean_ms


class Revalued(NamedTuple):
    """One lot of an option: its value in every scenario, and what it gains with its forward."""

    values_quantums: tuple[int, ...]
    delta_quantums: int


class Parts(NamedTuple):
    """A lot's forward and strike in quantums, less what is fixed, and the time left."""

    forward_quantums: int
    strike_quantums: int
    term_ms: int


def revalued(
    view: View,
    instrument_id: InstrumentId,
    instrument: Instrument,
    price: FeedPrice,
    scenarios: tuple[Scenario, ...],
) -> Revalued:
    """Return what a lot is worth in every scenario. Rounds: down, by less than 2."""
    expiry = view.get(EXPIRIES, instrument_id)
    assert expiry is not None, f"{instrument_id} is an option without a date"
    volatility_e9 = volatility_of(view, instrument_id, instrument, expiry.expiry_ms)
    assert volatility_e9 is not None, f"{instrument_id} is marked and has no volatility"
    is_call = instrument.kind == KIND_CALL
    parts = parts_of(view, instrument_id, instrument, price, expiry.expiry_ms)
    if parts.strike_quantums <= 0 or parts.forward_quantums <= 0:
        return _certain(is_call, parts, scenarios)
    row = option_row(
        is_call=is_call,
        forward=parts.forward_quantums,
        strike=parts.strike_quantums,
        volatility_e9=volatility_e9,
        term_ms=parts.term_ms,
        moves=[Move(one.shock_ppm, one.volatility) for one in scenarios],
        shocks=VolatilityShocks(),
    )
    return Revalued(row.values, row.delta)


def parts_of(
    view: View,
    instrument_id: InstrumentId,
    instrument: Instrument,
    price: FeedPrice,
    expiry_ms: int,
) -> Parts:
    """Return a lot's forward, strike and term, less what of its mean is fixed. Rounds: down."""
    decimals = quote_decimals_of(view, instrument)
    forward = index_value_quantums(price.price_e8, instrument, decimals)
    strike = strike_of(view, instrument_id) * instrument.tick_value_quantums
    settlement = view.get(SETTLEMENTS, instrument_id)
    if settlement is None:
        return Parts(forward, strike, term_of_mean_ms(max(0, expiry_ms - price.updated_ms)))
    left_ms = settlement.left_ms
    whole_ms = max(1, settlement.counted_ms + left_ms)
    summed_e8 = divide_down(settlement.price_seconds_e18, whole_ms * E8_MS_TO_E18)
    return Parts(
        divide_down(forward * left_ms, whole_ms),
        strike - index_value_quantums(summed_e8, instrument, decimals),
        divide_down(left_ms, 3),
    )


def _certain(is_call: bool, parts: Parts, scenarios: tuple[Scenario, ...]) -> Revalued:
    """Return what a lot is worth whose end is certain: in the money for good, or out of it."""
    if is_call and parts.strike_quantums <= 0:
        forward = parts.forward_quantums
        values = tuple(
            divide_down(forward * (PPM + one.shock_ppm), PPM) - parts.strike_quantums
            for one in scenarios
        )
        return Revalued(values, forward)
    paid = 0 if is_call else max(0, parts.strike_quantums - parts.forward_quantums)
    return Revalued((paid,) * len(scenarios), 0)
