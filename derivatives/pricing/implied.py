"""Implied volatility: the one that a price stands for.

Source: docs/specs/pricing.md, PRIC-014.
"""

from derivatives.pricing.black import call_price
from derivatives.pricing.volatility import VOLATILITY_E9_MAX


def implied_volatility_e9(
    forward_ticks: int, strike_ticks: int, call_ticks: int, term_ms: int
) -> int | None:
    """Return the least volatility whose call price, to the nearest tick, reaches a price.

    By bisection: the price at the answer is at least `call_ticks`, and at a 10^-9 less it is
    not.  A put's price is that of the call + strike - forward.

    None where no volatility does: below max(0, forward - strike) there is no price, and at the
    forward none but that of a volatility beyond 10,000 %.

    >>> implied_volatility_e9(6_400_000, 7_000_000, 219_956, 30 * 86_400_000)
    599999832
    """
    if call_ticks < max(0, forward_ticks - strike_ticks):
        return None

    def reaches(volatility_e9: int) -> bool:
        price = call_price(forward_ticks, strike_ticks, volatility_e9, term_ms)
        return price.near_ticks >= call_ticks

    if reaches(0):
        return 0
    below_e9, reached_e9 = 0, VOLATILITY_E9_MAX
    if not reaches(reached_e9):
        return None
    while reached_e9 - below_e9 > 1:
        middle_e9 = below_e9 + reached_e9 >> 1
        if reaches(middle_e9):
            reached_e9 = middle_e9
        else:
            below_e9 = middle_e9
    return reached_e9
