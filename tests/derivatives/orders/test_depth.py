"""ORDR-070 to ORDR-072: what the book shows, and what of it counts for marks."""

import pytest

from derivatives.marks.book import is_aged
from derivatives.orders.depth import best_ask, best_bid, best_price, levels
from derivatives.orders.state import resting
from tests.given_book import BUY, SELL, TICKS, Book
from tests.given_market import BTC_PERP


def test_best_prices_and_levels_are_best_first(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    for name, side, lots, off in (
        ("alice", BUY, 1, -2),
        ("bob", BUY, 2, -1),
        ("carol", BUY, 3, -2),
        ("dave", SELL, 4, 2),
        ("erin", SELL, 5, 1),
    ):
        book.place(name, side, lots, TICKS + off)

    assert TICKS - 1 == best_bid(book.state, BTC_PERP) == best_price(book.state, BTC_PERP, BUY)
    assert TICKS + 1 == best_ask(book.state, BTC_PERP)
    assert ((TICKS - 1, 2), (TICKS - 2, 4)) == levels(book.state, BTC_PERP, BUY, 9)
    assert ((TICKS + 1, 5),) == levels(book.state, BTC_PERP, SELL, 1)


def test_empty_book_has_no_price(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)

    assert best_bid(book.state, BTC_PERP) is None
    assert best_ask(book.state, BTC_PERP) is None


def test_order_counts_for_marks_after_two_seconds_and_two_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    book.place("alice", BUY, 2, TICKS - 9)
    book.block(1_999)
    book.place("bob", BUY, 2, TICKS - 3)
    book.block(1)

    def aged() -> int:
        return next(
            price_ticks
            for price_ticks, _, changed_ms, changed_height in resting(book.state, BTC_PERP, BUY)
            if is_aged(changed_ms, changed_height, book.time_ms, book.height)
        )

    assert TICKS - 9 == aged()
    book.block(5_000)
    assert TICKS - 3 == aged()
    book.place("carol", SELL, 1, TICKS - 3)
    assert TICKS - 3 == aged()  # a fill does not make it young
    book.amend("bob", book.open("bob")[0].order.order_id, TICKS - 2, 1)
    assert TICKS - 9 == aged()
