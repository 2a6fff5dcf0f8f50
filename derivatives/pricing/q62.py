"""Fractions as whole numbers of 2^-62, and the one root that is taken of them.

Source: docs/specs/pricing.md, PRIC-001.
"""

from chain.kit import divide_down

BITS_Q62 = 62
ONE_Q62 = 1 << BITS_Q62
HALF_Q62 = ONE_Q62 >> 1


def square_root_down(square: int) -> int:
    """Return the square root of a whole number. Rounds: down, exactly.

    Newton's steps from above fall until they have arrived.

    >>> square_root_down(99), square_root_down(100)
    (9, 10)
    """
    assert square >= 0
    if square == 0:
        return 0
    closer = 1 << (square.bit_length() + 1 >> 1)
    root = closer + 1
    while closer < root:
        root = closer
        closer = root + divide_down(square, root) >> 1
    return root
