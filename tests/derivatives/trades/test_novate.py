"""TRAD-001 to TRAD-012: a trade becomes two positions, and every equation stands."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from chain.kit import Refusal
from derivatives.ids import fees_of, funding_house_of, house_of, insurance_of
from derivatives.perpetuals.events import FundingPaid
from derivatives.perpetuals.funding import owed_quantums
from derivatives.perpetuals.state import FUNDING, Funding
from derivatives.positions.state import POSITIONS, Position
from derivatives.trades.events import Traded
from derivatives.trades.novate import Taker
from derivatives.trades.state import TRADE_COUNTS, TradeCount
from tests.given_market import BTC_PERP, ETH_PERP, USD, Market, account_of
from tests.given_options import CALL, Optioned

NAMES = ("alice", "bob", "carol", "dave", "erin", "frank")
TICKS = 128_000  # 64,000 USD


def funded(market: Market, amount_quantums: int = 900_000 * USD) -> Market:
    for name in NAMES:
        market.deposit(name, amount_quantums)
    return market


def test_trade_gives_each_side_its_position_and_its_fee() -> None:
    market = funded(Market())

    market.trade("alice", "bob", 10, TICKS)

    # 10 lots are 0.01 BTC: 640 USD; taker 3 bp = 0.192, maker 0.5 bp = 0.032 USD.
    value = 640 * USD
    assert Position(10, value, 0) == market.state.get(POSITIONS, (account_of("alice"), BTC_PERP))
    assert Position(-10, -value, 0) == market.state.get(POSITIONS, (account_of("bob"), BTC_PERP))
    assert (900_000 * USD - 192_000, 900_000 * USD + 32_000) == (
        market.cash("alice"),
        market.cash("bob"),
    )
    assert (32_000, 128_000) == (market.cash(insurance_of("main")), market.cash(fees_of("main")))
    market.settled()


def test_an_option_worth_less_than_a_tick_goes_for_nothing_and_nothing_else_does() -> None:
    market = funded(Optioned())
    market.trade("alice", "bob", 10, 5, CALL)
    before = market.cash("alice"), market.cash("bob")

    market.trade("bob", "alice", 4, 0, CALL, taker="", in_book=False)

    assert before == (market.cash("alice"), market.cash("bob"))
    assert (6, -6) == (market.lots("alice", CALL), market.lots("bob", CALL))
    market.settled()
    with pytest.raises(AssertionError):
        market.trade("bob", "alice", 4, 0, taker="", in_book=False)


def test_trade_is_told_with_its_running_number() -> None:
    market = funded(Market())
    market.trade("alice", "bob", 1, TICKS)

    market.trade("bob", "alice", 2, TICKS + 10, taker="seller")

    told = Traded(
        trade_count=2,
        instrument=BTC_PERP,
        price_ticks=TICKS + 10,
        size_lots=2,
        taker_side="seller",
        buyer_holder=account_of("bob"),
        seller_holder=account_of("alice"),
        buyer_fee_quantums=-6_400,
        seller_fee_quantums=38_403,
        buyer_realised_quantums=-5_000,
        seller_realised_quantums=5_000,
    )
    assert [told] == market.events
    assert TradeCount(2, TICKS + 10) == market.state.get(TRADE_COUNTS, BTC_PERP)


def test_trade_out_of_the_book_leaves_the_last_price() -> None:
    market = funded(Market())
    market.trade("alice", "bob", 1, TICKS)

    market.trade("alice", "bob", 1, TICKS + 500, in_book=False)

    assert TradeCount(2, TICKS) == market.state.get(TRADE_COUNTS, BTC_PERP)


def test_trade_without_a_taker_costs_nothing() -> None:
    market = funded(Market())

    market.trade("alice", "bob", 10, TICKS, taker="")
    (told,) = (event for event in market.events if isinstance(event, Traded))

    assert [900_000 * USD] * 2 == [market.cash("alice"), market.cash("bob")]
    assert (0, 0) == (told.buyer_fee_quantums, told.seller_fee_quantums)


def test_closing_moves_the_profit_between_the_two_through_the_house() -> None:
    market = funded(Market())
    market.trade("alice", "bob", 10, TICKS, taker="")

    market.trade("bob", "alice", 10, TICKS + 200, taker="")

    # 10 lots x 200 ticks x 500 quantums.
    assert (1 * USD, -1 * USD) == (
        market.cash("alice") - 900_000 * USD,
        market.cash("bob") - 900_000 * USD,
    )
    assert 0 == market.cash(house_of(BTC_PERP)) == market.lots("alice") == market.lots("bob")
    market.settled()


def test_funding_is_settled_before_a_size_changes() -> None:
    market = funded(Market())
    market.trade("alice", "bob", 10, TICKS, taker="")
    market.state.put(FUNDING, BTC_PERP, Funding(3 * 10**17, 0, market.time_ms, 0))

    market.trade("alice", "bob", 1, TICKS, taker="")

    # 10 x 0.3 = 3 exactly, paid by the long and received by the short.
    assert (-3, 3, 0) == (
        market.cash("alice") - 900_000 * USD,
        market.cash("bob") - 900_000 * USD,
        market.cash(funding_house_of(BTC_PERP)),
    )
    paid = [event for event in market.events if isinstance(event, FundingPaid)]
    assert [3, -3] == [event.paid_quantums for event in paid]
    market.settled()


def test_open_interest_beyond_its_cap_is_refused_unless_it_does_not_grow() -> None:
    market = funded(Market())
    market.trade("alice", "bob", 100, TICKS, taker="")
    market.with_terms(open_interest_cap_lots=50)

    market.trade("carol", "alice", 40, TICKS, taker="")
    with pytest.raises(Refusal) as refused:
        market.trade("dave", "erin", 1, TICKS, taker="")

    assert "trades.open_interest_full" == refused.value.reason.slug
    assert {"open_interest_lots": 101, "limit_lots": 50} == refused.value.facts
    market.settled()


Move = tuple[tuple[str, str], str, int, int, Taker, int, int]
steps = some.lists(
    some.tuples(
        some.sampled_from(tuple(permutations(NAMES, 2))),
        some.sampled_from((BTC_PERP, ETH_PERP)),
        some.integers(1, 50),
        some.integers(TICKS - 3_000, TICKS + 3_000),
        some.sampled_from(("buyer", "seller", "")),
        some.integers(0, 4_000_000),
        some.integers(50_000, 70_000),
    ),
    min_size=1,
    max_size=25,
)


@given(steps)
@settings(max_examples=60)
def test_any_trades_at_any_time_keep_every_equation(moves: list[Move]) -> None:
    market = funded(Market())
    for (buyer, seller), instrument, lots, ticks, taker, after_ms, usd in moves:
        market.price("BTC", usd * 10**8 + 12_345)
        if after_ms:
            market.block(after_ms)
        market.settled()

        market.trade(buyer, seller, lots, ticks, instrument, taker=taker)

        market.settled()


@given(steps)
@settings(max_examples=60)
def test_what_all_have_together_changes_by_nothing_but_fees(
    moves: list[Move],
) -> None:
    market = funded(Market())
    for (buyer, seller), instrument, lots, ticks, _, _, _ in moves:
        market.trade(buyer, seller, lots, ticks, instrument)
    everybody = [market.cash(name) for name in NAMES]
    houses = [market.cash(house_of(i)) for i in (BTC_PERP, ETH_PERP)]

    house = market.cash(insurance_of("main")) + market.cash(fees_of("main"))

    assert 6 * 900_000 * USD == sum(everybody) + sum(houses) + house
    assert house > 0


@given(
    some.lists(some.integers(1, 7), min_size=1, max_size=12),
    some.integers(TICKS, TICKS + 1_000),
    some.lists(some.integers(TICKS, TICKS + 1_000), min_size=12, max_size=12),
)
def test_closing_in_parts_comes_to_the_same_as_closing_at_once(
    parts: list[int], bought_ticks: int, sold_ticks: list[int]
) -> None:
    market = funded(Market())
    market.trade("alice", "bob", sum(parts), bought_ticks, taker="")

    for lots, ticks in zip(parts, sold_ticks, strict=False):
        market.trade("bob", "alice", lots, ticks, taker="")

    profit = sum(
        lots * (ticks - bought_ticks) * 500 for lots, ticks in zip(parts, sold_ticks, strict=False)
    )
    assert profit == market.cash("alice") - 900_000 * USD
    assert -profit == market.cash("bob") - 900_000 * USD


@given(some.lists(some.integers(-(10**24), 10**24), min_size=1, max_size=8), some.integers(1, 9))
def test_funding_nets_to_zero_but_for_dust_below_a_quantum_a_settlement(
    movements_e18: list[int], lots: int
) -> None:
    market = funded(Market())
    market.trade("alice", "bob", lots, TICKS, taker="")
    market.trade("carol", "bob", 2 * lots, TICKS, taker="")
    index_e18 = 0
    for movement in movements_e18:
        index_e18 += movement
        stored = market.state.get(FUNDING, BTC_PERP)
        assert stored is not None
        market.state.put(
            FUNDING, BTC_PERP, Funding(index_e18, 0, stored.hour_start_ms, stored.dust_e18)
        )
        market.settled()
        # One lot to and fro settles two of the three.
        market.trade("alice", "bob", 1, TICKS, taker="")
        market.trade("bob", "alice", 1, TICKS, taker="")
        market.settled()

    owed = [owed_quantums(market.state, account_of(name), BTC_PERP) for name in NAMES]
    paid = 3 * 900_000 * USD - sum(market.cash(name) for name in ("alice", "bob", "carol"))
    stored = market.state.get(FUNDING, BTC_PERP)

    assert stored is not None
    assert 0 <= stored.dust_e18 < 2 * len(movements_e18) * 10**18
    assert paid + sum(owed) >= 0
