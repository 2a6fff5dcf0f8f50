"""Random groups for both kernels, from one seed: sizes and rows small, large and at the edge."""

import random
from array import array
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from derivatives.margin.kernel.twin import losses_of, worst_of

WHOLE = 1_000_000
SAFE = 2**62
TAILS = (181_818, 363_636, 240_000, 24_000, 1, 999_999)
BITS = ((8, 20), (20, 40), (33, 33), (1, 61), (40, 30), (31, 31))


class Program(NamedTuple):
    """What one call of the kernel reads."""

    width: int
    offsets: list[int]
    places: list[int]
    sizes: list[int]
    rows: list[list[int]]
    weights: list[int]


def signed(dice: random.Random, bits: int) -> int:
    value = dice.choice((dice.getrandbits(bits), 2**bits - 1, dice.getrandbits(max(1, bits // 2))))
    return value if dice.random() < 0.5 else -value


def program(dice: random.Random, groups: int) -> Program:
    """Return so many groups over some rows, with and without weights, of every kind."""
    width = dice.choice((8, 16, 24, 32, 64))
    size_bits, row_bits = dice.choice(BITS)
    count = dice.randrange(1, 12)
    used = dice.randrange(1, width + 1)
    weighing = dice.random() < 0.6
    weights = [dice.choice((WHOLE, WHOLE, *TAILS)) if weighing else WHOLE for _ in range(used)]
    rows = [
        [signed(dice, row_bits) for _ in range(used)] + [0] * (width - used) for _ in range(count)
    ]
    held = [dice.randrange(0, 8) for _ in range(groups)]
    offsets = [sum(held[:index]) for index in range(groups + 1)]
    places = [dice.randrange(count) for _ in range(offsets[-1])]
    sizes = [signed(dice, size_bits) for _ in range(offsets[-1])]
    return Program(width, offsets, places, sizes, rows, weights + [0] * (width - used))


def run(scan: Callable[..., int], one: Program) -> tuple[list[int], list[int], list[int]]:
    """Return worst, declined and losses as a kernel answers."""
    groups = len(one.offsets) - 1
    worst = array("q", bytes(8 * groups))
    losses = array("q", bytes(8 * groups * one.width))
    declined = bytearray(groups)
    refused = scan(*inputs_of(one), worst, declined, losses)
    assert refused == sum(declined)
    return worst.tolist(), list(declined), losses.tolist()


def inputs_of(one: Program, order: Sequence[int] | None = None) -> tuple["array[int]", ...]:
    """Return what a kernel is told of the groups, in this order if one is given."""
    groups = range(len(one.offsets) - 1) if order is None else order
    return (
        array("i", [one.offsets[index] for index in groups]),
        array("i", [one.offsets[index + 1] for index in groups]),
        array("i", one.places),
        array("q", one.sizes),
        array("q", [value for row in one.rows for value in row]),
        array("q", bounds_of(one)),
        array("q", one.weights),
    )


def bounds_of(one: Program) -> list[int]:
    return [2 + max(map(abs, row)) for row in one.rows]


def expected(one: Program) -> tuple[list[int], list[int], list[int]]:
    """Return what the twin says, and what a kernel of 62 bits declines."""
    worst, declined, losses = [], [], []
    bounds = bounds_of(one)
    for first, last in zip(one.offsets, one.offsets[1:], strict=False):
        places, sizes = one.places[first:last], one.sizes[first:last]
        total = sum(abs(s) * bounds[p] for s, p in zip(sizes, places, strict=True))
        declined.append(int(total >= SAFE))
        found = losses_of(sizes, [one.rows[p] for p in places], one.weights)
        worst.append(0 if total >= SAFE else worst_of(found))
        losses.extend([0] * one.width if total >= SAFE else found)
    return worst, declined, losses


def differences(scan: Callable[..., Any], seed: int, vectors: int) -> int:
    """Return in how many of so many groups a kernel and the twin differ."""
    dice = random.Random(seed)
    wrong = done = 0
    while done < vectors:
        one = program(dice, 50)
        found, right = run(scan, one), expected(one)
        if found != right:
            wrong += 1
        done += 50
    return wrong
