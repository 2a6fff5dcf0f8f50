"""LIQ-010 to LIQ-019: from an account to its next slice."""

from chain.kit import replace
from derivatives.instruments.state import TRADING, TRADING_AUCTION, TRADING_HALTED, Trading
from derivatives.liquidation.choice import cut_of, gain_slice, movable, next_slice, whole_of
from derivatives.oracle.ladder import FeedState
from derivatives.oracle.state import PRICES, SURFACE_STANDINGS, SurfaceStanding
from tests.given_failing import Failing, short_of_puts
from tests.given_market import BTC_PERP, UNIT_E8, account_of
from tests.given_options import PUT

ALICE, BOB = account_of("alice"), account_of("bob")


def test_a_tenth_of_the_position_is_next() -> None:
    # LIQ-011
    market = Failing()
    market.falls()

    found = next_slice(market.state, ALICE)

    assert found is not None
    assert ((BTC_PERP, 100, 124_400),) == found.legs
    assert 0 == found.tenths_count


def test_what_cannot_be_reduced_now_stays() -> None:
    # LIQ-017
    market = Failing()
    market.falls()
    market.state.put(TRADING, BTC_PERP, Trading(TRADING_HALTED, 0, 0))

    assert () == movable(market.state, whole_of(market.state, ALICE))
    assert next_slice(market.state, ALICE) is None


def test_what_an_invalid_feed_values_stays() -> None:
    # LIQ-018
    market = Failing()
    market.falls()
    price = market.state.get(PRICES, "BTC")
    assert price is not None
    market.state.put(PRICES, "BTC", replace(price, state=FeedState.INVALID))

    assert () == movable(market.state, whole_of(market.state, ALICE))


def test_a_cut_is_paid_for_by_what_the_asset_loses_at_the_index() -> None:
    # LIQ-019
    market = Failing()
    market.fund("alice", UNIT_E8, "BTC")
    market.deposit("alice", UNIT_E8, "BTC")
    whole = whole_of(market.state, ALICE)

    cut = cut_of(market.state, whole.pledges[0], UNIT_E8, "USD")

    assert ("BTC", 64_000_000_000) == (cut.asset, cut.value_quantums)


def test_the_winner_closes_by_his_gain() -> None:
    # LIQ-016
    market = Failing()
    market.falls()

    found = gain_slice(market.state, whole_of(market.state, BOB))

    assert found is not None
    assert -100 == found.legs[0].size_lots
    assert gain_slice(market.state, whole_of(market.state, ALICE)) is None


def test_what_nobody_may_open_now_goes_last() -> None:
    # LIQ-017: while a surface is held back nobody may take an option over
    market = short_of_puts()
    told = next_slice(market.state, ALICE)
    held = SurfaceStanding(FeedState.JUMP, market.time_ms, 1, True)
    market.state.put(SURFACE_STANDINGS, "BTC", held)

    instead = next_slice(market.state, ALICE)
    market.state.put(TRADING, BTC_PERP, Trading(TRADING_HALTED, 0, 0))
    alone = next_slice(market.state, ALICE)

    slices = (told, instead, alone)
    assert [PUT, BTC_PERP, PUT] == [one.legs[0].instrument for one in slices if one is not None]


def test_the_house_passes_over_what_gathers_for_an_auction() -> None:
    # LIQ-017
    market = short_of_puts()
    market.state.put(TRADING, PUT, Trading(TRADING_AUCTION, 0, 0))
    whole = whole_of(market.state, ALICE)

    assert [BTC_PERP] == [one.line.instrument for one in movable(market.state, whole, in_book=True)]
    assert [PUT, BTC_PERP] == [one.line.instrument for one in movable(market.state, whole)]


def test_where_no_single_pays_the_least_part_of_everything_goes() -> None:
    # LIQ-014: a lot costs a whole lot's value to close, and frees 4 %
    market = Failing()
    market.falls()
    market.with_terms(BTC_PERP, half_spread_ppm=1_000_000)

    found = next_slice(market.state, ALICE)

    assert found is not None
    assert [(BTC_PERP, 100)] == [(leg.instrument, abs(leg.size_lots)) for leg in found.legs]
    assert 1 == found.tenths_count
