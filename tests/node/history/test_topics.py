"""HIST-001 to HIST-004, HIST-011: which events are listed where."""

import pytest

from chain.block.receipt import HOOKS_KIND
from derivatives.accounts.events import CollateralDeposited
from derivatives.block_trades.events import BlockTraded
from derivatives.liquidation.events import SliceTaken
from derivatives.orders.events import OrderRested
from derivatives.perpetuals.events import FundingRateFixed
from derivatives.trades.events import Traded
from node.history.topics import FORCED, LISTED, Fill, fill_of, topics_of
from tests import given

ALICE, BOB = (given.holder(f"{name}/0") for name in ("alice", "bob"))
TRANSACTION_KIND = 3_501


def traded(buyer: str = ALICE, seller: str = BOB, taker_side: str = "buyer") -> Traded:
    return Traded(1, "BTC-PERP", 128_000, 5, taker_side, buyer, seller, 0, 0, 0, 0)


def taken(account: str, keeper: str) -> SliceTaken:
    return SliceTaken(account, keeper, False, 0, (), (), *range(13))


def test_a_trade_is_listed_with_both_accounts_and_its_market() -> None:
    expected = {f"account/{ALICE}", f"account/{BOB}", "trades/BTC-PERP"}

    assert expected == set(topics_of(traded()))


def test_a_block_is_listed_with_both_accounts_and_sets_no_price() -> None:
    expected = {f"account/{ALICE}", f"account/{BOB}"}

    assert expected == set(topics_of(BlockTraded(ALICE, BOB, 1, 2, 0, 7)))
    assert fill_of(traded(taker_side=""), TRANSACTION_KIND) is None


def test_a_slice_is_listed_with_account_keeper_and_liquidations() -> None:
    expected = {f"account/{ALICE}", f"account/{BOB}", "liquidations"}

    assert expected == set(topics_of(taken(ALICE, BOB)))
    assert {f"account/{ALICE}", "liquidations"} == set(topics_of(taken(ALICE, "")))


def test_a_holder_that_is_no_account_has_no_list() -> None:
    event = CollateralDeposited("default/main", "USD", 5)

    assert [] == list(topics_of(event))


def test_a_fixed_rate_is_listed_with_its_market() -> None:
    assert ["rates/BTC-PERP"] == list(topics_of(FundingRateFixed("BTC-PERP", 0, 0, 0, 0, 0)))


def test_orders_that_met_nobody_are_not_listed() -> None:
    assert OrderRested not in LISTED
    assert set(FORCED) <= LISTED


@pytest.mark.parametrize(
    ("taker_side", "kind", "sets_a_price"),
    [
        ("buyer", TRANSACTION_KIND, True),
        ("seller", HOOKS_KIND, True),
        ("", HOOKS_KIND, True),
        ("", TRANSACTION_KIND, False),
    ],
)
def test_book_and_auction_set_prices_and_keepers_do_not(
    taker_side: str, kind: int, sets_a_price: bool
) -> None:
    found = fill_of(traded(taker_side=taker_side), kind)

    assert (Fill("BTC-PERP", 128_000, 5) if sets_a_price else None) == found


def test_what_is_no_trade_sets_no_price() -> None:
    assert fill_of(taken(ALICE, BOB), HOOKS_KIND) is None
