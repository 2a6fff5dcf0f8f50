"""FUTU-010 to FUTU-016: what has expired is closed at one price, and nobody gains by it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivatives.futures import sweep
from derivatives.futures.events import PositionSettled
from derivatives.futures.invariants import INVARIANTS
from derivatives.instruments.state import TRADING, TRADING_FROZEN, Trading
from derivatives.marks.state import MARKS
from derivatives.orders import hooks as orders_hooks
from derivatives.orders.events import OrderCancelled
from derivatives.orders.invariants import reduce_only_orders_are_backed_by_positions
from derivatives.orders.state import BOOK, SIDE_SELL
from derivatives.positions.state import OPEN_INTEREST
from tests.given_dated import FUTURE, Dated
from tests.given_margin import Margined
from tests.given_market import USD, account_of
from tests.given_options import CALL, PUT, Optioned

NAMES = ("alice", "bob", "carol", "dave")


def opened(*trades: tuple[str, str, int, int]) -> Dated:
    market = Dated()
    for name in NAMES:
        market.deposit(name, 1_000_000 * USD)
    for buyer, seller, lots, ticks in trades:
        market.trade(buyer, seller, lots, ticks, FUTURE, taker="")
    return market


def test_positions_are_closed_at_the_settlement_price_losers_first() -> None:
    market = opened(("alice", "bob", 10, 127_000))
    market.minutes(60)

    told = market.close()

    # 10 lots bought at 127,000 ticks settle at 128,000: 10 x 1,000 x 500 quantums.
    assert [
        PositionSettled(account_of("bob"), FUTURE, -10, 128_000, -5_000_000),
        PositionSettled(account_of("alice"), FUTURE, 10, 128_000, 5_000_000),
    ] == [event for event in told if isinstance(event, PositionSettled)]
    assert (1_000_005 * USD, 999_995 * USD) == (market.cash("alice"), market.cash("bob"))
    assert (0, 0) == (market.lots("alice", FUTURE), market.lots("bob", FUTURE))
    assert market.state.get(OPEN_INTEREST, FUTURE) is None
    market.settled()


def test_single_lots_are_closed_two_a_block_where_two_are_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # FUTU-010
    monkeypatch.setattr(sweep, "CLOSINGS_MAX_COUNT", 2)
    market = opened(("alice", "bob", 1, 127_000), ("carol", "dave", 1, 127_000))
    market.minutes(60)

    found = []
    for _ in range(2):
        market.close()
        found.append([market.lots(name, FUTURE) for name in NAMES])

    assert 0 == sum(map(abs, found[1]))
    assert 2 == sum(map(abs, found[0]))
    market.settled()


def test_reduce_only_orders_may_outlive_the_positions_that_were_swept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # ORDR-007, FUTU-014: more orders end at once than a block has room for
    market = opened(("alice", "bob", 10, 127_000))
    Margined.rest(market, "alice", SIDE_SELL, 10, 129_000, FUTURE, reduce_only=True)
    market.minutes(60)
    monkeypatch.setattr(orders_hooks, "ENDED_MAX_COUNT", 0)

    market.close()

    assert (0, 1) == (market.lots("alice", FUTURE), len([*market.state.scan(BOOK)]))
    reduce_only_orders_are_backed_by_positions(market.state)


def test_nobodys_equity_changes_by_the_sweep() -> None:
    market = opened(("alice", "bob", 10, 127_000), ("carol", "alice", 4, 129_000))
    market.minutes(60)
    before = [market.health(name).equity_quantums for name in NAMES]

    market.close()

    assert before == [market.health(name).equity_quantums for name in NAMES]


def test_nothing_is_closed_before_the_price_is_fixed() -> None:
    market = opened(("alice", "bob", 10, 127_000))
    market.minutes(59)

    assert [] == market.close()
    assert 10 == market.lots("alice", FUTURE)


def test_orders_of_what_has_expired_end_with_it() -> None:
    market = opened(("alice", "bob", 10, 127_000))
    market.bid(127_000, 3)
    market.minutes(60)

    told = market.close()

    (ended,) = [event for event in told if isinstance(event, OrderCancelled)]
    assert ("expired", 3) == (ended.why, ended.remaining_lots)
    assert [] == list(market.state.scan(BOOK, (FUTURE,)))


def test_what_the_bound_leaves_is_closed_in_the_next_block() -> None:
    market = opened(("alice", "bob", 10, 127_000), ("carol", "dave", 10, 127_000))
    market.minutes(60)
    sweep_max, sweep.CLOSINGS_MAX_COUNT = sweep.CLOSINGS_MAX_COUNT, 3
    try:
        first = market.close()
        market.settled()
        second = market.close()
    finally:
        sweep.CLOSINGS_MAX_COUNT = sweep_max

    assert (2, 2) == (len(first), len(second))
    assert market.state.get(OPEN_INTEREST, FUTURE) is None


def test_options_are_exercised_in_cash_where_they_pay() -> None:
    market = Optioned()
    for name in ("alice", "bob"):
        market.deposit(name, 1_000 * USD)
    market.trade("alice", "bob", 10, 300, CALL, taker="")
    market.trade("alice", "bob", 10, 300, PUT, taker="")
    market.minutes(30)
    market.spot(65_000)
    market.minutes(30)
    before = [market.health(name).equity_quantums for name in ("alice", "bob")]

    told = market.close()

    # The call pays 1,000 USD a bitcoin on a hundredth of one, the put nothing.
    paid = {(event.instrument, event.size_lots): event.realised_quantums for event in told}
    assert {(CALL, 10): 10 * USD, (CALL, -10): -10 * USD, (PUT, 10): 0, (PUT, -10): 0} == paid
    assert before == [market.health(name).equity_quantums for name in ("alice", "bob")]
    assert (1_007 * USD, 993 * USD) == (market.cash("alice"), market.cash("bob"))
    assert 0 == market.cash(f"house/{CALL}") == market.cash(f"house/{PUT}")
    market.settled()


def test_a_frozen_future_neither_settles_nor_is_swept() -> None:
    market = opened(("alice", "bob", 10, 127_000))
    market.minutes(30)
    market.state.put(TRADING, FUTURE, Trading(TRADING_FROZEN, 0, 0))
    market.minutes(40)

    assert [] == market.close()


TRADES = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.integers(1, 500),
        st.integers(120_000, 136_000),
    ).filter(lambda trade: trade[0] != trade[1]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(TRADES)
def test_money_in_is_money_out_whoever_traded(trades: list[tuple[str, str, int, int]]) -> None:
    market = opened(*trades)
    market.minutes(60)
    mark = market.state.get(MARKS, FUTURE)
    assert mark is not None

    market.close()

    assert 4_000_000 * USD == sum(market.cash(name) for name in NAMES)
    assert 0 == market.cash(f"house/{FUTURE}")
    market.settled()
    for invariant in INVARIANTS:
        invariant(market.state)
