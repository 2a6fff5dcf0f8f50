"""The mark: a price that neither a thin book nor a single trade can move far.

    A = I x (1 + average of mid/I - 1 over 150 s)
    B = median(bid, ask, last)
    mark = median(A, B, I), A and B clamped to I +- mark_clamp_ppm, to the nearest tick

I stands in for an external mid, where none is reported.  A book without the impact
notional on both sides says nothing: A = B = I, and the average forgets.

Source: docs/specs/marks.md, MARK-010 to MARK-018.
"""

from typing import NamedTuple

from chain.kit import divide_toward_zero, multiply_ppm_down
from derivatives.oracle.averages import decayed

BASIS_MEMORY_MS = 150_000
E9 = 10**9


class Quotes(NamedTuple):
    """The best aged prices of a book that carries the impact notional on both sides."""

    bid_e8: int
    ask_e8: int


def median(first: int, second: int, third: int) -> int:
    """Return the middle of three.

    >>> median(3, 1, 2)
    2
    """
    return max(min(first, second), min(max(first, second), third))


def basis_e9(quotes: Quotes | None, index_e8: int) -> int:
    """Return how far the middle of a book stands from the index; 0 without one.

    Rounds: towards zero.
    """
    if quotes is None:
        return 0
    return divide_toward_zero((quotes.bid_e8 + quotes.ask_e8 - 2 * index_e8) * E9, 2 * index_e8)


def basis_average_e9(average_e9: int, quotes: Quotes | None, index_e8: int, elapsed_ms: int) -> int:
    """Return the average basis after it saw a book for a time. Rounds: down."""
    return decayed(average_e9, basis_e9(quotes, index_e8), elapsed_ms, BASIS_MEMORY_MS)


def mark_price_e8(
    index_e8: int,
    basis_average: int,
    quotes: Quotes | None,
    last_e8: int,
    clamp_ppm: int,
) -> int:
    """Return the mark as a price of the underlying; `last_e8` zero where nothing traded yet.

    Rounds: A towards the index, the clamp inwards.
    """
    if quotes is None:
        return index_e8
    reach = multiply_ppm_down(index_e8, clamp_ppm)
    low, high = index_e8 - reach, index_e8 + reach
    averaged = index_e8 + divide_toward_zero(index_e8 * basis_average, E9)
    booked = median(quotes.bid_e8, quotes.ask_e8, last_e8 or index_e8)
    return median(min(high, max(low, averaged)), min(high, max(low, booked)), index_e8)
