"""The admissible surface that is nearest to the median of all of them, taken whole.

A median of slices need not be free of arbitrage, and neither need a median of parameters; so the
median is only what reporters are measured by.  The distance is the largest relative error over all
nodes of all expiries: a sum of errors could be steered in the wings by a third of liars.

Source: docs/specs/surface.md, SURF-015 to SURF-022.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chain.kit import divide_down, divide_up
from derivatives.pricing.q62 import BITS_Q62
from derivatives.pricing.surface.admission import (
    FAULT_FORM,
    Surface,
    SurfaceReport,
    anchored,
    fault_of,
    is_formed,
)
from derivatives.pricing.surface.calendar import K_Q56_MAX
from derivatives.pricing.surface.svi import (
    ONE_Q56,
    total_variance_q56,
    total_volatility_q56,
)

SIDE_NODES = 32
WIDTH_TOTAL_VOLATILITIES = 5
FAR_NODE_Q56 = 5 * ONE_Q56 >> 1

Nodes = tuple[tuple[int, ...], ...]
"""One number for each node of each expiry: log-moneyness or total variance, in 2^-56."""


class Admitted(NamedTuple):
    """A reporter's surface that passed, with its total variance at every node."""

    reporter_index: int
    surface: Surface
    variances: Nodes


class Chosen(NamedTuple):
    """The surface of a round: whose it is, how far from the median, and who was refused why."""

    reporter_index: int
    surface: Surface
    distance_q62: int
    nodes: Nodes
    median: Nodes
    admitted: tuple[Admitted, ...]
    refused: tuple[tuple[int, str], ...]


def lower_median(values: Sequence[int]) -> int:
    """Return the middle value; of two middles, the lower.

    >>> lower_median([4, 1, 3, 2])
    2
    """
    return sorted(values)[len(values) - 1 >> 1]


def nodes_of(surfaces: Sequence[Surface]) -> Nodes:
    """Return log-moneyness of the nodes of every expiry, the same for all reporters.

    65 of them, evenly up to 5 total volatilities on both sides, of the reporters' lower median at
    the forward and at most 4; and 2.5 on both sides.
    """
    found = []
    for column in zip(*(surface.slices for surface in surfaces), strict=True):
        middle_q56 = lower_median([total_volatility_q56(total_variance_q56(s, 0)) for s in column])
        width_q56 = min(K_Q56_MAX, WIDTH_TOTAL_VOLATILITIES * middle_q56)
        steps = range(-SIDE_NODES, SIDE_NODES + 1)
        evenly = tuple(divide_down(width_q56 * step, SIDE_NODES) for step in steps)
        found.append((*evenly, -FAR_NODE_Q56, FAR_NODE_Q56))
    return tuple(found)


def variances_of(surface: Surface, nodes: Nodes) -> Nodes:
    """Return a surface's total variance at every node."""
    return tuple(
        tuple(total_variance_q56(one, k_q56) for k_q56 in places)
        for one, places in zip(surface.slices, nodes, strict=True)
    )


def median_of(several: Sequence[Nodes]) -> Nodes:
    """Return the lower median of variances at every node."""
    return tuple(
        tuple(map(lower_median, zip(*columns, strict=True)))
        for columns in zip(*several, strict=True)
    )


def distance_q62(variances: Nodes, median: Nodes) -> int:
    """Return the largest |w - median| / median over all nodes, in 2^-62. Rounds: up."""
    return max(
        divide_up(abs(w_q56 - middle_q56) << BITS_Q62, middle_q56)
        for row, middles in zip(variances, median, strict=True)
        for w_q56, middle_q56 in zip(row, middles, strict=True)
    )


def _forwards_e8(reports: Sequence[SurfaceReport]) -> tuple[int, ...]:
    columns = zip(*(report.quotes for report in reports), strict=True)
    return tuple(lower_median([quote.forward_e8 for quote in column]) for column in columns)


def choose(
    reports: Sequence[SurfaceReport],
    expiries_ms: Sequence[int],
    time_ms: int,
    quorum_count: int,
) -> Chosen | None:
    """Return the surface of a round, or nothing where fewer than a quorum are admissible.

    `reports` ascend by reporter and are distinct; `expiries_ms` ascend and lie after `time_ms`.
    Forwards are the lower medians of all well-formed reports; of equally near surfaces the one
    of the lower reporter is taken.
    """
    assert time_ms < min(expiries_ms)
    formed = [report for report in reports if is_formed(report, expiries_ms)]
    if len(formed) < quorum_count:
        return None
    forwards_e8 = _forwards_e8(formed)
    refused = [(r.reporter_index, FAULT_FORM) for r in reports if not is_formed(r, expiries_ms)]
    passed: list[tuple[int, Surface]] = []
    for report in formed:
        surface = anchored(report, forwards_e8, expiries_ms, time_ms)
        fault = fault_of(surface)
        if fault is None:
            passed.append((report.reporter_index, surface))
        else:
            refused.append((report.reporter_index, fault))
    if len(passed) < quorum_count:
        return None
    nodes = nodes_of([surface for _, surface in passed])
    admitted = tuple(Admitted(*each, variances_of(each[1], nodes)) for each in passed)
    median = median_of([each.variances for each in admitted])
    nearest = min(admitted, key=lambda each: distance_q62(each.variances, median))
    return Chosen(
        nearest.reporter_index,
        nearest.surface,
        distance_q62(nearest.variances, median),
        nodes,
        median,
        admitted,
        tuple(sorted(refused)),
    )
