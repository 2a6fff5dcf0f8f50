"""MARG-032, MARG-095, MARG-096: an account family by family."""

import random

import pytest

from derivatives.margin.charges.held import (
    collateral_lots,
    families_of,
    family_part,
    losses_of_family,
    most_lots,
    opened_part,
    sums_in,
)
from derivatives.margin.kernel.twin import groups_of
from tests.given_portfolio import Book, book_of, pins, portfolio, risk, times

FLY: Book = {
    "BTC-NEAR-64000-C": 1_000,
    "BTC-NEAR-66000-C": -2_000,
    "BTC-NEAR-68000-C": 1_000,
}


def test_families_are_ascending_and_only_an_account_with_options_has_pins() -> None:
    linear = families_of(portfolio({"ETH": 5, "BTC": 1}))
    leaning = families_of(portfolio({"ETH": 5, "BTC": 1, "BTC-FAR-64000-C": 1, "collateral": 3}))

    assert [("BTC", 0), ("ETH", 0)] == [(one.name, len(one.pins)) for one in linear]
    assert ["BTC", "BTC-FAR", "ETH"] == [one.name for one in leaning]
    assert {pins()} == {one.pins for one in leaning}
    assert [1, 3] == leaning[0].sizes


def test_pins_see_the_butterfly_that_the_grid_does_not() -> None:
    sold = times(FLY, -1)
    (group,) = groups_of([family_part(family) for family in families_of(portfolio(sold))])

    assert group.worst_quantums > group.scan_quantums * 5 // 4
    assert risk(sold) > risk(FLY)


def test_what_is_linear_has_no_bracket_at_a_pin() -> None:
    (family,) = families_of(portfolio({"BTC-NEAR": 7, "BTC-NEAR-64000-C": 0}))
    sums = sums_in(family)

    assert [7 * loss for loss in family.pin_rows[0]] == sums.pins_quantums
    assert 7 * family.rows[0][0] + 14 == sums.losses_quantums[0]


@pytest.mark.parametrize("seed", range(30))
def test_without_options_pins_would_change_nothing(seed: int) -> None:
    dice = random.Random(seed)
    names = ("BTC", "ETH", "BTC-NEAR", "BTC-FAR")
    book = {name: dice.randrange(-2_000, 2_001) for name in names}

    # A holding of no lots of an option brings the pins in.
    assert risk(book) == risk(book | {"BTC-NEAR-64000-C": 0})


@pytest.mark.parametrize("seed", range(30))
def test_n_times_a_book_needs_n_times_what_it_does(seed: int) -> None:
    dice = random.Random(seed)
    book = book_of(dice, dice.randrange(1, 7))
    one, many = risk(book), risk(times(book, 7))

    assert many <= 7 * one <= many + 7 * 40


def test_orders_open_a_part_and_none_leave_it() -> None:
    (family,) = families_of(portfolio({"BTC": 7}))
    part = family_part(family)

    assert part is opened_part(family, part)
    assert losses_of_family(family)[0] == max(losses_of_family(family))
    assert 7 == most_lots(family.held[0])
    assert (0, 1) == (collateral_lots(999_999), collateral_lots(1_000_000))
