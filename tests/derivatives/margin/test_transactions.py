"""MARG-060 to MARG-074: taking collateral out, and changing the schedule."""

import pytest

from chain.kit import Refusal
from derivatives.accounts.state import ACCOUNTS
from derivatives.margin.events import CollateralWithdrawn, ScheduleChanged
from derivatives.margin.state import FAMILIES, SCHEDULES, ScheduleTerms
from derivatives.margin.transactions import SetSchedule, WithdrawCollateral
from derivatives.oracle.ladder import FeedState
from derivatives.orders.state import SIDE_BUY
from tests.given_margin import Margined
from tests.given_market import UNIT_E8, USD, account_of

ALICE = account_of("alice")
NEEDED = 3_651_202_500


def _market(alice: int = 10_000 * USD) -> Margined:
    market = Margined()
    market.deposit("alice", alice)
    market.deposit("bob", 100_000 * USD)
    market.block()
    return market


def _withdraw(market: Margined, amount: int, asset: str = "USD", name: str = "alice") -> str:
    try:
        market.send(name, WithdrawCollateral(ALICE, asset, amount))
    except Refusal as refused:
        return refused.reason.slug
    return ""


def test_everything_may_leave_an_account_without_positions() -> None:
    market = _market()

    events = market.send("alice", WithdrawCollateral(ALICE, "USD", 10_000 * USD))

    assert 0 == market.cash("alice")
    assert CollateralWithdrawn(ALICE, "USD", 10_000 * USD) in events
    market.settled()


# MARG-060  A withdrawal may go down to initial margin, and not a quantum below.
def test_withdrawal_may_go_down_to_initial_margin_and_not_a_quantum_below() -> None:
    market = _market()
    market.trade("alice", "bob", 1_000, 128_000, taker="")

    assert "margin.initial_margin_short" == _withdraw(market, 10_000 * USD - NEEDED + 1)
    assert 10_000 * USD == market.cash("alice")
    assert "" == _withdraw(market, 10_000 * USD - NEEDED)
    assert NEEDED == market.cash("alice")


def test_unrealised_gains_cannot_be_withdrawn() -> None:
    market = _market()
    market.trade("alice", "bob", 1_000, 126_000, taker="")

    assert 1_000 * USD == market.health("alice").unrealised_quantums
    assert "margin.initial_margin_short" == _withdraw(market, 10_000 * USD - NEEDED + 1)
    assert "" == _withdraw(market, 10_000 * USD - NEEDED)


def test_resting_orders_hold_back_what_backs_them() -> None:
    market = _market()
    market.rest("alice", SIDE_BUY, 1_000, 127_000)

    assert "margin.initial_margin_short" == _withdraw(market, 10_000 * USD - NEEDED + 1)


@pytest.mark.parametrize("state", [FeedState.DEGRADED, FeedState.STALE, FeedState.INVALID])
def test_nothing_leaves_while_a_feed_that_matters_is_not_normal(state: FeedState) -> None:
    market = _market()
    market.trade("alice", "bob", 10, 128_000, taker="")
    market.price("BTC", 64_000 * UNIT_E8, state)

    assert "margin.feed_not_normal" == _withdraw(market, 1)


def test_feed_that_an_account_does_not_need_holds_nothing_back() -> None:
    market = _market()
    market.trade("alice", "bob", 10, 128_000, taker="")
    market.price("ETH", 3_200 * UNIT_E8, FeedState.STALE)

    assert "" == _withdraw(market, 1)


def test_order_of_reasons() -> None:
    market = _market()

    assert "margin.amount_not_positive" == _withdraw(market, 0)
    assert "accounts.not_owner" == _withdraw(market, 1, name="bob")
    assert "accounts.asset_not_collateral" == _withdraw(market, 1, "XYZ")
    assert "ledger.balance_short" == _withdraw(market, 10_000 * USD + 1)
    assert "ledger.balance_short" == _withdraw(market, 1, "BTC")


def test_withdrawing_more_than_the_hour_allows_is_refused_for_everybody() -> None:
    market = _market()
    market.fund("bob", 1_500_000 * USD)
    market.deposit("bob", 1_500_000 * USD)
    market.block(3_600_000)

    with pytest.raises(Refusal) as refused:
        market.send("bob", WithdrawCollateral(account_of("bob"), "USD", 1_000_000 * USD + 1))

    assert "margin.outflow_limit" == refused.value.reason.slug
    market.send("bob", WithdrawCollateral(account_of("bob"), "USD", 1_000_000 * USD))
    assert "margin.outflow_limit" == _withdraw(market, 1)
    market.deposit("bob", 5)
    assert "" == _withdraw(market, 5)


def _with_tight(market: Margined, entry: int = 0, scale_ppm: int = 2_000_000) -> None:
    """Add a schedule that asks for more: twice the risk, and some equity to enter."""
    terms = ScheduleTerms(scale_ppm, 800_000, 150_000, 1_000_000, 50_000, entry, 0, 1_000_000)
    market.state.put(SCHEDULES, ("main", "tight"), terms)
    for family in ("BTC", "ETH", "GOLD"):
        found = market.state.get(FAMILIES, ("main", "standard", family))
        assert found is not None
        market.state.put(FAMILIES, ("main", "tight", family), found)


def _change(market: Margined, schedule: str = "tight") -> str:
    try:
        market.send("alice", SetSchedule(ALICE, schedule))
    except Refusal as refused:
        return refused.reason.slug
    return ""


def test_schedule_changes_where_its_initial_margin_is_met() -> None:
    market = _market()
    _with_tight(market)
    market.trade("alice", "bob", 1_000, 128_000, taker="")

    events = market.send("alice", SetSchedule(ALICE, "tight"))

    record = market.state.get(ACCOUNTS, ALICE)
    assert record is not None
    assert "tight" == record.schedule
    assert [ScheduleChanged(ALICE, "standard", "tight")] == events
    assert market.health("alice").initial_quantums > 5_700 * USD


def test_schedule_does_not_change_where_its_initial_margin_is_not_met() -> None:
    market = _market(4_000 * USD)
    _with_tight(market)
    market.trade("alice", "bob", 1_000, 128_000, taker="")

    assert "margin.initial_margin_short" == _change(market)


def test_schedule_may_ask_for_equity_to_enter() -> None:
    market = _market()
    _with_tight(market, entry=10_000 * USD + 1)

    assert "margin.entry_equity_short" == _change(market)


def test_schedule_must_be_known_and_margin_what_the_compartment_takes() -> None:
    market = _market()
    _with_tight(market)
    market.state.delete(FAMILIES, ("main", "tight", "ETH"))

    assert "margin.schedule_unknown" == _change(market, "none")
    assert "margin.schedule_lacks_family" == _change(market)
