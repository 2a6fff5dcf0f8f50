"""POSN-010 to POSN-019: fills, by hand and at random."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from derivatives.ids import house_of
from derivatives.positions.fill import (
    Filled,
    FillResult,
    fill,
    filled,
    instruments_held,
    paid_for,
    position_of,
    premium_of,
)
from derivatives.positions.state import (
    HOLDINGS,
    OPEN_INTEREST,
    POSITION_HOLDERS,
    PREMIUMS,
    OpenInterest,
    Position,
    PositionHolders,
)
from tests.given_market import BTC_PERP, ETH_PERP, USD, Market, account_of
from tests.given_options import CALL, Optioned

ALICE = account_of("alice")


@pytest.mark.parametrize(
    ("held", "entry", "size", "value", "after"),
    [
        (0, 0, 5, 500, Filled(5, 500, 0)),
        (5, 500, 5, 600, Filled(10, 1_100, 0)),
        (-5, -500, -5, -600, Filled(-10, -1_100, 0)),
        (10, 1_100, -4, -480, Filled(6, 660, 40)),
        (-10, -1_100, 4, 480, Filled(-6, -660, -40)),
        (10, 1_100, -10, -1_000, Filled(0, 0, -100)),
        # 25 x 1 / 10 and 35 x 1 / 10 are halves: to the even neighbour.
        (10, 25, -1, -3, Filled(9, 23, 1)),
        (10, 35, -1, -3, Filled(9, 31, -1)),
        (4, 400, -10, -1_500, Filled(-6, -900, 200)),
        (-4, -400, 10, 1_500, Filled(6, 900, -200)),
    ],
)
def test_worked_fills(held: int, entry: int, size: int, value: int, after: Filled) -> None:
    assert after == filled(held, entry, size, value)


@given(
    some.integers(-(2**40), 2**40).filter(bool),
    some.integers(1, 10**12),
    some.integers(-(2**40), 2**40).filter(bool),
    some.integers(1, 10**12),
)
def test_entry_moves_by_value_and_realised_profit_exactly(
    held: int, entry_price: int, size: int, price: int
) -> None:
    entry, value = held * entry_price, size * price

    after = filled(held, entry, size, value)

    assert after.entry_value_quantums == entry + value + after.realised_quantums
    assert after.size_lots == held + size
    assert after.size_lots != 0 or after.entry_value_quantums == 0


@given(some.integers(1, 10**6), some.integers(1, 10**15), some.data())
def test_closed_share_of_the_entry_is_within_half_a_quantum(
    held: int, entry: int, data: some.DataObject
) -> None:
    closing = data.draw(some.integers(1, held))

    left = filled(held, entry, -closing, 0).entry_value_quantums

    assert abs(Fraction(entry * (held - closing), held) - left) <= Fraction(1, 2)


@given(some.lists(some.integers(-9, 9).filter(bool), max_size=30), some.integers(1, 10**9))
def test_no_round_trip_at_one_price_gains_or_loses_a_quantum(sizes: list[int], price: int) -> None:
    size, entry, realised = 0, 0, 0
    for change in (*sizes, -sum(sizes)):
        if change:
            after = filled(size, entry, change, change * price)
            size, entry = after.size_lots, after.entry_value_quantums
            realised += after.realised_quantums

    assert (0, 0, 0) == (size, entry, realised)


def do_fill(market: Market, size: int, value: int, instrument: str = BTC_PERP) -> FillResult:
    return fill(
        market.state,
        ALICE,
        market.terms(instrument),
        instrument,
        size_lots=size,
        value_quantums=value,
        funding_index_e18=0,
    )


def test_fill_says_what_it_came_to_and_pays_from_the_house() -> None:
    market = Market()
    do_fill(market, 10, 1_000)

    result = do_fill(market, -4, -500)

    assert FillResult(100, 10, 6) == result
    assert (100, -100) == (market.cash("alice"), market.cash(house_of(BTC_PERP)))
    assert Position(6, 600, 0) == position_of(market.state, ALICE, BTC_PERP)


def test_holdings_open_interest_and_holders_follow() -> None:
    market = Market()
    do_fill(market, 10, 1_000, ETH_PERP)
    do_fill(market, 3, 300)

    held = instruments_held(market.state, ALICE)
    interest = market.state.get(OPEN_INTEREST, ETH_PERP)
    holders = market.state.get(POSITION_HOLDERS, "main")

    assert ((BTC_PERP, ETH_PERP), OpenInterest(10), PositionHolders(1)) == (held, interest, holders)


def test_flat_account_leaves_nothing_behind() -> None:
    market = Market()
    do_fill(market, 10, 1_000, ETH_PERP)
    do_fill(market, 3, 300)

    do_fill(market, -10, -1_000, ETH_PERP)
    do_fill(market, -3, -300)

    assert position_of(market.state, ALICE, BTC_PERP) is None
    assert () == instruments_held(market.state, ALICE)
    for table in (HOLDINGS, OPEN_INTEREST, POSITION_HOLDERS):
        assert [] == list(market.state.scan(table))


def test_position_whose_funding_is_not_settled_is_not_filled() -> None:
    market = Market()
    do_fill(market, 10, 1_000)

    with pytest.raises(AssertionError, match="funding is not settled"):
        fill(
            market.state,
            ALICE,
            market.terms(),
            BTC_PERP,
            size_lots=1,
            value_quantums=100,
            funding_index_e18=1,
        )


@pytest.mark.parametrize(
    ("held", "size", "value", "after"),
    [
        (0, 5, 500, Filled(5, 0, -500)),
        (5, -3, -330, Filled(2, 0, 330)),
        (5, -8, -880, Filled(-3, 0, 880)),
        (-3, 3, 0, Filled(0, 0, 0)),
    ],
)
def test_options_are_paid_for_and_enter_nothing(
    held: int, size: int, value: int, after: Filled
) -> None:
    # OPTI-002, OPTI-003
    assert after == paid_for(held, size, value)


def test_a_premium_goes_from_buyer_to_seller_and_the_house_keeps_nothing() -> None:
    market = Optioned()
    for name in ("alice", "bob"):
        market.deposit(name, 100 * USD)

    market.trade("alice", "bob", 10, 400, CALL, taker="")

    assert (98 * USD, 102 * USD) == (market.cash("alice"), market.cash("bob"))
    assert 0 == market.cash(house_of(CALL))
    held = position_of(market.state, ALICE, CALL)
    assert held is not None
    assert (10, 0) == (held.size_lots, held.entry_value_quantums)
    market.settled()


@pytest.mark.parametrize(
    ("fills", "cost"),
    [
        ([(5, 500)], 500),
        ([(5, 500), (5, 600)], 1_100),
        ([(10, 1_100), (-4, -480)], 660),
        ([(10, 25), (-1, -3)], 23),
        ([(4, 400), (-10, -1_500)], -900),
        ([(-3, -300), (3, 330)], 0),
    ],
)
def test_what_open_lots_of_an_option_cost_is_remembered(
    fills: list[tuple[int, int]], cost: int
) -> None:
    # OPTI-007
    market = Optioned()

    for size, value in fills:
        do_fill(market, size, value, CALL)

    assert cost == premium_of(market.state, ALICE, CALL)
    assert cost != 0 or [] == list(market.state.scan(PREMIUMS))


def test_no_premium_is_remembered_of_what_is_margined() -> None:
    market = Market()

    do_fill(market, 10, 1_000)

    assert [] == list(market.state.scan(PREMIUMS))
