"""MARG-014, MARG-015: C answers what fits, the twin what it declines, and nobody sees which."""

import pytest

from derivatives.margin.kernel import scan
from derivatives.margin.kernel.scan import Group, grid_of, worst_losses
from derivatives.margin.kernel.twin import losses_of, worst_of

WHOLE = 1_000_000
ROWS = ((100, -100, 40), (7, 7, -90))
WEIGHTS = (WHOLE, WHOLE, 250_000)


def _expected(group: Group) -> int:
    rows = [ROWS[place] for place in group.places]
    return worst_of(losses_of(group.sizes, rows, WEIGHTS))


GROUPS = [
    Group((), ()),
    Group((0,), (5,)),
    Group((0, 1), (-3, 4)),
    Group((1,), (2**62,)),
    Group((0, 0), (1, -1)),
]


def test_groups_are_answered_in_order_however_large() -> None:
    grid = grid_of(ROWS, WEIGHTS)

    assert [_expected(group) for group in GROUPS] == worst_losses(grid, GROUPS)


def test_twin_answers_alone_where_no_kernel_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "kernel", None)
    grid = grid_of(ROWS, WEIGHTS)

    assert None is grid.packed
    assert [_expected(group) for group in GROUPS] == worst_losses(grid, GROUPS)


def test_size_beyond_64_bits_is_answered_by_the_twin() -> None:
    groups = [Group((0,), (2**70,)), Group((0,), (1,))]

    assert [_expected(group) for group in groups] == worst_losses(grid_of(ROWS, WEIGHTS), groups)


def test_row_beyond_62_bits_is_answered_by_the_twin() -> None:
    grid = grid_of(((2**63, -(2**63)),), (WHOLE, WHOLE))

    assert None is grid.packed
    assert [2**63 + 2, 2**63 + 2] == worst_losses(grid, [Group((0,), (1,)), Group((0,), (-1,))])


def test_no_groups_are_no_answers() -> None:
    assert [] == worst_losses(grid_of(ROWS, WEIGHTS), [])
