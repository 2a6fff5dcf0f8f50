"""One price and one confidence from what a quorum of reporters say, robust to a third of liars.

    p0         = lower median of admitted prices, ordered by (price, authority)
    confidence = max(p0 - L, U - p0, lower median of admitted confidences)

L and U are the lowest and highest price after (n-1)//3 reports were removed from each
end, n the whole set.  With at most (n-1)//3 liars, p0 lies between two honest prices
whichever quorum a leader picked, and so do L and U.

Source: docs/specs/oracle.md, ORAC-010 to ORAC-014.
"""

from collections.abc import Sequence
from typing import NamedTuple

PRICE_E8_MAX = 2**62 - 1
CONFIDENCE_MIN_BP = 1
CONFIDENCE_MAX_BP = 200
BASIS_POINTS = 10_000
PPM = 1_000_000


class Quote(NamedTuple):
    """What one authority said about one feed in this section."""

    authority_index: int
    price_e8: int
    confidence_e8: int
    source_count: int


class Aggregate(NamedTuple):
    """What the quorum says about one feed."""

    price_e8: int
    confidence_e8: int
    admitted: tuple[int, ...]


def is_admitted(quote: Quote, source_count_min: int) -> bool:
    """Return whether a quote may count: a sane price, a confidence of 1 to 200 bp, enough sources.

    Ratios are compared by cross-multiplying, so nothing is rounded.
    """
    return (
        1 <= quote.price_e8 <= PRICE_E8_MAX
        and quote.source_count >= source_count_min
        and quote.confidence_e8 * BASIS_POINTS >= CONFIDENCE_MIN_BP * quote.price_e8
        and quote.confidence_e8 * BASIS_POINTS <= CONFIDENCE_MAX_BP * quote.price_e8
    )


def lower_median(values: Sequence[int]) -> int:
    """Return the middle of an ascending sequence; of two middles, the lower.

    >>> lower_median([1, 2, 3, 4])
    2
    """
    middle, _ = divmod(len(values) - 1, 2)
    return values[middle]


def aggregate(
    quotes: Sequence[Quote], authorities_count: int, quorum_count: int, source_count_min: int
) -> Aggregate | None:
    """Return the aggregate of a feed, or nothing where fewer than a quorum may count.

    >>> aggregate([Quote(i, 100_000 + i, 50, 1) for i in range(4)], 4, 3, 1)
    Aggregate(price_e8=100001, confidence_e8=50, admitted=(0, 1, 2, 3))
    """
    admitted = sorted(
        (quote for quote in quotes if is_admitted(quote, source_count_min)),
        key=lambda quote: (quote.price_e8, quote.authority_index),
    )
    if len(admitted) < quorum_count:
        return None
    liars_max, _ = divmod(authorities_count - 1, 3)
    prices = [quote.price_e8 for quote in admitted]
    price_e8 = lower_median(prices)
    spread_e8 = max(price_e8 - prices[liars_max], prices[-1 - liars_max] - price_e8)
    confidence_e8 = lower_median(sorted(quote.confidence_e8 for quote in admitted))
    return Aggregate(
        price_e8,
        max(spread_e8, confidence_e8),
        tuple(sorted(quote.authority_index for quote in admitted)),
    )


def is_jump(price_e8: int, last_e8: int, sigma_1s_ppm: int, elapsed_ms: int) -> bool:
    """Return whether a price lies further from the last than 1 % and than six sigmas.

        |p0 - P| > max(1 %, 6 x sigma_1s x sqrt(dt_s)) x P

    The square root is avoided by comparing squares; nothing is rounded.

    >>> is_jump(1_010_001, 1_000_000, 90, 500), is_jump(1_010_000, 1_000_000, 90, 500)
    (True, False)
    """
    distance = abs(price_e8 - last_e8)
    if distance * 100 <= last_e8:
        return False
    scaled = distance * 1_000_000
    return scaled * scaled * 1_000 > (6 * sigma_1s_ppm * last_e8) ** 2 * elapsed_ms
