"""The Greeks of an option: of one lot, and of everything an account holds by date.

    delta   quantums gained when the forward grows by all of itself
    gamma   what delta grows by then
    vega    quantums gained when volatility grows by 1.00 a year
    theta   quantums gained in a day

Inside its window an option is told as one on the part of the mean that is still to come.

Source: docs/specs/options.md, OPTI-030 to OPTI-033; docs/specs/pricing.md, PRIC-010 on.
"""

from typing import NamedTuple

from chain.kit import View, divide_half_even
from derivatives.ids import AccountId, InstrumentId
from derivatives.instruments.state import (
    EXPIRIES,
    INSTRUMENTS,
    KIND_CALL,
)
from derivatives.instruments.terms import feed_of, is_option
from derivatives.marks.options import volatility_of
from derivatives.options.revaluing import parts_of
from derivatives.oracle.state import PRICES
from derivatives.positions.state import HOLDINGS, POSITIONS
from derivatives.pricing.black import call_greeks
from derivatives.pricing.q62 import BITS_Q62, HALF_Q62, ONE_Q62

E9 = 10**9


class Lean(NamedTuple):
    """The greeks of something, in quantums; volatility only of a single option, in 10^-9."""

    volatility_e9: int
    delta_quantums: int
    gamma_quantums: int
    vega_quantums: int
    theta_quantums: int


NOTHING = Lean(0, 0, 0, 0, 0)


def lean_of(view: View, instrument_id: InstrumentId) -> Lean | None:
    """Return the greeks of one lot of an option, None where it has no price.

    Rounds: to the nearest quantum.
    """
    instrument = view.get(INSTRUMENTS, instrument_id)
    expiry = view.get(EXPIRIES, instrument_id)
    if instrument is None or expiry is None or not is_option(instrument):
        return None
    price = view.get(PRICES, feed_of(view, instrument_id, instrument))
    volatility_e9 = volatility_of(view, instrument_id, instrument, expiry.expiry_ms)
    if price is None or volatility_e9 is None:
        return None
    parts = parts_of(view, instrument_id, instrument, price, expiry.expiry_ms)
    is_call = instrument.kind == KIND_CALL
    forward, strike = parts.forward_quantums, parts.strike_quantums
    if forward <= 0 or strike <= 0:
        return Lean(volatility_e9, forward if is_call and strike <= 0 else 0, 0, 0, 0)
    found = call_greeks(forward, strike, volatility_e9, parts.term_ms)
    delta_q62 = found.delta_q62 if is_call else found.delta_q62 - ONE_Q62
    return Lean(
        volatility_e9,
        forward * delta_q62 + HALF_Q62 >> BITS_Q62,
        divide_half_even(forward * found.gamma_e9, E9),
        found.vega_ticks,
        found.theta_ticks,
    )


def lean_by_expiry(view: View, account: AccountId) -> dict[int, Lean]:
    """Return the greeks of an account's options, summed by date, ascending."""
    held = view.get(HOLDINGS, account)
    found: dict[int, Lean] = {}
    for instrument_id in () if held is None else held.instruments:
        lot, expiry = lean_of(view, instrument_id), view.get(EXPIRIES, instrument_id)
        position = view.get(POSITIONS, (account, instrument_id))
        if lot is None or expiry is None or position is None:
            continue
        size, before = position.size_lots, found.get(expiry.expiry_ms, NOTHING)
        found[expiry.expiry_ms] = Lean(
            0,
            before.delta_quantums + size * lot.delta_quantums,
            before.gamma_quantums + size * lot.gamma_quantums,
            before.vega_quantums + size * lot.vega_quantums,
            before.theta_quantums + size * lot.theta_quantums,
        )
    return {expiry_ms: found[expiry_ms] for expiry_ms in sorted(found)}
