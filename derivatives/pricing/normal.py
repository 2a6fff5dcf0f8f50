"""The normal distribution and its density, by one polynomial for both.

Source: docs/specs/pricing.md, PRIC-004; Hermite's polynomials are the density's derivatives.
"""

from derivatives.pricing.q62 import BITS_Q62, HALF_Q62, ONE_Q62
from derivatives.pricing.tables import DENSITIES_Q62, NORMAL_MAX, TAILS_Q64

_NODE_BITS = 57
"""A 32nd in 2^-62."""


def normal_q62(x_q62: int) -> tuple[int, int]:
    """Return N(x) and the density at x, both in 2^-62.

    Nine terms of Taylor's series about the nearest 32nd.  From 9 on N is 1 and the density 0.
    N(x) + N(-x) is 1 exactly.

    Rounds: off by less than 0.7 x 2^-62, the density by less than 2 x 2^-62.

    >>> normal_q62(0)[0] == 2**61
    True
    """
    distance = abs(x_q62)
    if distance >= NORMAL_MAX << BITS_Q62:
        return (0 if x_q62 < 0 else ONE_Q62), 0
    node = distance + (1 << _NODE_BITS - 1) >> _NODE_BITS
    h = distance - (node << _NODE_BITS)
    row = DENSITIES_Q62[node]
    mean = density = 0
    for n in range(len(row) - 1, -1, -1):
        mean = row[n] + (mean * h >> BITS_Q62)
        density = (n + 1) * row[n] + (density * h >> BITS_Q62)
    tail = max(0, (TAILS_Q64[node] << 60) - mean * h + HALF_Q62 >> BITS_Q62)
    return (tail if x_q62 < 0 else ONE_Q62 - tail), max(0, density)
