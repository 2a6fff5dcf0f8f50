"""ORDR-050 to ORDR-059: a trigger waits for the mark, then for its turn."""

import pytest

from derivatives.instruments.state import TRADING, TRADING_OPEN, Trading
from derivatives.orders import triggers
from derivatives.orders.events import TriggerHit
from derivatives.orders.state import HITS, TRIGGER_STOP, TRIGGER_TAKE_PROFIT, TRIGGERS
from derivatives.orders.transactions import Cancel
from derivatives.orders.triggers import direction_of, is_reached, waited_for
from tests.given_book import BUY, SELL, TICKS, Book, cancelled, fills, placing
from tests.given_market import BTC_PERP, UNIT_E8, account_of

CASES = [
    (TRIGGER_STOP, BUY, +1),
    (TRIGGER_STOP, SELL, -1),
    (TRIGGER_TAKE_PROFIT, BUY, -1),
    (TRIGGER_TAKE_PROFIT, SELL, +1),
]


def move(book: Book, ticks: int) -> None:
    """Let the next block's mark be this."""
    book.price("BTC", ticks * UNIT_E8 // 2)
    book.block()


@pytest.mark.parametrize(("kind", "side", "towards"), CASES)
def test_trigger_is_reached_at_its_price_and_beyond(kind: int, side: int, towards: int) -> None:
    direction = direction_of(kind, side)

    assert is_reached(direction, 100, 100)
    assert is_reached(direction, 100, 100 + towards)
    assert not is_reached(direction, 100, 100 - towards)


def test_only_instruments_with_a_trigger_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.place("alice", BUY, 3, TICKS, trigger_kind=TRIGGER_STOP, trigger_ticks=TICKS + 9)
    book.place("bob", SELL, 3, TICKS, trigger_kind=TRIGGER_STOP, trigger_ticks=TICKS - 9)
    ((_, trigger), *_) = book.state.scan(TRIGGERS)
    for name in ("ZZZ", "BTC-PERPX", "A"):
        book.state.put(TRIGGERS, (name, 2, 2**64 - 1, 2**63 - 1), trigger)

    assert ["A", BTC_PERP, "BTC-PERPX", "ZZZ"] == list(waited_for(book.state))


@pytest.mark.parametrize(("kind", "side", "towards"), CASES)
def test_trigger_becomes_an_order_when_the_mark_gets_there(
    monkeypatch: pytest.MonkeyPatch, kind: int, side: int, towards: int
) -> None:
    book = Book(monkeypatch)
    at = TICKS + 200 * towards
    order = book.place("alice", side, 3, at, trigger_kind=kind, trigger_ticks=at)
    assert ([], []) == book.depth()

    move(book, at - towards)
    assert [] == book.end()
    move(book, at)
    told = book.end()

    assert TriggerHit(order, BTC_PERP, at) == told[0]
    assert [(at, 3)] == book.depth()[side - 1]
    assert [] == list(book.state.scan(TRIGGERS)) == list(book.state.scan(HITS))
    book.sound()


def test_stop_sells_at_market_within_the_band(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.trade("alice", "bob", 3, TICKS)
    resting = book.place("carol", BUY, 5, TICKS - 400)
    book.place("alice", SELL, 9, 0, reduce_only=True, trigger_kind=1, trigger_ticks=TICKS - 200)
    move(book, TICKS - 200)

    told = book.end()

    assert [(resting, 3, TICKS - 400)] == fills(told)
    assert 0 == book.lots("alice")
    book.sound()


def test_triggers_take_turns_by_height_of_the_hit_then_by_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(triggers, "TURNS_MAX_COUNT", 2)
    book = Book(monkeypatch)
    at = {"trigger_kind": TRIGGER_STOP}
    late = [book.place(name, BUY, 1, TICKS, trigger_ticks=TICKS + 20, **at) for name in ("alice",)]
    soon = [
        book.place(name, BUY, 1, TICKS, trigger_ticks=TICKS + 10, **at)
        for name in ("bob", "carol", "dave")
    ]

    move(book, TICKS + 10)
    rested = [event.order_id for event in book.end() if type(event).__name__ == "OrderRested"]
    assert soon[:2] == rested
    book.sound()
    move(book, TICKS + 20)
    rested = [event.order_id for event in book.end() if type(event).__name__ == "OrderRested"]

    assert [soon[2], late[0]] == rested
    book.sound()


def test_mark_of_an_auction_hits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # ORDR-051
    book = Book(monkeypatch)
    book.place("alice", SELL, 3, 0, trigger_kind=1, trigger_ticks=TICKS - 200, time_in_force=2)
    book.auction()
    move(book, TICKS - 200)
    told = book.end()
    waiting = len([*book.state.scan(TRIGGERS)]), len([*book.state.scan(HITS)])
    book.state.put(TRADING, BTC_PERP, Trading(TRADING_OPEN, 0, 0))

    assert [] == told
    assert (1, 0) == waiting
    assert TriggerHit(1, BTC_PERP, TICKS - 200) == book.end()[0]


def test_hit_trigger_waits_while_its_instrument_is_in_auction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(triggers, "TURNS_MAX_COUNT", 0)
    book = Book(monkeypatch)
    order = book.place("alice", BUY, 1, TICKS, trigger_kind=1, trigger_ticks=TICKS + 10)
    move(book, TICKS + 10)
    book.end()
    monkeypatch.setattr(triggers, "TURNS_MAX_COUNT", 256)
    book.auction()

    assert [] == book.end()
    assert 1 == len(list(book.state.scan(HITS)))
    book.state.put(TRADING, BTC_PERP, Trading(TRADING_OPEN, 0, 0))
    book.end()
    assert [order] == [rested.order.order_id for rested in book.open("alice")]
    book.sound()


def test_order_of_a_trigger_that_is_refused_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    at = {"trigger_kind": 1, "trigger_ticks": TICKS + 10}
    poor = book.place("alice", BUY, 1, TICKS, **at)
    far = book.place("bob", BUY, 1, TICKS * 2, **at)
    flat = book.place("carol", BUY, 1, TICKS, reduce_only=True, **at)
    book.wealth.poor.add(account_of("alice"))
    move(book, TICKS + 10)

    told = book.end()

    assert [
        (poor, "accounts.custody_short"),
        (far, "orders.price_too_far"),
        (flat, "orders.nothing_to_reduce"),
    ] == cancelled(told)
    book.sound()


def test_trigger_that_is_reached_already_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)

    slug = book.refused(
        "alice", placing("alice", BUY, 1, TICKS, trigger_kind=1, trigger_ticks=TICKS)
    )

    assert "trigger_reached" == slug
    assert {"trigger_ticks": TICKS, "mark_price_ticks": TICKS} == book.facts


def test_waiting_and_hit_triggers_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "TURNS_MAX_COUNT", 0)
    book = Book(monkeypatch)
    at = {"trigger_kind": 1, "trigger_ticks": TICKS + 10}
    waiting = book.place("alice", BUY, 1, TICKS, client_id="w", **at)
    hit = book.place("alice", BUY, 1, TICKS, **at)

    told = book.send("alice", Cancel(account_of("alice"), 0, "w"))
    assert [(waiting, "asked")] == cancelled(told)
    move(book, TICKS + 10)
    book.end()
    book.sound()
    book.cancel("alice", hit)

    assert [(hit, "asked")] == cancelled(book.told)
    book.sound()
