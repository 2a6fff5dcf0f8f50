"""CLI-083: curves and candles of characters."""

from hypothesis import given
from hypothesis import strategies as st

from node.cli.showing.drawing import Bar, Curve, candles, curves, row_of


def test_a_curve_shows_its_ends_at_the_left() -> None:
    drawn = curves([Curve("*", [0, 5, 10])], 3, str)

    assert ["10 ┤  *", " 5 ┤ *", " 0 ┤*"] == drawn


def test_the_first_of_two_curves_is_on_top_where_they_meet() -> None:
    drawn = curves([Curve("e", [10, 0]), Curve("m", [0, 0])], 2, str)

    assert ["10 ┤e", " 0 ┤me"] == drawn


def test_a_value_that_is_not_known_leaves_its_column_out() -> None:
    assert ["2 ┤  *", "1 ┤*"] == curves([Curve("*", [1, None, 2])], 2, str)


def test_one_value_alone_is_named_once() -> None:
    drawn = curves([Curve("*", [7, 7])], 3, str)

    assert 1 == sum("7" in line for line in drawn)
    assert 1 == sum("**" in line for line in drawn)


def test_nothing_is_drawn_of_nothing() -> None:
    assert [] == curves([Curve("*", [None])], 3, str)
    assert [] == candles([], 3, str)


def test_a_candle_that_fell_is_full_and_has_its_wick() -> None:
    drawn = candles([Bar(2, 4, 0, 1), Bar(1, 3, 1, 3)], 5, str)

    assert ["│", "│░", "█░", "█░", "│"] == [line.partition("┤")[2] for line in drawn]


@given(st.integers(), st.integers(), st.integers(0, 10**6), st.integers(2, 40))
def test_a_value_lies_on_the_row_nearest_to_it(
    value: int, lowest: int, span: int, rows_count: int
) -> None:
    highest = lowest + span
    inside = min(max(value, lowest), highest)

    row = row_of(inside, lowest, highest, rows_count)

    assert 0 <= row < rows_count
    if span:
        # Twice the distance between the value and its row, in units of the span.
        assert abs((inside - lowest) * (rows_count - 1) - row * span) * 2 <= span
