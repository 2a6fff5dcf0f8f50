"""The worst loss of one group of positions over a grid of scenarios: what is right.

    loss[s]  = sum of size x row[s]  +  2 x sum of |size|
    loss'[s] = ceil(weight_ppm[s] x loss[s] / 10^6), at least 0 where weight_ppm[s] < 10^6
    worst    = max(0, max over s of loss'[s])

A row holds what one lot loses in every scenario, its base value less its scenario value.
The 2 a lot is the bracket: a stored value v stands for a true one in [v, v + 2).

Source: docs/specs/margin.md, MARG-010 to MARG-013.
"""

from collections.abc import Sequence

from chain.kit import PPM, multiply_ppm_up

BRACKET_QUANTUMS = 2


def losses_of(
    sizes: Sequence[int], rows: Sequence[Sequence[int]], weights_ppm: Sequence[int]
) -> list[int]:
    """Return the weighted loss of these positions in every scenario, in quantums.

    Rounds: up.

    >>> losses_of([3], [(100, -100)], (1_000_000, 500_000))
    [306, 0]
    """
    bracket_quantums = BRACKET_QUANTUMS * sum(map(abs, sizes))
    losses = [bracket_quantums] * len(weights_ppm)
    for size, row in zip(sizes, rows, strict=True):
        losses = [loss + size * value for loss, value in zip(losses, row, strict=True)]
    return [
        loss if weight_ppm == PPM else max(0, multiply_ppm_up(loss, weight_ppm))
        for loss, weight_ppm in zip(losses, weights_ppm, strict=True)
    ]


def worst_of(losses: Sequence[int]) -> int:
    """Return the largest loss, at least 0: a requirement is never a credit."""
    return max(0, *losses)
