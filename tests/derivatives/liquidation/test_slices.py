"""LIQ-010 to LIQ-019: which slice goes first, as sums over what margin reads."""

from hypothesis import given, settings
from hypothesis import strategies as st

from derivatives.liquidation.choice import whole_of
from derivatives.liquidation.slices import (
    Requirement,
    best_single,
    bundle_of,
    gain_of,
    largest_gain,
    leg_of,
    lots_change,
    part_of,
    single_of,
    tenth_of,
)
from derivatives.margin.account import health_of
from tests.given_failing import Failing
from tests.given_market import ETH_PERP, account_of

MARKET = Failing()
MARKET.trade("alice", "bob", 2_000, 64_000, ETH_PERP, taker="")
MARKET.falls(62_300)
WHOLE = whole_of(MARKET.state, account_of("alice"))
REQUIREMENT = Requirement(WHOLE.portfolio, WHOLE.terms)
HELD = {one.line.instrument: one for one in WHOLE.portfolio.holdings}


def test_the_whole_requirement_is_the_one_that_margin_finds() -> None:
    # LIQ-010
    found = health_of(MARKET.state, account_of("alice"))

    assert found.maintenance_quantums == REQUIREMENT.maintenance_quantums


@settings(max_examples=60)
@given(st.integers(1, 1_000))
def test_a_smaller_account_has_the_requirement_that_margin_would_find(lots: int) -> None:
    # LIQ-010
    market = Failing()
    market.falls()
    whole = whole_of(market.state, account_of("alice"))
    left = Requirement(whole.portfolio, whole.terms).without(
        (lots_change(whole.portfolio.holdings[0], lots),)
    )
    market.trade("bob", "alice", lots, 124_400, taker="")

    assert market.health("alice").maintenance_quantums == left


def test_parts_are_whole_lots_away_from_zero() -> None:
    # LIQ-011
    assert (1, -1, 10, -11) == (tenth_of(3), tenth_of(-1), tenth_of(100), tenth_of(-101))
    assert (25, -25) == (part_of(25, 10), part_of(-25, 10))


def test_the_position_that_frees_most_for_its_cost_goes_first() -> None:
    # LIQ-012: bitcoin's spread is half as wide again as ether's is not
    best = best_single(REQUIREMENT, tuple(HELD.values()), 10**12)

    assert best is not None
    rivals = [single_of(REQUIREMENT, one, tenth_of(one.size_lots)) for one in HELD.values()]
    assert all(
        best.release_quantums * rival.cost_quantums >= rival.release_quantums * best.cost_quantums
        for rival in rivals
    )
    assert best.release_quantums > best.cost_quantums


def test_no_slice_is_taken_that_would_ruin_the_account() -> None:
    # LIQ-013: marks are at the index here, so that only a loss beyond it could
    assert best_single(REQUIREMENT, tuple(HELD.values()), -1) is None


def test_a_bundle_takes_of_everything_and_ten_tenths_are_flat() -> None:
    # LIQ-014
    flat = bundle_of(REQUIREMENT, tuple(HELD.values()), (), 10)

    assert {name: one.size_lots for name, one in HELD.items()} == {
        leg.instrument: leg.size_lots for leg in flat.legs
    }
    assert REQUIREMENT.maintenance_quantums == flat.release_quantums


def test_a_leg_goes_at_the_mark() -> None:
    # LIQ-015: 62,300 USD in ticks of half a dollar
    leg = leg_of(HELD["BTC-PERP"], 7)

    assert ("BTC-PERP", 7, 124_600) == leg
    assert 0 == gain_of(HELD["BTC-PERP"], 7)


def test_nothing_is_taken_for_a_gain_where_all_have_losses() -> None:
    # LIQ-016
    assert largest_gain(REQUIREMENT, (HELD["BTC-PERP"],), 10**12) is None
