"""How far reporters disagree about volatility, and what that costs in margin.

Source: docs/specs/surface.md, SURF-023 to SURF-025.
"""

from collections.abc import Sequence

from chain.kit import PPM, divide_up, multiply_ppm_up
from derivatives.pricing.surface.choice import SIDE_NODES, Chosen
from derivatives.pricing.surface.svi import total_volatility_q56

NEAR_NODES = SIDE_NODES >> 1
"""2.5 total volatilities: beyond them an option has less than a 20th of the vega at the forward."""


def _spread_ppm(w_q56s: Sequence[int], middle_q56: int, liars_max: int) -> int:
    ordered = sorted(w_q56s)
    least, most = ordered[liars_max], ordered[-1 - liars_max]
    middle = total_volatility_q56(middle_q56)
    apart = max(middle - total_volatility_q56(least), total_volatility_q56(most) + 1 - middle, 0)
    return divide_up(apart * PPM, middle)


def dispersions_ppm(chosen: Chosen, liars_max: int) -> tuple[int, ...]:
    """Return for each expiry how far volatilities lie from their median, relative to it.

    The largest over the nodes within 2.5 total volatilities, after `liars_max` reporters were
    removed from each end: what honest ones disagree about, at the most.

    Rounds: up.
    """
    near = slice(SIDE_NODES - NEAR_NODES, SIDE_NODES + NEAR_NODES + 1)
    return tuple(
        max(
            _spread_ppm(column, middle_q56, liars_max)
            for middle_q56, *column in zip(
                chosen.median[expiry][near],
                *(each.variances[expiry][near] for each in chosen.admitted),
                strict=True,
            )
        )
        for expiry in range(len(chosen.median))
    )


def dispersion_margin_quantums(
    vegas_quantums: Sequence[int], dispersions_ppm: Sequence[int]
) -> int:
    """Return what an account's volatility may be off by, in quantums.

        sum over expiries of ceil(|vega| x dispersion)

    A vega here is what the account gains when every volatility of the expiry grows by all of
    itself; expiries do not offset each other, since reporters may err in each alone.

    Rounds: up.

    >>> dispersion_margin_quantums([1_000_000, -500_000], [2_000, 1_001])
    2501
    """
    return sum(
        multiply_ppm_up(abs(vega_quantums), spread_ppm)
        for vega_quantums, spread_ppm in zip(vegas_quantums, dispersions_ppm, strict=True)
    )
