"""ORDR-080 to ORDR-083: the full sweep finds what is wrong with a book."""

from collections.abc import Callable

import pytest

from chain.kit import Broken, replace
from derivatives.instruments.state import TRADING, TRADING_OPEN, Trading
from derivatives.orders.book import find
from derivatives.orders.invariants import (
    every_order_is_listed_once,
    no_book_is_crossed,
    reduce_only_orders_are_backed_by_positions,
    sums_are_those_of_the_orders,
    tops_are_the_first_of_the_book,
)
from derivatives.orders.state import BOOK, OPEN_ORDERS, RESTING, TOPS, OpenOrders, Top
from derivatives.positions.state import POSITIONS
from tests.given_book import BUY, SELL, TICKS, Book
from tests.given_market import BTC_PERP, account_of

ALICE = account_of("alice")


def cross(book: Book) -> None:
    book.auction()
    book.place("bob", SELL, 1, TICKS - 9)
    book.state.put(TRADING, BTC_PERP, Trading(TRADING_OPEN, 0, 0))


def lose(book: Book) -> None:
    book.state.delete(BOOK, book.open("alice")[0].key)


def miscount(book: Book) -> None:
    book.state.put(OPEN_ORDERS, ALICE, OpenOrders(7))


def mislead(book: Book) -> None:
    book.state.put(TOPS, (BTC_PERP, BUY), Top(9, 9))


def inflate(book: Book) -> None:
    rested = find(book.state, ALICE, 1)
    assert rested is not None
    book.state.put(BOOK, rested.key, replace(rested.order, size_lots=9, remaining_lots=9))


def uncover(book: Book) -> None:
    book.trade("alice", "bob", 2, TICKS)
    book.place("alice", SELL, 2, TICKS + 5, reduce_only=True)
    book.state.delete(POSITIONS, (ALICE, BTC_PERP))


@pytest.mark.parametrize(
    ("harm", "invariant"),
    [
        (cross, no_book_is_crossed),
        (miscount, every_order_is_listed_once),
        (mislead, tops_are_the_first_of_the_book),
        (inflate, sums_are_those_of_the_orders),
        (uncover, reduce_only_orders_are_backed_by_positions),
    ],
)
def test_harm_is_found(
    monkeypatch: pytest.MonkeyPatch, harm: Callable[[Book], None], invariant: Callable[..., None]
) -> None:
    book = Book(monkeypatch)
    book.place("alice", BUY, 3, TICKS - 5)
    book.sound()

    harm(book)

    with pytest.raises(Broken):
        invariant(book.state)


def test_lost_row_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.place("alice", BUY, 3, TICKS - 5)
    lose(book)

    with pytest.raises(AssertionError):
        every_order_is_listed_once(book.state)
    assert book.state.get(RESTING, (ALICE, BTC_PERP)) is not None
