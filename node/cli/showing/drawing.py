"""Draw curves and candles on a terminal: columns of characters, values at the left.

Only integers: a value is placed on the row nearest to it, halves up.

Source: docs/specs/cli.md, CLI-083.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

Say = Callable[[int], str]


class Bar(NamedTuple):
    """One candle: its first, highest, lowest and last value."""

    first: int
    highest: int
    lowest: int
    last: int


class Curve(NamedTuple):
    """One series of values, drawn by its mark; None leaves a column out."""

    mark: str
    values: Sequence[int | None]


def row_of(value: int, lowest: int, highest: int, rows_count: int) -> int:
    """Return the row of a value, 0 for the lowest; the middle where there is one value only.

    >>> row_of(10, 0, 10, 5), row_of(0, 0, 10, 5), row_of(7, 7, 7, 5)
    (4, 0, 2)
    """
    if highest == lowest:
        return rows_count // 2
    return ((value - lowest) * (rows_count - 1) * 2 + (highest - lowest)) // (
        (highest - lowest) * 2
    )


def curves(drawn: Sequence[Curve], rows_count: int, say: Say) -> list[str]:
    """Return curves over the same columns, the first on top where two meet."""
    found = [value for curve in drawn for value in curve.values if value is not None]
    if not found:
        return []
    lowest, highest = min(found), max(found)
    columns_count = max(len(curve.values) for curve in drawn)
    grid = [[" "] * columns_count for _ in range(rows_count)]
    for curve in reversed(drawn):
        for column, value in enumerate(curve.values):
            if value is not None:
                grid[row_of(value, lowest, highest, rows_count)][column] = curve.mark
    return _framed(grid, lowest, highest, say)


def candles(bars: Sequence[Bar], rows_count: int, say: Say) -> list[str]:
    """Return candles, one a column: a wick, and a body that is full where it fell."""
    if not bars:
        return []
    lowest, highest = min(bar.lowest for bar in bars), max(bar.highest for bar in bars)
    grid = [[" "] * len(bars) for _ in range(rows_count)]
    for column, bar in enumerate(bars):
        for row in range(
            row_of(bar.lowest, lowest, highest, rows_count),
            row_of(bar.highest, lowest, highest, rows_count) + 1,
        ):
            grid[row][column] = "│"
        ends = (bar.first, bar.last)
        for row in range(
            row_of(min(ends), lowest, highest, rows_count),
            row_of(max(ends), lowest, highest, rows_count) + 1,
        ):
            grid[row][column] = "█" if bar.last < bar.first else "░"
    return _framed(grid, lowest, highest, say)


def _framed(grid: list[list[str]], lowest: int, highest: int, say: Say) -> list[str]:
    """Return the rows from the top, with the value of the first, the middle and the last one."""
    last = len(grid) - 1
    values = {last: highest, last // 2: lowest + (highest - lowest) // 2, 0: lowest}
    if lowest == highest:
        values = {len(grid) // 2: lowest}
    labels = {row: say(value) for row, value in values.items()}
    width = max(len(label) for label in labels.values())
    return [
        f"{labels.get(row, '').rjust(width)} ┤{''.join(cells)}".rstrip()
        for row, cells in reversed(list(enumerate(grid)))
    ]
