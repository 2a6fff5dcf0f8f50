"""LIQ-050 to LIQ-059, LIQ-070 to LIQ-079: step 11 of a block."""

import pytest

from derivatives.liquidation import hooks
from derivatives.liquidation.conversion import begin_conversions
from derivatives.liquidation.events import CollateralConverted, OrdersCleared, SliceTaken
from derivatives.liquidation.state import WAITING
from derivatives.orders.state import OPEN_ORDERS
from tests.given_failing import Failing
from tests.given_insurance import Insured
from tests.given_market import UNIT_E8, USD, account_of


def test_orders_go_in_the_block_of_the_flag_and_slices_two_seconds_later() -> None:
    # LIQ-050, LIQ-051
    market = Failing()
    market.bids("alice", 1, 100_000)
    market.falls()
    market.bids("carol", 500, 124_300)

    first = market.ends()
    market.block(1_999)
    too_early = market.ends()
    market.block(1)
    told = market.ends()

    assert [OrdersCleared(account_of("alice"), 1)] == [
        event for event in first if isinstance(event, OrdersCleared)
    ]
    assert market.state.get(OPEN_ORDERS, account_of("alice")) is None
    assert [] == too_early
    slices = [event for event in told if isinstance(event, SliceTaken)]
    assert ["", ""] == [event.keeper_holder for event in slices]
    assert 810 == market.lots("alice")
    market.settled()


def test_a_slice_never_lowers_the_margin_ratio() -> None:
    # LIQ-022
    market = Failing()
    market.falls()
    market.bids("carol", 500, 124_300)
    market.block(2_000)

    for event in market.ends():
        if isinstance(event, SliceTaken):
            after, before = event.equity_after_quantums, event.equity_before_quantums
            assert (
                after * event.maintenance_before_quantums
                >= before * event.maintenance_after_quantums
            )


def test_a_book_without_bids_takes_nothing() -> None:
    # LIQ-052
    market = Failing()
    market.falls()
    market.block(2_000)

    assert [] == market.ends()
    assert 1_000 == market.lots("alice")


def test_insurance_buys_what_nobody_converted_after_thirty_seconds() -> None:
    # LIQ-070: at most 5 % of its 100,000 USD a block
    market = Insured(100_000 * USD)
    for name, usd in (("alice", 4_000), ("bob", 100_000)):
        market.deposit(name, usd * USD)
    market.fund("alice", UNIT_E8, "BTC")
    market.deposit("alice", UNIT_E8, "BTC")
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    market.trade("bob", "alice", 1_000, 107_000, taker="")
    begin_conversions(market.block_context())
    failing = Failing.ends
    market.block(29_999)
    assert [] == failing(market)  # type: ignore[arg-type]
    market.block(1)

    told = failing(market)  # type: ignore[arg-type]

    bought = [event for event in told if isinstance(event, CollateralConverted)]
    assert ["insurance/main"] == [event.buyer_holder for event in bought]
    paid = bought[0].value_quantums - bought[0].allowance_quantums
    assert 0 < paid <= 5_000 * USD


@pytest.mark.parametrize(
    ("dave_usd", "order"), [(399, ["dave", "alice"]), (401, ["alice", "dave"])]
)
def test_the_nearest_to_nothing_goes_first_and_who_waited_before_all(
    dave_usd: int, order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # LIQ-055: of 1,000 lots with 4,000 USD and 100 with about a tenth of it
    market = Failing()
    market.fund("dave", 1_000 * USD)
    market.deposit("dave", (dave_usd - 50) * USD)
    market.trade("dave", "bob", 100, 128_000, taker="")
    market.falls()
    market.block(2_000)
    served: list[str] = []
    monkeypatch.setattr(hooks, "ACCOUNTS_MAX_COUNT", 1)
    monkeypatch.setattr(hooks, "_serve", lambda context, account, budgets: served.append(account))

    market.ends()
    waits = [row.account_holder for _, row in market.state.scan(WAITING)]
    market.ends()

    assert [account_of(name) for name in order] == served
    assert [account_of(order[1])] == waits
    assert [account_of(order[0])] == [row.account_holder for _, row in market.state.scan(WAITING)]
