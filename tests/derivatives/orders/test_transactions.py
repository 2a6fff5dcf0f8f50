"""ORDR-010 to ORDR-019, ORDR-040 to ORDR-049: what is asked of the book, and each refusal."""

from typing import Any

import pytest

from chain.kit import CLASS_POST_ONLY, CLASS_TRADING, replace
from derivatives.accounts.state import COMPARTMENTS
from derivatives.accounts.transactions import AddDelegate
from derivatives.instruments.state import (
    TRADING,
    TRADING_HALTED,
    TRADING_REDUCE_ONLY,
    Trading,
)
from derivatives.oracle.ladder import FeedState
from derivatives.orders.events import OrderAmended, OrderPlaced, OrderRested
from derivatives.orders.state import FILL_OR_KILL, IMMEDIATE_OR_CANCEL
from derivatives.orders.transactions import Amend, Cancel, CancelAll, Place, SetDeadMan
from tests import given
from tests.given_book import BUY, SELL, TICKS, Book, cancelled, fills, placing
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, account_of

ALICE = account_of("alice")


def test_order_that_meets_nobody_rests_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)

    order = book.place("alice", BUY, 5, TICKS - 10, client_id="grid-1")

    placed = OrderPlaced(order, ALICE, BTC_PERP, BUY, TICKS - 10, 5, 1, False, False, "grid-1", 0)
    rested = OrderRested(order, ALICE, BTC_PERP, BUY, TICKS - 10, 5)
    assert [placed, rested] == book.told
    book.sound()


def test_post_only_orders_go_before_those_that_take() -> None:
    assert CLASS_POST_ONLY == placing("alice", BUY, 1, TICKS, post_only=True).transaction_class
    assert CLASS_TRADING == placing("alice", BUY, 1, TICKS).transaction_class
    assert (2_500, 4_000) == (
        placing("alice", BUY, 1, TICKS, post_only=True).weight,
        placing("alice", BUY, 1, TICKS).weight,
    )


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"side": 0}, "side_unknown"),
        ({"side": 3}, "side_unknown"),
        ({"size_lots": 0}, "size_not_positive"),
        ({"size_lots": -1}, "size_not_positive"),
        ({"time_in_force": 0}, "time_in_force_unknown"),
        ({"time_in_force": 4}, "time_in_force_unknown"),
        ({"self_trade": 2}, "self_trade_unknown"),
        ({"trigger_kind": 3, "trigger_ticks": 1}, "trigger_unknown"),
        ({"trigger_kind": 1}, "trigger_price_missing"),
        ({"trigger_ticks": 1}, "trigger_price_missing"),
        ({"client_id": "two words"}, "client_id_malformed"),
        ({"client_id": "x" * 37}, "client_id_malformed"),
        ({"post_only": True, "time_in_force": IMMEDIATE_OR_CANCEL}, "flags_conflict"),
        ({"post_only": True, "time_in_force": FILL_OR_KILL}, "flags_conflict"),
        ({"post_only": True, "trigger_kind": 1, "trigger_ticks": 9}, "flags_conflict"),
        ({"price_ticks": 0}, "flags_conflict"),
        ({"good_till_ms": 1, "time_in_force": IMMEDIATE_OR_CANCEL}, "flags_conflict"),
        ({"account_holder": account_of("alice", 7)}, "accounts.account_unknown"),
        ({"account_holder": account_of("bob")}, "accounts.not_delegate"),
        ({"instrument": "XAU-PERP"}, "instrument_unknown"),
        ({"good_till_ms": 1}, "expired"),
        ({"price_ticks": TICKS * 3 // 2 + 1}, "price_too_far"),
        ({"price_ticks": TICKS // 2 - 1}, "price_too_far"),
        ({"size_lots": 2**50}, "too_large"),
        ({"reduce_only": True}, "nothing_to_reduce"),
    ],
)
def test_order_is_refused_for(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], slug: str
) -> None:
    book = Book(monkeypatch)
    order = replace(placing("alice", BUY, 5, TICKS), **changes)

    assert slug == book.refused("alice", order)
    assert ([], []) == book.depth()


def test_price_at_the_farthest_is_taken_and_beyond_it_the_range_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    book.place("alice", BUY, 1, TICKS // 2)
    book.place("alice", SELL, 1, TICKS * 3 // 2)

    book.refused("alice", placing("alice", BUY, 1, TICKS * 2))

    assert {
        "price_ticks": TICKS * 2,
        "lowest_ticks": TICKS // 2,
        "highest_ticks": TICKS * 3 // 2,
    } == book.facts


def test_sizes_add_up_to_what_a_side_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    limit_lots = 2**56 // (TICKS * 500)
    book.place("alice", BUY, limit_lots, TICKS)

    slug = book.refused("alice", placing("alice", BUY, 1, TICKS))

    assert "too_large" == slug
    assert {"size_lots": limit_lots + 1, "limit_lots": limit_lots} == book.facts
    book.sound()


@pytest.mark.parametrize("first_ticks", [TICKS // 2, TICKS * 3 // 2])
def test_each_order_of_a_side_counts_at_the_highest_of_limit_index_and_mark(
    monkeypatch: pytest.MonkeyPatch, first_ticks: int
) -> None:
    book = Book(monkeypatch)
    lots = 2**56 // (max(first_ticks, TICKS) * 500)
    book.place("alice", SELL, lots, first_ticks)

    # A cheap sale still counts at the mark, and a dear one stays counted at its limit.
    assert "too_large" == book.refused("alice", placing("alice", SELL, 2, TICKS))
    book.sound()


def test_delegate_may_place_and_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.send("alice", AddDelegate(ALICE, given.address("bob"), 2**62))

    order = book.place("bob", BUY, 1, TICKS, account_holder=ALICE)
    book.send("bob", Cancel(ALICE, order, ""))

    assert [] == book.open("alice")


def test_client_id_names_one_open_order(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    order = book.place("alice", BUY, 1, TICKS, client_id="one")

    assert "client_id_taken" == book.refused("alice", placing("alice", BUY, 1, 1, client_id="one"))
    assert {"client_id": "one", "order_id": order} == book.facts
    book.place("bob", BUY, 1, TICKS, client_id="one")
    book.told = book.send("alice", Cancel(ALICE, 0, "one"))
    assert [(order, "asked")] == cancelled(book.told)
    assert "client_id_unknown" == book.refused("alice", Cancel(ALICE, 0, "one"))
    book.place("alice", BUY, 1, TICKS, client_id="one")
    book.sound()


def test_account_has_so_many_open_orders_and_triggers(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    terms = book.state.get(COMPARTMENTS, "main")
    assert terms is not None
    assert 1_024 == terms.account_orders_max_count
    book.state.put(COMPARTMENTS, "main", replace(terms, account_orders_max_count=2))
    book.place("alice", BUY, 1, TICKS)
    book.place("alice", BUY, 1, TICKS, trigger_kind=1, trigger_ticks=TICKS + 9)

    slug = book.refused("alice", placing("alice", BUY, 1, TICKS))

    assert ("orders_too_many", {"limit_count": 2}) == (slug, book.facts)


def test_halted_instrument_takes_cancels_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    order = book.place("alice", BUY, 2, TICKS)
    book.state.put(TRADING, BTC_PERP, Trading(TRADING_HALTED, 0, 0))

    assert "halted" == book.refused("alice", placing("alice", BUY, 1, TICKS))
    assert "halted" == book.refused("alice", Amend(ALICE, order, TICKS, 3))
    book.cancel("alice", order)
    assert ([], []) == book.depth()


def test_stale_price_lets_orders_only_reduce(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.trade("alice", "bob", 3, TICKS)
    book.price("BTC", 64_000 * UNIT_E8, FeedState.STALE)

    assert "price_stale" == book.refused("alice", placing("alice", BUY, 1, TICKS))
    book.place("alice", SELL, 1, TICKS, reduce_only=True)
    book.state.put(TRADING, BTC_PERP, Trading(TRADING_REDUCE_ONLY, 0, 0))
    assert "reduce_only_now" == book.refused("alice", placing("alice", BUY, 1, TICKS))
    book.price("BTC", 64_000 * UNIT_E8, FeedState.INVALID)
    closing = placing("alice", SELL, 1, TICKS, reduce_only=True)
    assert "price_stale" == book.refused("alice", closing)


def test_auction_takes_only_what_may_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.auction(2_000)

    for how in ({"price_ticks": 0}, {"price_ticks": TICKS, "time_in_force": FILL_OR_KILL}):
        at_once = placing("alice", BUY, 1, **{"price_ticks": TICKS, **how})
        assert "auction_rests" == book.refused("alice", at_once)
    book.place("bob", SELL, 1, TICKS)
    book.place("alice", BUY, 1, TICKS, post_only=True)


def test_post_only_order_never_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.place("alice", SELL, 1, TICKS)

    slug = book.refused("bob", placing("bob", BUY, 1, TICKS + 3, post_only=True))

    assert "post_only_crosses" == slug
    assert {"price_ticks": TICKS + 3, "best_price_ticks": TICKS} == book.facts
    book.place("bob", BUY, 1, TICKS - 1, post_only=True)


def test_order_that_shrinks_keeps_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    first = book.place("alice", SELL, 5, TICKS)
    book.place("bob", SELL, 5, TICKS)
    book.block()

    book.amend("alice", first, TICKS, 2)

    assert [OrderAmended(first, TICKS, 2, True)] == book.told
    order = book.open("alice")[0].order
    assert (2, 2, book.time_ms, book.height) == (
        order.size_lots,
        order.remaining_lots,
        order.changed_ms,
        order.changed_height,
    )
    book.place("carol", BUY, 1, TICKS)
    assert [(first, 1, TICKS)] == fills(book.told)
    book.sound()


@pytest.mark.parametrize(("price_ticks", "lots"), [(TICKS, 6), (TICKS + 1, 5), (TICKS + 1, 1)])
def test_order_that_grows_or_moves_loses_its_time(
    monkeypatch: pytest.MonkeyPatch, price_ticks: int, lots: int
) -> None:
    book = Book(monkeypatch)
    first = book.place("alice", SELL, 5, TICKS)
    second = book.place("bob", SELL, 5, price_ticks)

    book.amend("alice", first, price_ticks, lots)

    book.place("carol", BUY, 5 + lots, TICKS + 1)
    assert [(second, 5, price_ticks), (first, lots, price_ticks)] == fills(book.told)
    book.sound()


def test_amended_order_keeps_its_number_and_may_trade(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    resting = book.place("alice", SELL, 1, TICKS)
    order = book.place("bob", BUY, 5, TICKS - 1, client_id="b")

    book.amend("bob", order, TICKS, 5)

    assert [(resting, 1, TICKS)] == fills(book.told)
    left = book.open("bob")[0].order
    assert (order, "b", 5, 4) == (
        left.order_id,
        left.client_id,
        left.size_lots,
        left.remaining_lots,
    )
    book.sound()


@pytest.mark.parametrize(
    ("price_ticks", "lots", "slug"),
    [
        (0, 1, "price_not_positive"),
        (TICKS, 0, "size_not_positive"),
        (TICKS, 5, "nothing_amended"),
        (TICKS * 2, 5, "price_too_far"),
        (TICKS, 2**50, "too_large"),
    ],
)
def test_amend_is_refused_for(
    monkeypatch: pytest.MonkeyPatch, price_ticks: int, lots: int, slug: str
) -> None:
    book = Book(monkeypatch)
    order = book.place("alice", BUY, 5, TICKS)

    assert slug == book.refused("alice", Amend(ALICE, order, price_ticks, lots))
    assert ([(TICKS, 5)], []) == book.depth()
    book.sound()


def test_others_orders_are_unknown_and_triggers_are_not_amended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    order = book.place("alice", BUY, 5, TICKS)
    trigger = book.place("alice", BUY, 5, TICKS, trigger_kind=1, trigger_ticks=TICKS + 1)

    assert "order_unknown" == book.refused("bob", Cancel(account_of("bob"), order, ""))
    assert "order_unknown" == book.refused("bob", Amend(account_of("bob"), order, TICKS, 1))
    assert "trigger_not_amendable" == book.refused("alice", Amend(ALICE, trigger, TICKS, 1))
    assert "flags_conflict" == book.refused("alice", Cancel(ALICE, order, "x"))


def test_cancel_all_takes_orders_and_triggers_of_one_instrument_or_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    one = book.place("alice", BUY, 1, TICKS)
    two = book.place("alice", BUY, 1, TICKS, trigger_kind=1, trigger_ticks=TICKS + 1)
    three = book.place("alice", BUY, 1, 64_000, instrument=ETH_PERP)
    book.place("bob", BUY, 1, TICKS)

    told = book.send("alice", CancelAll(ALICE, BTC_PERP))
    assert [(one, "asked"), (two, "asked")] == cancelled(told)
    told = book.send("alice", CancelAll(ALICE, ""))
    assert [(three, "asked")] == cancelled(told)
    assert [] == book.send("alice", CancelAll(ALICE, ""))
    assert "instrument_unknown" == book.refused("alice", CancelAll(ALICE, "XAU-PERP"))
    assert ([(TICKS, 1)], []) == book.depth()
    book.sound()


@pytest.mark.parametrize("timeout_ms", [-1, 1, 999, 86_400_001])
def test_dead_mans_time_is_between_a_second_and_a_day(
    monkeypatch: pytest.MonkeyPatch, timeout_ms: int
) -> None:
    book = Book(monkeypatch)

    assert "dead_man_out_of_range" == book.refused("alice", SetDeadMan(ALICE, timeout_ms))


def test_touched_accounts_are_those_that_margin_must_look_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    book.place("bob", SELL, 1, TICKS)
    context = book.context("alice")

    placing("alice", BUY, 2, TICKS).apply(context)

    assert {ALICE, account_of("bob")} == set(context.touched)
    cancelling = book.context("alice")
    Cancel(ALICE, book.open("alice")[0].order.order_id, "").apply(cancelling)
    assert {ALICE} == set(cancelling.touched)


def test_fields_of_an_order_are_those_people_name() -> None:
    assert "account_holder" == Place.__struct_fields__[0]
