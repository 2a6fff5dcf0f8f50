"""ORDR-001 to ORDR-009: every row of an order comes and goes with it."""

import pytest

from derivatives.orders.book import (
    cancel_listed,
    find,
    next_order_id,
    open_count,
    reducible_lots,
    resting_of,
    shrink,
)
from derivatives.orders.state import (
    BOOK,
    CLIENT_IDS,
    EXPIRIES,
    OPEN_ORDERS,
    ORDERS,
    RESTING,
    TOPS,
    Resting,
    price_of_rank,
    rank_of,
)
from tests.given_book import BUY, SELL, TICKS, Book
from tests.given_market import BTC_PERP, account_of

ALICE = account_of("alice")


def test_cancelling_gives_everything_back(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    order = book.place("alice", BUY, 3, TICKS, client_id="a", good_till_ms=2**62)

    book.cancel("alice", order)

    for table in (BOOK, ORDERS, CLIENT_IDS, OPEN_ORDERS, RESTING, EXPIRIES, TOPS):
        assert [] == list(book.state.scan(table))
    book.sound()


def test_order_numbers_run_and_are_never_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    first = book.place("alice", BUY, 3, TICKS)
    book.cancel("alice", first)

    second = book.place("bob", BUY, 3, TICKS)

    assert (1, 2, 3) == (first, second, next_order_id(book.state, "main"))
    assert 1 == next_order_id(book.state, "other")


def test_sums_for_margin_follow_orders_and_leave_reduce_only_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    book.trade("alice", "bob", 4, TICKS)
    book.place("alice", BUY, 3, TICKS - 2)
    book.place("alice", SELL, 4, TICKS + 5, reduce_only=True)
    order = book.place("alice", SELL, 2, TICKS + 9)

    value = 500 * (TICKS - 2) * 3
    sold = 500 * (TICKS + 9) * 2
    assert Resting(3, 2, value, sold, 1, 2, 0, 4) == resting_of(book.state, ALICE, BTC_PERP)
    rested = find(book.state, ALICE, order)
    assert rested is not None
    shrink(book.state, rested, 1)
    half = sold // 2
    assert Resting(3, 1, value, half, 1, 2, 0, 4) == resting_of(book.state, ALICE, BTC_PERP)
    assert 3 == open_count(book.state, ALICE)
    assert (0, 4) == tuple(reducible_lots(book.state, ALICE, BTC_PERP, s) for s in (BUY, SELL))


def test_better_prices_have_lower_ranks() -> None:
    assert rank_of(BUY, 10) < rank_of(BUY, 9)
    assert rank_of(SELL, 9) < rank_of(SELL, 10)
    assert [7, 7] == [price_of_rank(side, rank_of(side, 7)) for side in (BUY, SELL)]


def test_unknown_order_is_not_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)

    assert not cancel_listed(book.context(), ALICE, 7, "asked")
