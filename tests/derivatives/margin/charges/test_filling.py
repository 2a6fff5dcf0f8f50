"""MARG-037 to MARG-040, MARG-098: orders of options need what any of them filled would."""

import random
from itertools import product

import pytest

from derivatives.margin.charges.filling import (
    Fill,
    charged_open,
    filling_losses,
    opened,
    swing_of,
)
from derivatives.margin.charges.held import Resting
from derivatives.margin.charges.leaning import Lots, charged_of, leaning_of
from derivatives.margin.kernel.twin import Part, Rung
from tests.given_portfolio import (
    all_lines,
    book_of,
    charges_of,
    filled,
    option_line,
    stands,
)

CALL = option_line("BTC-NEAR", 64_000, is_call=True)
PUT = option_line("BTC-NEAR", 64_000, is_call=False)


def test_swing_is_what_raises_and_what_lowers() -> None:
    fills = [Fill(CALL, 10, 3, 0), Fill(PUT, 4, 5, 0)]
    call, put = CALL.moving_quantums, -PUT.moving_quantums

    assert (10 * call + 5 * put, 3 * call + 4 * put) == swing_of(
        fills, lambda line: line.moving_quantums
    )


def test_side_that_gains_is_given_no_credit_after_its_discount() -> None:
    charges = charges_of("BTC-NEAR")
    weights = [one.weight_ppm for one in CALL.terms.scenarios]

    bought = filling_losses(Fill(CALL, 10, 0, 7), CALL.losses_quantums, weights, charges)

    assert 7 == min(bought)
    # Where nothing of it is left it loses all it cost; of the bracket 2 % are owed more.
    assert 7 + 10 * (CALL.mark_value_quantums + 2) + 1 == max(bought)


def test_both_sides_of_a_strike_are_charged_as_if_only_the_sales_filled() -> None:
    charges = charges_of("BTC-NEAR")
    assert CALL.lean is not None
    held = leaning_of([Lots(5, CALL.losses_quantums, (), CALL.lean)], 37, 0)

    found = charged_open(held, charges, [Fill(CALL, 100, 8, 0), Fill(PUT, 0, 1, 0)])

    # Of a forward of 64 USD: 5 held, 9 sold.
    assert 4 * 64_000_000 * 3 // 1_000 == found.short_quantums
    assert found.skew_quantums >= charged_of(held, charges).skew_quantums


def test_what_the_same_orders_may_lose_follows_from_row_weights_and_charges() -> None:
    """Each of these is asked right after one that differs in one thing alone."""
    charges = charges_of("BTC-NEAR")
    weights = [one.weight_ppm for one in CALL.terms.scenarios]
    closed = Part([0] * 37, weights, (), Rung(0, 0), "", True)
    dearer = CALL._replace(losses_quantums=tuple(loss + 1_000 for loss in CALL.losses_quantums))
    cut = charges._replace(long_cut_ppm=charges.long_cut_ppm + 100_000)
    halved = closed._replace(weights_ppm=[weight // 2 for weight in weights])

    for line, part, charged in (
        (CALL, closed, charges),
        (dearer, closed, charges),
        (CALL, closed, charges),
        (CALL, closed, cut),
        (CALL, halved, cut),
        (CALL, halved, charges),
    ):
        fill = Fill(line, 10, 3, 7)
        alone = filling_losses(fill, line.losses_quantums, part.weights_ppm, charged)
        assert alone == opened(part, None, charged, [fill]).extra_quantums


@pytest.mark.parametrize("seed", range(40))
def test_orders_need_at_least_what_any_subset_of_them_filled_would(seed: int) -> None:
    dice = random.Random(seed)
    book = book_of(dice, dice.randrange(5))
    names = dice.sample([line.instrument for line in all_lines()], 2)
    orders = [(name, dice.choice((-1, 1)) * dice.randrange(1, 1_500)) for name in names * 2]
    resting = {
        name: Resting(
            sum(lots for of, lots in orders if of == name and lots > 0),
            -sum(lots for of, lots in orders if of == name and lots < 0),
            0,
            0,
        )
        for name in names
    }
    opened = stands(book, resting)

    for chosen in product((False, True), repeat=len(orders)):
        fills = [one for one, taken in zip(orders, chosen, strict=True) if taken]
        found = stands(filled(book, fills))
        assert opened.risk_open_quantums >= found.risk_open_quantums
        assert opened.initial_quantums >= found.initial_quantums


@pytest.mark.parametrize("seed", range(20))
def test_one_linear_order_needs_no_more_than_what_it_would_filled(seed: int) -> None:
    """Of a book that an order only adds to, nothing is withheld."""
    dice = random.Random(seed)
    size, lots = dice.randrange(1, 2_000), dice.randrange(1, 1_500)

    opened = stands({"BTC": size}, {"BTC": Resting(lots, 0, 0, 0)})

    # Rounding, and brackets of tails.
    assert opened.risk_open_quantums - stands({"BTC": size + lots}).risk_open_quantums <= 2
