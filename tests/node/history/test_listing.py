"""HIST-001 to HIST-004, HIST-011: what blocks told is sorted into lists and candles."""

from typing import Any

import pytest

from chain.block.receipt import HOOKS_KIND, Emitted, Receipt, encode_receipt
from chain.codec.canonical import encode
from chain.codec.record import Raw
from chain.machine.application import Application
from derivatives.accounts.events import CollateralDeposited
from derivatives.block_trades.events import BlockTraded
from derivatives.liquidation.events import SliceTaken
from derivatives.orders.events import OrderRested
from derivatives.perpetuals.events import FundingRateFixed
from derivatives.registry import REGISTRY
from derivatives.trades.events import Traded
from node.history.candles import DAY_MS, HOUR_MS, MINUTE_MS, Candle
from node.history.listing import TRADE_FIELDS, Kinds, Listing
from node.history.topics import LISTED
from tests import given

APPLICATION = Application(REGISTRY)
KINDS = Kinds(APPLICATION)
ALICE, BOB = (given.holder(f"{name}/0") for name in ("alice", "bob"))
TRANSACTION_KIND = 3_501
FIRST_SEQ = 100


def traded(
    buyer: str = ALICE, seller: str = BOB, taker_side: str = "buyer", *, price: int = 128_000
) -> Traded:
    return Traded(1, "BTC-PERP", price, 5, taker_side, buyer, seller, 0, 0, 0, 0)


def taken(account: str, keeper: str) -> SliceTaken:
    return SliceTaken(account, keeper, False, 0, (), (), *range(13))


def receipts(*events: Any, kind: int = TRANSACTION_KIND) -> tuple[bytes, ...]:
    """One receipt for each event."""
    return tuple(
        encode_receipt(
            Receipt(
                bytes(32),
                index,
                kind,
                0,
                (),
                (Emitted(*APPLICATION.event_number(type(event)), Raw(encode(event))),),
                0,
            )
        )
        for index, event in enumerate(events)
    )


def listed(*events: Any, kind: int = TRANSACTION_KIND) -> Listing:
    listing = Listing(KINDS)
    end_seq = listing.add(receipts(*events, kind=kind), FIRST_SEQ, 61_000)
    assert FIRST_SEQ + len(events) == end_seq
    return listing


def topics_of(event: Any) -> set[str]:
    lists = listed(event).lists()
    assert all([FIRST_SEQ] == list(numbers) for numbers in lists.values())
    return set(lists)


def test_a_trade_is_listed_with_both_accounts_and_its_market() -> None:
    expected = {f"account/{ALICE}", f"account/{BOB}", "trades/BTC-PERP"}

    assert expected == topics_of(traded())


def test_who_trades_with_itself_is_listed_once() -> None:
    assert {f"account/{ALICE}", "trades/BTC-PERP"} == topics_of(traded(ALICE, ALICE))


def test_a_block_is_listed_with_both_accounts_and_sets_no_price() -> None:
    expected = {f"account/{ALICE}", f"account/{BOB}"}

    assert expected == topics_of(BlockTraded(ALICE, BOB, 1, 2, 0, 7))
    assert {} == listed(traded(taker_side="")).candles


def test_a_slice_is_listed_with_account_keeper_and_liquidations() -> None:
    expected = {f"account/{ALICE}", f"account/{BOB}", "liquidations"}

    assert expected == topics_of(taken(ALICE, BOB))
    assert {f"account/{ALICE}", "liquidations"} == topics_of(taken(ALICE, ""))


def test_a_holder_that_is_no_account_has_no_list() -> None:
    assert set() == topics_of(CollateralDeposited("default/main", "USD", 5))


def test_a_fixed_rate_is_listed_with_its_market() -> None:
    assert {"rates/BTC-PERP"} == topics_of(FundingRateFixed("BTC-PERP", 0, 0, 0, 0, 0))


def test_numbers_count_every_event_and_ascend_over_blocks() -> None:
    rested = OrderRested(*([0] * len(OrderRested.__struct_fields__)))
    listing = Listing(KINDS)

    end_seq = listing.add(receipts(rested, traded(), rested, traded()), 7, 0)
    end_seq = listing.add(receipts(traded(BOB, given.holder("carol/0"))), end_seq, 0)

    assert 12 == end_seq
    assert [8, 10, 11] == listing.lists()["trades/BTC-PERP"] == listing.lists()[f"account/{BOB}"]
    assert [8, 10] == listing.lists()[f"account/{ALICE}"]


def test_trades_of_a_block_make_one_candle_of_each_kept_span() -> None:
    listing = listed(*[traded(price=price) for price in (10, 14, 8, 11)])
    listing.add(receipts(traded(price=20)), FIRST_SEQ, 119_999)
    listing.add(receipts(traded(price=9)), FIRST_SEQ, 120_000)

    minutes = listing.candles["BTC-PERP", MINUTE_MS]
    assert [Candle(60_000, 10, 20, 8, 20, 25, 5), Candle(120_000, 9, 9, 9, 9, 5, 1)] == minutes
    for interval_ms in (HOUR_MS, DAY_MS):
        assert [Candle(0, 10, 20, 8, 9, 30, 6)] == listing.candles["BTC-PERP", interval_ms]


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
    assert sets_a_price == bool(listed(traded(taker_side=taker_side), kind=kind).candles)


def test_what_is_no_trade_sets_no_price() -> None:
    assert {} == listed(taken(ALICE, BOB), kind=HOOKS_KIND).candles


def test_every_kind_that_is_listed_is_looked_for() -> None:
    assert set(LISTED) == set(KINDS.named.values())
    assert len(TRADE_FIELDS) == len(KINDS.wanted[KINDS.trade])
    assert list(TRADE_FIELDS) == [
        name for name in Traded.__struct_fields__ if name in TRADE_FIELDS
    ], "a row has them in this order"
