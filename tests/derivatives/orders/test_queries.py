"""ORDR-073: what an account has open, and what the book shows, as records."""

import pytest

from derivatives.orders.queries import book_depth, open_order, open_orders
from tests.given_book import BUY, SELL, TICKS, Book
from tests.given_market import BTC_PERP, account_of

ALICE = account_of("alice")


def test_open_orders_are_told_with_their_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    order = book.place("alice", BUY, 3, TICKS - 5, client_id="a")
    trigger = book.place("alice", SELL, 2, 0, trigger_kind=1, trigger_ticks=TICKS - 9)
    book.place("bob", SELL, 1, TICKS - 5)

    found = open_orders(book.state, ALICE).orders

    assert [(order, "a", 3, 2, "resting"), (trigger, "", 2, 2, "waiting")] == [
        (o.order_id, o.client_id, o.size_lots, o.remaining_lots, o.state) for o in found
    ]
    assert found[1] == open_order(book.state, ALICE, trigger)
    assert open_order(book.state, ALICE, 99) is None


def test_depth_has_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.place("alice", BUY, 3, TICKS - 5)
    book.place("bob", SELL, 2, TICKS + 5)

    depth = book_depth(book.state, BTC_PERP, 1)

    assert [(TICKS - 5, 3)] == [(level.price_ticks, level.size_lots) for level in depth.bids]
    assert [(TICKS + 5, 2)] == [(level.price_ticks, level.size_lots) for level in depth.asks]
