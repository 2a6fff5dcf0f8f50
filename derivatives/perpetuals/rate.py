"""The funding rate of an hour, from the premiums of the hour before; and how an index moves.

    mean     = trunc(sum of the 2,880 middle ones of 3,600 slots / 2,880)
    rate_8h  = clamp(mean + clamp(interest - mean, +- band), +- limit / 2)
    movement = trunc(rate_8h x index value of a lot x elapsed_ms x 10^9 / 28,800,000)

A second without a sample is a slot with zero.

Source: docs/specs/perpetuals.md, PERP-010 to PERP-024.
"""

from collections.abc import Sequence

from chain.kit import divide_down, divide_toward_zero
from derivatives.perpetuals.state import FundingTerms

HOUR_MS = 3_600_000
SLOTS_AN_HOUR = 3_600
TRIMMED_SLOTS = 360
KEPT_SLOTS = SLOTS_AN_HOUR - 2 * TRIMMED_SLOTS
RATE_PERIOD_MS = 28_800_000
E9 = 10**9
PPM_TO_E9 = 1_000


def clamped(value: int, bound: int) -> int:
    """Return the value, or the end of -bound..bound that it lies beyond.

    >>> clamped(-7, 5)
    -5
    """
    return max(-bound, min(bound, value))


def mean_premium_e9(premiums_e9: Sequence[int]) -> int:
    """Return the trimmed mean of an hour's premiums, empty seconds counting as zero.

    Rounds: towards zero.

    >>> mean_premium_e9([1_000] * 3_600), mean_premium_e9([10**9] * 360)
    (1000, 0)
    """
    assert len(premiums_e9) <= SLOTS_AN_HOUR
    slots = sorted([*premiums_e9, *[0] * (SLOTS_AN_HOUR - len(premiums_e9))])
    return divide_toward_zero(sum(slots[TRIMMED_SLOTS:-TRIMMED_SLOTS]), KEPT_SLOTS)


def rate_8h_e9(mean_e9: int, terms: FundingTerms) -> int:
    """Return the rate of eight hours that a mean premium makes. Rounds: its limit down."""
    interest = clamped(terms.interest_8h_e9 - mean_e9, terms.interest_band_8h_e9)
    return clamped(mean_e9 + interest, divide_down(terms.premium_limit_ppm * PPM_TO_E9, 2))


def movement_e18(rate_e9: int, index_value_quantums: int, elapsed_ms: int) -> int:
    """Return how far a funding index moves in a time. Rounds: towards zero.

    >>> movement_e18(100_000, 64_000_000, 28_800_000)
    6400000000000000000000
    """
    return divide_toward_zero(rate_e9 * index_value_quantums * elapsed_ms * E9, RATE_PERIOD_MS)


def premium_e9(
    bid_value_quantums: int | None,
    ask_value_quantums: int | None,
    index_value_quantums: int,
    limit_ppm: int,
) -> int:
    """Return how far a book stands from its index, each side at its price for a real amount.

        trunc((max(0, bid - I) - max(0, I - ask)) x 10^9 / I), clipped to the limit

    A side that is None counts zero.  Rounds: towards zero.

    >>> premium_e9(1_010, 1_020, 1_000, 32_000), premium_e9(None, 999, 1_000, 32_000)
    (10000000, -1000000)
    """
    over = 0 if bid_value_quantums is None else max(0, bid_value_quantums - index_value_quantums)
    under = 0 if ask_value_quantums is None else max(0, index_value_quantums - ask_value_quantums)
    found = divide_toward_zero((over - under) * E9, index_value_quantums)
    return clamped(found, limit_ppm * PPM_TO_E9)
