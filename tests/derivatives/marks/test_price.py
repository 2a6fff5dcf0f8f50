"""MARK-010 to MARK-018: the mark, by hand and within its bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from derivatives.marks.price import (
    Quotes,
    basis_average_e9,
    basis_e9,
    mark_price_e8,
    median,
)

INDEX = 64_000 * 10**8


@pytest.mark.parametrize(
    ("basis", "bid", "ask", "last", "mark"),
    [
        # A and B above the index: the lower of them.
        (1_000_000, 64_100, 64_120, 64_110, 64_064),
        # A above, B below: the index between them.
        (1_000_000, 63_900, 63_920, 63_910, 64_000),
        (-1_000_000, 63_900, 63_920, 63_910, 63_936),
        # A last trade within the spread is B; outside it is the nearer quote.
        (500_000_000, 64_100, 64_200, 64_150, 64_150),
        (500_000_000, 64_100, 64_200, 70_000, 64_200),
        (500_000_000, 64_100, 64_200, 10, 64_100),
        # Before the first trade the index stands in.
        (500_000_000, 64_100, 64_200, 0, 64_100),
        # Neither gets further than 2 %.
        (500_000_000, 90_000, 91_000, 90_500, 65_280),
        (-500_000_000, 30_000, 31_000, 30_500, 62_720),
    ],
)
def test_worked_marks(basis: int, bid: int, ask: int, last: int, mark: int) -> None:
    quotes = Quotes(bid * 10**8, ask * 10**8)

    assert mark * 10**8 == mark_price_e8(INDEX, basis, quotes, last * 10**8, 20_000)


@given(some.integers(-(10**10), 10**10), some.integers(0, 10**14))
def test_book_that_says_nothing_leaves_the_index(basis: int, last: int) -> None:
    assert INDEX == mark_price_e8(INDEX, basis, None, last, 20_000)


@given(
    some.integers(1, 10**15),
    some.integers(-(10**10), 10**10),
    some.builds(Quotes, some.integers(1, 10**15), some.integers(1, 10**15)),
    some.integers(0, 10**15),
    some.integers(0, 900_000),
)
def test_mark_never_leaves_its_clamp(
    index: int, basis: int, quotes: Quotes, last: int, clamp_ppm: int
) -> None:
    mark = mark_price_e8(index, basis, quotes, last, clamp_ppm)

    assert abs(mark - index) * 1_000_000 <= clamp_ppm * index


def test_no_single_trade_moves_a_mark_out_of_the_spread() -> None:
    quotes = Quotes(INDEX + 10**10, INDEX + 2 * 10**10)

    marks = [mark_price_e8(INDEX, 10**9, quotes, last, 20_000) for last in (1, INDEX, 10**15)]

    assert all(quotes.bid_e8 <= mark <= quotes.ask_e8 for mark in marks)


def test_basis_is_how_far_the_middle_stands_from_the_index() -> None:
    quotes = Quotes(INDEX + 64 * 10**8, INDEX + 192 * 10**8)

    assert (2_000_000, 0) == (basis_e9(quotes, INDEX), basis_e9(None, INDEX))


def test_average_basis_takes_150_seconds_for_most_of_the_way() -> None:
    quotes = Quotes(INDEX + 64 * 10**8, INDEX + 64 * 10**8)

    average = basis_average_e9(0, quotes, INDEX, 150_000)
    forgotten = basis_average_e9(average, None, INDEX, 150_000)

    # 1 - 1/e of 1,000,000, and 1/e of that, down.
    assert (632_120, 232_543) == (average, forgotten)


@given(some.permutations([1, 2, 3]))
def test_median_is_the_middle(values: list[int]) -> None:
    assert 2 == median(*values)
