"""MARG-080 to MARG-087: each invariant bites."""

from collections.abc import Callable
from typing import Any

import pytest

from chain.kit import Broken, replace
from derivatives.accounts.state import ACCOUNTS
from derivatives.margin import invariants
from derivatives.margin.state import FAMILIES, OPTION_TERMS, OWNED, RANGE_TERMS, RANGES, SCHEDULES
from tests import given
from tests.given_margin import Margined
from tests.given_market import USD, account_of

BTC = ("main", "standard", "BTC")


def _market() -> Margined:
    market = Margined()
    for name in ("alice", "bob"):
        market.deposit(name, 10_000 * USD)
    market.trade("alice", "bob", 1, 128_000, taker="")
    return market


def test_sound_state_passes() -> None:
    _market().settled()


def _unknown_schedule(market: Margined) -> None:
    record = market.state.get(ACCOUNTS, account_of("alice"))
    assert record is not None
    market.state.put(ACCOUNTS, account_of("alice"), replace(record, schedule="none"))


def _no_terms(market: Margined) -> None:
    market.state.delete(FAMILIES, BTC)


def _one_direction(market: Margined) -> None:
    terms: Any = market.state.get(FAMILIES, BTC)
    market.state.put(FAMILIES, BTC, replace(terms, scenarios=terms.scenarios[:2]))


def _another_width(market: Margined) -> None:
    place = ("main", "portfolio", "BTC")
    terms: Any = market.state.get(FAMILIES, place)
    market.state.put(FAMILIES, place, replace(terms, scenarios=terms.scenarios[:-1]))


def _moves_with_nothing(market: Margined) -> None:
    place = ("main", "portfolio", "BTC-26MAR27")
    terms: Any = market.state.get(FAMILIES, place)
    market.state.put(FAMILIES, place, replace(terms, moves_with="SOL"))


def _shocked_otherwise(market: Margined) -> None:
    place = ("main", "portfolio", "BTC-26MAR27")
    terms: Any = market.state.get(FAMILIES, place)
    market.state.put(FAMILIES, place, replace(terms, moves_with="ETH"))


def _more_than_whole(market: Margined) -> None:
    place = ("main", "portfolio")
    terms: Any = market.state.get(SCHEDULES, place)
    market.state.put(SCHEDULES, place, replace(terms, offset_ppm=1_000_001))


def _forgotten(market: Margined) -> None:
    market.state.delete(OWNED, given.address("alice"))


def _options_of_no_family(market: Margined) -> None:
    place = ("main", "portfolio", "BTC-26MAR27")
    terms: Any = market.state.get(OPTION_TERMS, place)
    market.state.put(OPTION_TERMS, ("main", "portfolio", "SOL"), terms)


def _cut_of_more_than_half(market: Margined) -> None:
    place = ("main", "portfolio", "BTC-26MAR27")
    terms: Any = market.state.get(OPTION_TERMS, place)
    market.state.put(OPTION_TERMS, place, replace(terms, long_cut_ppm=500_001))


def _capped_below_its_floor(market: Margined) -> None:
    place = ("main", "portfolio", "BTC")
    terms: Any = market.state.get(RANGE_TERMS, place)
    market.state.put(RANGE_TERMS, place, replace(terms, cap_ppm=159_999))


def _ranged_below_its_floor(market: Margined) -> None:
    place = ("main", "portfolio", "BTC")
    found: Any = market.state.get(RANGES, place)
    market.state.put(RANGES, place, replace(found, scheduled_ppm=159_999))


def _range_of_what_moves_with_another(market: Margined) -> None:
    terms: Any = market.state.get(RANGE_TERMS, ("main", "portfolio", "BTC"))
    market.state.put(RANGE_TERMS, ("main", "portfolio", "BTC-26MAR27"), terms)


@pytest.mark.parametrize(
    ("spoil", "invariant"),
    [
        (_unknown_schedule, invariants.every_account_has_a_schedule),
        (_no_terms, invariants.every_schedule_margins_what_it_may_meet),
        (_one_direction, invariants.scenarios_are_sound),
        (_another_width, invariants.families_that_offset_move_together),
        (_more_than_whole, invariants.families_that_offset_move_together),
        (_moves_with_nothing, invariants.families_that_move_as_one_are_alike),
        (_shocked_otherwise, invariants.families_that_move_as_one_are_alike),
        (_options_of_no_family, invariants.option_charges_are_sound),
        (_cut_of_more_than_half, invariants.option_charges_are_sound),
        (_capped_below_its_floor, invariants.ranges_are_sound),
        (_ranged_below_its_floor, invariants.ranges_are_sound),
        (_range_of_what_moves_with_another, invariants.ranges_are_sound),
        (_forgotten, invariants.every_holder_is_known_to_its_owner),
    ],
)
def test_what_is_spoilt_is_found(
    spoil: Callable[[Margined], None], invariant: Callable[[Any], None]
) -> None:
    market = _market()
    spoil(market)

    with pytest.raises(Broken):
        invariant(market.state)
