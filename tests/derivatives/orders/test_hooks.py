"""ORDR-044 to ORDR-047: what ends with its time, within bounds."""

import pytest

from derivatives.orders import hooks
from derivatives.orders.events import DeadManSet
from derivatives.orders.state import DEAD_MEN, DEAD_MEN_DUE
from derivatives.orders.transactions import SetDeadMan
from tests.given_book import BUY, TICKS, Book, cancelled
from tests.given_market import account_of

ALICE = account_of("alice")


def test_orders_and_triggers_end_in_the_block_of_their_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    ends_ms = book.time_ms + 1_000
    order = book.place("alice", BUY, 1, TICKS, good_till_ms=ends_ms)
    trigger = book.place(
        "alice", BUY, 1, TICKS, good_till_ms=ends_ms, trigger_kind=1, trigger_ticks=TICKS + 9
    )
    book.place("alice", BUY, 1, TICKS, good_till_ms=ends_ms + 1)
    book.block(999)
    assert [] == book.end()

    book.block(1)
    told = book.end()

    assert [(order, "expired"), (trigger, "expired")] == cancelled(told)
    assert 1 == len(book.open("alice"))
    book.sound()


def test_more_than_the_bound_end_in_the_next_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "ENDED_MAX_COUNT", 2)
    book = Book(monkeypatch)
    orders = [book.place("alice", BUY, 1, TICKS, good_till_ms=book.time_ms + 1) for _ in range(3)]
    book.block()

    first, second = cancelled(book.end()), cancelled(book.end())

    assert (orders[:2], orders[2:]) == ([o for o, _ in first], [o for o, _ in second])


def test_dead_mans_orders_end_unless_it_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    order = book.place("alice", BUY, 1, TICKS)
    kept = book.place("bob", BUY, 1, TICKS)

    told = book.send("alice", SetDeadMan(ALICE, 1_000))
    assert [DeadManSet(ALICE, book.time_ms + 1_000)] == told
    book.block(900)
    assert [] == book.end()
    book.send("alice", SetDeadMan(ALICE, 1_000))
    book.block(900)
    assert [] == book.end()
    book.block(100)
    told = book.end()

    assert [(order, "dead_man")] == cancelled(told)
    for table in (DEAD_MEN, DEAD_MEN_DUE):
        assert [] == list(book.state.scan(table))
    assert [kept] == [rested.order.order_id for rested in book.open("bob")]
    book.block(10_000)
    assert [] == book.end()
    book.sound()


def test_dead_man_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.place("alice", BUY, 1, TICKS)
    book.send("alice", SetDeadMan(ALICE, 1_000))

    told = book.send("alice", SetDeadMan(ALICE, 0))

    assert [DeadManSet(ALICE, 0)] == told
    book.block(5_000)
    assert [] == book.end()
    assert 1 == len(book.open("alice"))
