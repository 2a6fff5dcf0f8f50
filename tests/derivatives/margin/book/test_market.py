"""MARG-017, MARG-018: what is the same for every account of a market, packed."""

from array import array

from chain.kit import replace
from derivatives.margin.book.market import (
    KIND_COLLATERAL,
    KIND_DECLINED,
    KIND_INSTRUMENT,
    TERMS_COUNT,
    Market,
)
from derivatives.margin.state import FAMILIES, SCHEDULES
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, USD

BTC_LOT = 64 * USD
HELD = array("i", (1,) * 8)


def _packed() -> tuple[Margined, Market]:
    market = Margined()
    found = Market(market.state, "main", "standard")
    found.place_of_instrument(market.state, BTC_PERP)
    found.place_of_asset(market.state, "BTC")
    found.refresh(market.state, HELD)
    return market, found


def _term(found: Market, place: int) -> list[int]:
    return found.terms[place * TERMS_COUNT : (place + 1) * TERMS_COUNT].tolist()


def test_instrument_has_its_values_and_fee_and_asset_its_prices_and_haircut() -> None:
    _, found = _packed()

    fee = 300 * BTC_LOT
    assert [KIND_INSTRUMENT, 0, BTC_LOT, BTC_LOT, fee, 0, 0, BTC_LOT] == _term(found, 0)
    price_e8 = 64_000 * UNIT_E8
    assert [KIND_COLLATERAL, 0, price_e8, price_e8, 100_000, 10**10, 0, 0] == _term(found, 1)
    assert BTC_LOT * 4 // 100 == found.rows[0]
    assert [0] * 5 == found.rows[11:16].tolist()
    assert BTC_LOT * 4 // 100 + 2 == found.bounds[0]


def test_only_what_moved_is_new() -> None:
    market, found = _packed()
    found.place_of_instrument(market.state, ETH_PERP)
    found.refresh(market.state, HELD)
    found.new = bytearray(3)

    assert not found.refresh(market.state, HELD)
    assert bytearray(3) == found.new
    market.price("BTC", 65_000 * UNIT_E8)
    market.block()
    assert not found.refresh(market.state, HELD)
    assert bytearray((1, 1, 0)) == found.new


def test_new_terms_of_a_schedule_or_family_are_for_everybody() -> None:
    market, found = _packed()
    terms = market.state.get(SCHEDULES, ("main", "standard"))
    family = market.state.get(FAMILIES, ("main", "standard", "BTC"))
    assert terms is not None
    assert family is not None

    market.state.put(SCHEDULES, ("main", "standard"), replace(terms, maintenance_ppm=900_000))
    assert found.refresh(market.state, HELD)
    market.state.put(FAMILIES, ("main", "standard", "BTC"), replace(family, basis_ppm=6_000))
    assert found.refresh(market.state, HELD)
    assert 6_000 == found.family_terms[0]
    assert found.still_stands(market.state)


def test_another_family_or_asset_numbers_everything_anew() -> None:
    market, found = _packed()
    family = market.state.get(FAMILIES, ("main", "standard", "BTC"))
    assert family is not None
    market.state.put(FAMILIES, ("main", "standard", "SOL"), family)

    assert not found.still_stands(market.state)


def test_instrument_without_a_mark_and_asset_without_a_price_are_told_apart() -> None:
    market, found = _packed()
    place = found.place_of_instrument(market.state, "SOL-PERP")
    asset = found.place_of_asset(market.state, "SOL")

    found.refresh(market.state, HELD)

    assert KIND_DECLINED == _term(found, place)[0]
    assert [KIND_COLLATERAL, 0, 0, 0, 0, 1, 0, 0] == _term(found, asset)


def test_more_scenarios_than_the_kernel_takes_are_left_to_others() -> None:
    market, found = _packed()
    family = market.state.get(FAMILIES, ("main", "standard", "BTC"))
    assert family is not None
    wide = replace(family, scenarios=family.scenarios * 6)
    market.state.put(FAMILIES, ("main", "standard", "BTC"), wide)

    found.refresh(market.state, HELD)

    assert not found.is_packable


def test_what_nobody_holds_is_not_looked_at() -> None:
    market, found = _packed()
    market.price("BTC", 65_000 * UNIT_E8)
    market.block()
    found.new = bytearray(2)

    found.refresh(market.state, array("i", (0, 1)))

    assert bytearray((0, 1)) == found.new
