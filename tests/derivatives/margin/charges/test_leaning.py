"""MARG-091 to MARG-094: what options add, by hand and whatever is held."""

from hypothesis import given
from hypothesis import strategies as st

from derivatives.margin.charges.dated import Charges
from derivatives.margin.charges.leaning import (
    Lots,
    charged_of,
    discount_quantums,
    discounted,
    leaning_less,
    leaning_of,
)
from derivatives.margin.kernel.twin import Charged
from derivatives.options.revaluing import OptionLean

CHARGES = Charges(0, 500_000, 100_000, 3_000, 30_000, 20_000)
NUMBERS = st.integers(-(10**9), 10**9)
LEANS = st.builds(
    OptionLean, st.integers(1, 3), NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS
)
LOTS = st.builds(Lots, NUMBERS, st.tuples(NUMBERS, NUMBERS), st.tuples(NUMBERS), LEANS)
BOOKS = st.lists(LOTS, max_size=5)


def lots(size: int, strike: int = 1, **leans: int) -> Lots:
    lean = OptionLean(strike, 100, 0, 0, 0, 1_000_000, 0, 0)
    return Lots(size, (10, -40), (25,), lean._replace(**leans))


# MARG-094  Worth 190 of 200 after a loss of 10: 3 % less is 6; owed, 2 % more is 4.
def test_shocked_value_counts_less_and_what_is_owed_more() -> None:
    long, short = leaning_of([lots(2)], 2, 1), leaning_of([lots(-2)], 2, 1)

    # Two lots lose 20 and a bracket of 4: of the 176 left 5.28 are cut.
    assert [24 + 6, -76 + 9] == discounted(long.losses_quantums, long, CHARGES)
    # Sold, they lose 80 and 4 where they rise to 284: 5.68 more.
    assert [-16 + 4, 84 + 6] == discounted(short.losses_quantums, short, CHARGES)
    assert [50 + 4 + 5] == discounted(long.pins_quantums, long, CHARGES)


def test_discount_of_nothing_is_nothing() -> None:
    assert (0, 3, 2) == tuple(discount_quantums(worth, CHARGES) for worth in (0, 100, -100))


# MARG-091 to MARG-093
def test_charges_by_hand() -> None:
    book = [
        lots(10, linear_skew_quantums=70, absolute_skew_quantums=-90, stressed_quantums=500),
        lots(-4, linear_skew_quantums=10, absolute_skew_quantums=10, stressed_quantums=100),
    ]

    # Leans of 660 and -940; half of 940 and 2 x 14. A tenth of 4,600. Bought net at the strike.
    assert Charged(484, 460, 0) == charged_of(leaning_of(book, 2, 1), CHARGES)


def test_what_is_sold_at_a_strike_is_net_of_what_is_bought_there_alone() -> None:
    spread = leaning_of([lots(-10), lots(10, strike=2)], 2, 1)
    straddled = leaning_of([lots(-10), lots(10)], 2, 1)

    assert 30_000 == charged_of(spread, CHARGES).short_quantums
    assert 0 == charged_of(straddled, CHARGES).short_quantums


@given(BOOKS, LOTS)
def test_what_leaves_is_as_if_it_had_never_been(book: list[Lots], one: Lots) -> None:
    left = leaning_less(leaning_of([*book, one], 2, 1), one)
    before = leaning_of(book, 2, 1)

    assert before._replace(shorts_quantums={}) == left._replace(shorts_quantums={})
    assert charged_of(before, CHARGES) == charged_of(left, CHARGES)


@given(BOOKS, BOOKS)
def test_two_books_together_are_charged_at_most_what_both_are(
    one: list[Lots], two: list[Lots]
) -> None:
    both, first, second = (leaning_of(book, 2, 1) for book in (one + two, one, two))

    together = charged_of(both, CHARGES)
    apart = zip(charged_of(first, CHARGES), charged_of(second, CHARGES), strict=True)
    assert all(a <= sum(b) for a, b in zip(together, apart, strict=True))
    losses = zip(
        discounted(both.losses_quantums, both, CHARGES),
        discounted(first.losses_quantums, first, CHARGES),
        discounted(second.losses_quantums, second, CHARGES),
        strict=True,
    )
    assert all(a <= b + c for a, b, c in losses)
