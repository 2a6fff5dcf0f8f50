"""What one lot of an option is worth in every scenario and at every pin, and its sensitivities.

Revalued whole: the forward moves by the scenario's shock and volatility up or down with it.
Time is that of the forward's price, so that a row follows from records alone.  Inside the
window only the part that is still to come moves.  At a pin of its own date it is worth what it
pays there.

Source: docs/specs/options.md, OPTI-020 to OPTI-025.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chain.kit import PPM, View, divide_down
from derivatives.ids import FeedId, InstrumentId
from derivatives.instruments.settling import E8_MS_TO_E18
from derivatives.instruments.state import (
    EXPIRIES,
    KIND_CALL,
    SETTLEMENTS,
    Instrument,
)
from derivatives.instruments.terms import index_value_quantums, quote_decimals_of, strike_of
from derivatives.marks.options import volatility_of
from derivatives.oracle.state import SURFACES, FeedPrice
from derivatives.pricing.scenarios import Move, VolatilityShocks, option_row
from derivatives.pricing.settling import term_of_mean_ms


class OptionLean(NamedTuple):
    """How one lot of an option leans, in quantums.

    `value_quantums` is its mark; skews are what it gains when the smile leans so, and
    `stressed_quantums` what the shock of volatility gains; `forward_quantums` is what a lot of
    its underlying is worth on the date.  `vega_quantums` is for volatility grown by all of
    itself, of which `dispersion_ppm` is in doubt.
    """

    strike_e8: int
    value_quantums: int
    linear_skew_quantums: int
    absolute_skew_quantums: int
    stressed_quantums: int
    forward_quantums: int
    vega_quantums: int
    dispersion_ppm: int


class Revalued(NamedTuple):
    """One lot of an option: its value after every move, its delta, and how else it leans."""

    values_quantums: tuple[int, ...]
    delta_quantums: int
    lean: OptionLean


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
    moves: Sequence[Move],
) -> Revalued:
    """Return what a lot is worth after every move. Rounds: down, by less than 2."""
    expiry = view.get(EXPIRIES, instrument_id)
    assert expiry is not None, f"{instrument_id} is an option without a date"
    volatility_e9 = volatility_of(view, instrument_id, instrument, expiry.expiry_ms)
    assert volatility_e9 is not None, f"{instrument_id} is marked and has no volatility"
    is_call = instrument.kind == KIND_CALL
    parts = parts_of(view, instrument_id, instrument, price, expiry.expiry_ms)
    strike_e8 = strike_of(view, instrument_id) * instrument.tick_size_e8
    if parts.strike_quantums <= 0 or parts.forward_quantums <= 0:
        return _certain(strike_e8, is_call, parts, moves)
    row = option_row(
        is_call=is_call,
        forward=parts.forward_quantums,
        strike=parts.strike_quantums,
        volatility_e9=volatility_e9,
        term_ms=parts.term_ms,
        moves=moves,
        shocks=VolatilityShocks(),
    )
    lean = OptionLean(
        strike_e8=strike_e8,
        value_quantums=row.base,
        linear_skew_quantums=row.linear_skew - row.base,
        absolute_skew_quantums=row.absolute_skew - row.base,
        stressed_quantums=row.stressed_vega,
        forward_quantums=parts.forward_quantums,
        vega_quantums=row.vega,
        dispersion_ppm=dispersion_ppm(view, instrument.underlying, expiry.expiry_ms),
    )
    return Revalued(row.values, row.delta, lean)


def dispersion_ppm(view: View, underlying: FeedId, expiry_ms: int) -> int:
    """Return how far volatilities of a date may lie from the truth: wholly, where none is told."""
    surface = view.get(SURFACES, underlying)
    smiles = () if surface is None else surface.smiles
    found = [one.dispersion_ppm for one in smiles if one.expiry_ms == expiry_ms]
    return found[0] if found else PPM


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


def _certain(strike_e8: int, is_call: bool, parts: Parts, moves: Sequence[Move]) -> Revalued:
    """Return what a lot is worth whose end is certain: in the money for good, or out of it."""
    forward = max(0, parts.forward_quantums)
    lean = OptionLean(strike_e8, 0, 0, 0, 0, forward, 0, 0)
    if is_call and parts.strike_quantums <= 0:
        values = tuple(
            divide_down(forward * (PPM + one.forward_ppm), PPM) - parts.strike_quantums
            for one in moves
        )
        return Revalued(values, forward, lean)
    paid = 0 if is_call else max(0, parts.strike_quantums - parts.forward_quantums)
    return Revalued((paid,) * len(moves), 0, lean)
