"""An option while its settlement price is being made: an average, of which part is known.

The settlement price is the mean of the index over a window W.  With r of it left, and what the
index already summed up to divided by W as `fixed`, an option on the mean is one on what is left:

    F' = F r / W      K' = K - fixed      s = volatility x sqrt(r / 3)

and before the window, W being half an hour, s = volatility x sqrt(term - 2/3 W): the variance of
a mean is a third of that of its end.

Source: docs/specs/pricing.md, PRIC-031 to PRIC-033.
"""

from chain.kit import divide_down, divide_half_even, divide_up
from derivatives.pricing.black import Price, call_price

WINDOW_MS = 1_800_000


def term_of_mean_ms(term_ms: int) -> int:
    """Return the time that volatility works on, with so much left until the window's end.

        before the window   term - 2/3 window       within it   term / 3

    Rounds: down.

    >>> [term_of_mean_ms(term_ms) for term_ms in (86_400_000, 1_800_000, 900, 0)]
    [85200000, 600000, 300, 0]
    """
    if term_ms >= WINDOW_MS:
        return term_ms - 2 * divide_down(WINDOW_MS, 3)
    return divide_down(term_ms, 3)


def settling_call_price(
    forward_ticks: int, strike_ticks: int, summed_ticks_ms: int, volatility_e9: int, left_ms: int
) -> Price:
    """Return what a call on the mean is worth within the window.

    `summed_ticks_ms` is the index times how long it held, over what has passed.  Nothing is
    rounded before the end: prices are taken times the window, for which they stay below
    5 x 10^12 ticks.  A strike that is already passed makes a forward of the call, F' - K'.

    Rounds: as `Price` says.

    >>> settling_call_price(6_400_000, 6_400_000, 6_500_000 * 900_000, 10**9, 900_000).near_ticks
    50000
    """
    call, _ = _times_window(forward_ticks, strike_ticks, summed_ticks_ms, volatility_e9, left_ms)
    return _over_window(call)


def settling_put_price(
    forward_ticks: int, strike_ticks: int, summed_ticks_ms: int, volatility_e9: int, left_ms: int
) -> Price:
    """Return what a put on the mean is worth within the window: the call - (F' - K').

    Rounds: as `Price` says.
    """
    call, ahead = _times_window(
        forward_ticks, strike_ticks, summed_ticks_ms, volatility_e9, left_ms
    )
    return _over_window(Price(*(ticks - ahead for ticks in call)))


def _times_window(
    forward_ticks: int, strike_ticks: int, summed_ticks_ms: int, volatility_e9: int, left_ms: int
) -> tuple[Price, int]:
    """Return a call's price and F' - K', all of them times the window and so exact."""
    assert 0 <= left_ms <= WINDOW_MS
    forward = forward_ticks * left_ms
    strike = strike_ticks * WINDOW_MS - summed_ticks_ms
    if strike > 0 and forward > 0:
        term_ms = term_of_mean_ms(left_ms)
        return call_price(forward, strike, volatility_e9, term_ms), forward - strike
    certain = max(0, forward - strike)
    return Price(certain, certain, certain), forward - strike


def _over_window(price: Price) -> Price:
    return Price(
        divide_down(price.low_ticks, WINDOW_MS),
        divide_half_even(price.near_ticks, WINDOW_MS),
        divide_up(price.high_ticks, WINDOW_MS),
    )
