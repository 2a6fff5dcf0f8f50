"""Scan many groups at once: in C what fits 62 bits, in Python what does not.

A *grid* is the rows and weights that groups are scanned over, packed once and scanned
often; it is a value, made anew when a price moves and never part of state.

Source: docs/specs/margin.md, MARG-014 to MARG-016.
"""

from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from derivatives.margin.kernel.level import kernel
from derivatives.margin.kernel.twin import BRACKET_QUANTUMS, losses_of, worst_of

LANES = 8
WIDTH_MAX = 64
BOUND_QUANTUMS_MAX = 2**62


class Grid(NamedTuple):
    """Rows of one lot's losses with the weight of each scenario, and the same packed for C.

    `packed` is None where a row does not fit 62 bits, or no kernel is built.
    """

    rows: tuple[tuple[int, ...], ...]
    weights_ppm: tuple[int, ...]
    packed: "tuple[array[int], array[int], array[int]] | None"


class Group(NamedTuple):
    """What one account holds of one grid: the places of its rows, and signed sizes."""

    places: Sequence[int]
    sizes: Sequence[int]


def grid_of(rows: Sequence[tuple[int, ...]], weights_ppm: tuple[int, ...]) -> Grid:
    """Return rows and weights as a grid, padded with scenarios that lose nothing."""
    bounds = [BRACKET_QUANTUMS + max(map(abs, row)) for row in rows]
    plain = Grid(tuple(rows), weights_ppm, None)
    if kernel is None or any(bound >= BOUND_QUANTUMS_MAX for bound in bounds):
        return plain
    padding = (0,) * (-len(weights_ppm) % LANES)
    assert len(weights_ppm) + len(padding) <= WIDTH_MAX
    packed_rows = array("q")
    for row in rows:
        packed_rows.extend(row + padding)
    weights = array("q", weights_ppm + padding)
    return plain._replace(packed=(packed_rows, array("q", bounds), weights))


def worst_losses(grid: Grid, groups: Sequence[Group]) -> list[int]:
    """Return the worst loss of every group, in quantums and at least 0. Rounds: up."""
    if kernel is None or grid.packed is None:
        return [_by_twin(grid, group) for group in groups]
    rows, bounds, weights = grid.packed
    try:
        sizes = array("q", [size for group in groups for size in group.sizes])
    except OverflowError:
        return [_by_twin(grid, group) for group in groups]
    places = array("i", [place for group in groups for place in group.places])
    offsets = array("i", accumulate((len(group.sizes) for group in groups), initial=0))
    starts, ends = memoryview(offsets)[:-1], memoryview(offsets)[1:]
    worst = array("q", bytes(8 * len(groups)))
    declined = bytearray(len(groups))
    if kernel.scan(starts, ends, places, sizes, rows, bounds, weights, worst, declined, None):
        return [
            _by_twin(grid, group) if declined[index] else worst[index]
            for index, group in enumerate(groups)
        ]
    return worst.tolist()


def _by_twin(grid: Grid, group: Group) -> int:
    rows = [grid.rows[place] for place in group.places]
    return worst_of(losses_of(group.sizes, rows, grid.weights_ppm))
