"""Black-76 without discounting: price, its bracket, and how it moves.

Only the side that is out of the money is computed; the other follows by parity, so that
call - put = forward - strike to the tick, whatever was rounded.

d1 and d2 carry the same error, and F density(d1) = K density(d2): it cancels, so that the
division of a logarithm by a tiny total volatility does no harm.

Source: docs/specs/pricing.md, PRIC-006 to PRIC-013.
"""

from typing import NamedTuple

from chain.kit import divide_down
from derivatives.pricing.logarithm import ln_ratio_q62
from derivatives.pricing.normal import normal_q62
from derivatives.pricing.q62 import BITS_Q62, HALF_Q62, ONE_Q62
from derivatives.pricing.volatility import root_years_q62, total_volatility_q62

DAY_MS = 86_400_000
ERROR_ULPS = 3
"""Of (forward + strike) x 2^-62: more than every rounding on the way together."""

_RATIO_MAX = 32
"""From here on d1 and d2 lie beyond 9 on the same side."""


class Price(NamedTuple):
    """What an option is worth to the nearest tick, and what its true price lies between.

    `low` is never above the true price and `high` never below it: one tick apart, seldom two,
    up to 2^58 ticks.
    """

    low_ticks: int
    near_ticks: int
    high_ticks: int


class Greeks(NamedTuple):
    """How a call moves; a put moves alike, but for its delta, which is one less.

    `gamma_e9` is forward x gamma: what delta changes by while the forward moves by all of
    itself.  Vega is for volatility + 1.00, theta for a day.
    """

    delta_q62: int
    gamma_e9: int
    vega_ticks: int
    theta_ticks: int


def _distances(forward_ticks: int, strike_ticks: int, total_q62: int) -> tuple[int, int]:
    """Return d1 and d2, exactly the total volatility apart, in 2^-62."""
    moneyness_q62 = ln_ratio_q62(strike_ticks, forward_ticks)
    size_q62 = abs(moneyness_q62)
    if size_q62 >= _RATIO_MAX * total_q62:
        ratio_q62 = _RATIO_MAX << BITS_Q62
    else:
        shift = max(0, total_q62.bit_length() - 63)
        ratio_q62 = divide_down(size_q62 >> shift << 58, total_q62 >> shift) << 4
    d1_q62 = (total_q62 >> 1) - (ratio_q62 if moneyness_q62 >= 0 else -ratio_q62)
    return d1_q62, d1_q62 - total_q62


def _out_of_the_money(forward_ticks: int, strike_ticks: int, total_q62: int) -> int:
    """Return the value of the call (strike >= forward) or the put, in 2^-62 ticks."""
    d1_q62, d2_q62 = _distances(forward_ticks, strike_ticks, total_q62)
    if strike_ticks >= forward_ticks:
        value = forward_ticks * normal_q62(d1_q62)[0] - strike_ticks * normal_q62(d2_q62)[0]
    else:
        value = strike_ticks * normal_q62(-d2_q62)[0] - forward_ticks * normal_q62(-d1_q62)[0]
    return min(max(0, value), min(forward_ticks, strike_ticks) << BITS_Q62)


def call_price(forward_ticks: int, strike_ticks: int, volatility_e9: int, term_ms: int) -> Price:
    """Return what a call is worth now, undiscounted.

    Without volatility or time: max(0, forward - strike).

    Rounds: as `Price` says; the error before rounding is below 10^-18 of max(forward, strike).

    >>> call_price(64_000_00, 70_000_00, 600_000_000, 30 * 86_400_000).near_ticks
    219956
    """
    intrinsic_ticks = max(0, forward_ticks - strike_ticks)
    total_q62 = total_volatility_q62(volatility_e9, term_ms)
    if total_q62 == 0:
        return Price(intrinsic_ticks, intrinsic_ticks, intrinsic_ticks)
    value = _out_of_the_money(forward_ticks, strike_ticks, total_q62)
    error = ERROR_ULPS * (forward_ticks + strike_ticks)
    most_ticks = min(forward_ticks, strike_ticks)
    return Price(
        intrinsic_ticks + (max(0, value - error) >> BITS_Q62),
        intrinsic_ticks + (value + HALF_Q62 >> BITS_Q62),
        intrinsic_ticks + min(most_ticks, -(-(value + error) >> BITS_Q62)),
    )


def put_price(forward_ticks: int, strike_ticks: int, volatility_e9: int, term_ms: int) -> Price:
    """Return what a put is worth now, undiscounted: the call + strike - forward, exactly.

    Rounds: as `call_price` does.
    """
    call = call_price(forward_ticks, strike_ticks, volatility_e9, term_ms)
    return Price(*(ticks + strike_ticks - forward_ticks for ticks in call))


def call_greeks(forward_ticks: int, strike_ticks: int, volatility_e9: int, term_ms: int) -> Greeks:
    """Return how a call's price moves.

        delta = N(d1)                       forward x gamma = density(d1) / s
        vega  = forward x density x sqrt(T)  theta = -forward x density x s / 2T

    Without volatility or time a call moves with the forward if it is above the strike,
    and not at all otherwise.

    Rounds: delta down; the others to nearest.

    >>> call_greeks(100_000, 100_000, 10**9, 365 * 86_400_000)[1:]
    (352065327, 35207, -48)
    """
    total_q62 = total_volatility_q62(volatility_e9, term_ms)
    if total_q62 == 0:
        return Greeks(ONE_Q62 if forward_ticks > strike_ticks else 0, 0, 0, 0)
    d1_q62, _ = _distances(forward_ticks, strike_ticks, total_q62)
    delta_q62, density_q62 = normal_q62(d1_q62)
    slope_q62 = density_q62 * root_years_q62(term_ms) >> BITS_Q62
    spread_q62 = density_q62 * total_q62 >> BITS_Q62
    decay_q62 = divide_down(spread_q62 * DAY_MS, 2 * term_ms)
    return Greeks(
        delta_q62,
        divide_down(density_q62 * 10**9 + (total_q62 >> 1), total_q62),
        forward_ticks * slope_q62 + HALF_Q62 >> BITS_Q62,
        -(forward_ticks * decay_q62 + HALF_Q62 >> BITS_Q62),
    )
