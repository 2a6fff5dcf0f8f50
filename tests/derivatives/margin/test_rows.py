"""MARG-020 to MARG-024: what one lot loses, and that a line is made anew when a record changes."""

from chain.kit import replace
from derivatives.margin.rows import (
    collateral_losses,
    concentration_ppm,
    line_of,
    losses_of_lot,
)
from derivatives.margin.state import FamilyTerms, Scenario
from derivatives.marks.state import MARKS
from tests.given_margin import Margined
from tests.given_market import BTC_PERP

WHOLE = 1_000_000


def _scenarios(*shocks_ppm: int) -> tuple[Scenario, ...]:
    return tuple(Scenario(shock, WHOLE, 0) for shock in shocks_ppm)


def test_lot_of_64_dollars_loses_4_per_cent() -> None:
    losses = losses_of_lot(64_000_000, _scenarios(-40_000, 0, 40_000))

    assert (2_560_000, 0, -2_560_000) == losses


def test_scenario_value_rounds_down_so_that_a_loss_is_never_too_small() -> None:
    assert (1, 0) == losses_of_lot(7, _scenarios(-40_000, 40_000))


def test_scenario_value_is_at_least_one() -> None:
    assert (99,) == losses_of_lot(100, _scenarios(-999_999))


def test_collateral_lot_is_a_million_quantums() -> None:
    terms = FamilyTerms(_scenarios(-40_000, 10_000), False, "", 0, 0, 0, 1, 0, 0)

    assert (40_000, -10_000) == collateral_losses(terms)


def test_concentration_grows_by_the_unit_up_to_a_limit() -> None:
    terms = FamilyTerms((), False, "", 0, 0, 20_000, 10_000, 10_000, 15_000)

    assert [0, 1, 10_000, 15_000] == [
        concentration_ppm(delta, terms) for delta in (20_000, 20_001, 30_000, 99_000)
    ]


def test_line_is_kept_while_its_records_are_the_same_and_made_anew_when_not() -> None:
    market = Margined()
    mark = market.state.get(MARKS, BTC_PERP)
    assert mark is not None

    first = line_of(market.state, BTC_PERP, "main", "standard")
    again = line_of(market.state, BTC_PERP, "main", "standard")
    market.state.put(MARKS, BTC_PERP, replace(mark, mark_value_quantums=65_000_000))
    moved = line_of(market.state, BTC_PERP, "main", "standard")

    assert first is again
    assert moved is not None
    assert 65_000_000 == moved.mark_value_quantums
    assert 2_600_000 == moved.losses_quantums[0]


def test_instrument_without_a_mark_has_no_line() -> None:
    market = Margined()
    market.state.delete(MARKS, BTC_PERP)

    assert None is line_of(market.state, BTC_PERP, "main", "standard")
