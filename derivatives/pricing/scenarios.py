"""What one option is worth in every scenario of margin, and its sensitivities.

    scenario forward   max(1, floor(F (10^6 + move) / 10^6))
    volatility up      max(floor of the family, volatility x (1 + up x m))
    volatility down    volatility x max(0, 1 - down x m)       m = (30 d / max(term, 1 d))^p
    ended              no time is left: what it pays there

A stored value is the low end of a bracket less than two wide, so that margin knows what to add
for a short.  Forward and strike are in quantums for one lot: values are then money.

Source: docs/specs/pricing.md, PRIC-034 to PRIC-039.
"""

from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from chain.kit import PPM, divide_down, divide_half_even, divide_up
from derivatives.pricing.black import DAY_MS
from derivatives.pricing.kernel.batch import Options, call_prices, greeks_of_calls
from derivatives.pricing.logarithm import ln_ratio_q62
from derivatives.pricing.power import power_q62
from derivatives.pricing.q62 import BITS_Q62, HALF_Q62, ONE_Q62
from derivatives.pricing.volatility import VOLATILITY_E9_MAX, root_years_q62

FLAT, UP, DOWN, ENDED = 0, 1, 2, 3
MONTH_MS = 30 * DAY_MS
ONE_E9 = 10**9

SKEW_CAP_PPM = 250_000
SKEW_CAP_FALL_PPM = 100_000
SKEW_WIDTH_PPM = 2_400_000
SKEW_WIDTH_MIN_PPM = 10_000


class Move(NamedTuple):
    """A scenario: how far the forward moves, and which way volatility does, or that time is up."""

    forward_ppm: int
    volatility: int


class VolatilityShocks(NamedTuple):
    """How far volatility moves for a month, how that falls with the term, and its floor."""

    up_ppm: int = 450_000
    down_ppm: int = 280_000
    short_power_ppm: int = 300_000
    long_power_ppm: int = 130_000
    floor_e9: int = 450_000_000


class OptionRow(NamedTuple):
    """One lot of one option, in quantums.

    `delta` and `vega` are what it gains when the forward, or its volatility, grows by all of
    itself, `stressed_vega` when volatility grows by its shock up, the floor aside;
    `linear_skew` and `absolute_skew` are its values under the two skew shocks.
    """

    values: tuple[int, ...]
    base: int
    linear_skew: int
    absolute_skew: int
    delta: int
    vega: int
    stressed_vega: int


@lru_cache(maxsize=256)
def multiple_q62(term_ms: int, short_power_ppm: int, long_power_ppm: int) -> int:
    """Return how much more than that of a month a term's volatility moves, in 2^-62.

    Options of one date share it, so it is kept.

    >>> multiple_q62(MONTH_MS, 300_000, 130_000) == ONE_Q62
    True
    """
    power_ppm = short_power_ppm if term_ms < MONTH_MS else long_power_ppm
    return power_q62(MONTH_MS, max(term_ms, DAY_MS), power_ppm)


def shocked_volatilities_e9(
    volatility_e9: int, term_ms: int, shocks: VolatilityShocks
) -> tuple[int, int]:
    """Return volatility after its shock up and down, at most 10,000 %.

    Rounds: up for up, down for down: away from where it is.

    >>> shocked_volatilities_e9(600_000_000, 30 * 86_400_000, VolatilityShocks())
    (870000000, 432000000)
    """
    multiple = multiple_q62(term_ms, shocks.short_power_ppm, shocks.long_power_ppm)
    up = PPM * ONE_Q62 + shocks.up_ppm * multiple
    down = max(0, PPM * ONE_Q62 - shocks.down_ppm * multiple)
    risen_e9 = divide_up(volatility_e9 * up, PPM << BITS_Q62)
    fallen_e9 = divide_down(volatility_e9 * down, PPM << BITS_Q62)
    return min(VOLATILITY_E9_MAX, max(shocks.floor_e9, risen_e9)), fallen_e9


def skewed_volatilities_e9(
    forward: int, strike: int, volatility_e9: int, term_ms: int
) -> tuple[int, int]:
    """Return volatility after the linear and the absolute skew shock.

        volatility x (1 + clip(cap x k / k*, -cap, cap)),  k = ln(K/F), or its size
        cap = max(0, 25 % - 10 % sqrt(term))     k* = max(1 %, 2.4 sqrt(term)), term in years

    Rounds: to nearest, ties to even.

    >>> skewed_volatilities_e9(100_000, 1, 10**9, 365 * 86_400_000)
    (850000000, 1150000000)
    """
    root_q62 = root_years_q62(term_ms)
    cap_ppm = max(0, SKEW_CAP_PPM - (SKEW_CAP_FALL_PPM * root_q62 + HALF_Q62 >> BITS_Q62))
    width_ppm = max(SKEW_WIDTH_MIN_PPM, SKEW_WIDTH_PPM * root_q62 >> BITS_Q62)
    moneyness_q62 = ln_ratio_q62(strike, forward)
    lean_ppm = divide_half_even(cap_ppm * moneyness_q62 * PPM, width_ppm << BITS_Q62)
    lean_ppm = max(-cap_ppm, min(cap_ppm, lean_ppm))
    linear_e9, absolute_e9 = (
        divide_half_even(volatility_e9 * (PPM + shift_ppm), PPM)
        for shift_ppm in (lean_ppm, abs(lean_ppm))
    )
    return min(VOLATILITY_E9_MAX, linear_e9), min(VOLATILITY_E9_MAX, absolute_e9)


def option_row(
    *,
    is_call: bool,
    forward: int,
    strike: int,
    volatility_e9: int,
    term_ms: int,
    moves: Sequence[Move],
    shocks: VolatilityShocks,
) -> OptionRow:
    """Return what one lot of an option is worth in every scenario, and how it leans.

    Rounds: values down, the true ones lying less than 2 above; delta and vega to nearest.
    """
    up_e9, down_e9 = shocked_volatilities_e9(volatility_e9, term_ms, shocks)
    kinds = (volatility_e9, up_e9, down_e9, volatility_e9)
    linear_e9, absolute_e9 = skewed_volatilities_e9(forward, strike, volatility_e9, term_ms)
    shocked = [max(1, divide_down(forward * (PPM + one.forward_ppm), PPM)) for one in moves]
    forwards = array("q", (*shocked, forward, forward, forward))
    sigmas = array("q", (*(kinds[one.volatility] for one in moves), volatility_e9))
    sigmas.extend((linear_e9, absolute_e9))
    terms = array("q", [0 if one.volatility == ENDED else term_ms for one in moves])
    terms.extend((term_ms,) * 3)
    options = Options(forwards, array("q", [strike]) * len(forwards), sigmas, terms)
    low = call_prices(options).low
    *values, base, linear, absolute = (
        value if is_call else value + strike - at for value, at in zip(low, forwards, strict=True)
    )
    once = (array("q", (number,)) for number in (forward, strike, volatility_e9, term_ms))
    (greeks,) = greeks_of_calls(Options(*once))
    delta_q62 = greeks.delta_q62 if is_call else greeks.delta_q62 - ONE_Q62
    vega = divide_half_even(greeks.vega_ticks * volatility_e9, ONE_E9)
    multiple = multiple_q62(term_ms, shocks.short_power_ppm, shocks.long_power_ppm)
    return OptionRow(
        values=tuple(values),
        base=base,
        linear_skew=linear,
        absolute_skew=absolute,
        delta=forward * delta_q62 + HALF_Q62 >> BITS_Q62,
        vega=vega,
        stressed_vega=divide_half_even(vega * shocks.up_ppm * multiple, PPM << BITS_Q62),
    )
