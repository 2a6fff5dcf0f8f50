"""ORDR-020 to ORDR-033: price before time, at the resting order's price, and who loses what."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from chain.kit import Refusal, replace
from derivatives.accounts.state import COMPARTMENTS
from derivatives.instruments.state import TRADING, TRADING_AUCTION, TRADING_REDUCE_ONLY, Trading
from derivatives.orders.matching import FILLS_MAX_COUNT, Incoming, take
from derivatives.orders.state import FILL_OR_KILL, IMMEDIATE_OR_CANCEL
from tests.given_book import BUY, NAMES, SELL, TICKS, Book, cancelled, fills, placing
from tests.given_market import BTC_PERP, account_of


def test_best_price_fills_first_at_its_own_price(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    far = book.place("alice", SELL, 5, TICKS + 20)
    near = book.place("bob", SELL, 5, TICKS + 10)

    book.place("carol", BUY, 7, TICKS + 30)

    assert [(near, 5, TICKS + 10), (far, 2, TICKS + 20)] == fills(book.told)
    assert (7, -2, -5) == (book.lots("carol"), book.lots("alice"), book.lots("bob"))
    assert ([], [(TICKS + 20, 3)]) == book.depth()
    book.sound()


def test_at_one_price_the_older_order_fills_first(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    first = book.place("alice", BUY, 2, TICKS)
    second = book.place("bob", BUY, 2, TICKS)

    book.place("carol", SELL, 3, TICKS)

    assert [(first, 2, TICKS), (second, 1, TICKS)] == fills(book.told)


def test_what_is_left_rests_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.place("alice", SELL, 2, TICKS)

    book.place("bob", BUY, 5, TICKS + 1)

    assert ([(TICKS + 1, 3)], []) == book.depth()
    assert (5, 3) == (book.open("bob")[0].order.size_lots, book.open("bob")[0].order.remaining_lots)
    book.sound()


def test_immediate_order_never_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.place("alice", SELL, 2, TICKS)

    order = book.place("bob", BUY, 5, TICKS, time_in_force=IMMEDIATE_OR_CANCEL)

    assert [(order, "immediate")] == cancelled(book.told)
    assert ([], []) == book.depth()


def test_fill_or_kill_fills_whole_or_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.place("alice", SELL, 4, TICKS)

    short = book.refused("bob", placing("bob", BUY, 5, TICKS, time_in_force=FILL_OR_KILL))

    assert ("not_fillable", {"size_lots": 5, "fillable_lots": 4}) == (short, book.facts)
    assert ([], [(TICKS, 4)]) == book.depth()
    book.place("bob", BUY, 4, TICKS, time_in_force=FILL_OR_KILL)
    assert 4 == book.lots("bob")


@pytest.mark.parametrize("incoming_goes", [False, True])
def test_signer_never_trades_with_itself(
    monkeypatch: pytest.MonkeyPatch, *, incoming_goes: bool
) -> None:
    book = Book(monkeypatch)
    own = book.place("alice", SELL, 2, TICKS)
    other = book.place("bob", SELL, 2, TICKS)

    order = book.place("alice", BUY, 3, TICKS, self_trade=int(incoming_goes))

    if incoming_goes:
        assert [(order, "self_trade")] == cancelled(book.told)
        assert [] == fills(book.told)
        assert ([], [(TICKS, 4)]) == book.depth()
    else:
        assert [(own, "self_trade")] == cancelled(book.told)
        assert [(other, 2, TICKS)] == fills(book.told)
        assert ([(TICKS, 1)], []) == book.depth()
    book.sound()


def test_accounts_of_one_signer_count_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from derivatives.accounts.transactions import Open

    book = Book(monkeypatch)
    book.send("alice", Open(account_of("alice", 1), "main", 0, "standard"))
    own = book.place("alice", SELL, 2, TICKS)

    book.place("alice", BUY, 2, TICKS, account_holder=account_of("alice", 1))

    assert [(own, "self_trade")] == cancelled(book.told)


def test_resting_order_that_fails_margin_is_lost_and_matching_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    lost = book.place("alice", SELL, 2, TICKS)
    good = book.place("bob", SELL, 2, TICKS)
    book.wealth.poor.add(account_of("alice"))

    book.place("carol", BUY, 2, TICKS)

    assert [(good, 2, TICKS)] == fills(book.told)
    assert [(lost, "accounts.custody_short")] == cancelled(book.told)
    assert 0 == book.lots("alice")
    book.sound()


def test_incoming_order_that_fails_margin_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.place("alice", SELL, 2, TICKS)
    book.wealth.poor.add(account_of("carol"))

    with pytest.raises(Refusal):
        book.place("carol", BUY, 2, TICKS)

    assert ([], [(TICKS, 2)]) == book.depth()
    assert 0 == book.lots("carol") == book.lots("alice")
    book.sound()


def test_accounts_that_may_not_hold_more_are_refused_or_lose_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    book.trade("alice", "bob", 1, TICKS)
    lost = book.place("carol", SELL, 2, TICKS)
    good = book.place("bob", SELL, 2, TICKS)
    terms = book.state.get(COMPARTMENTS, "main")
    assert terms is not None
    book.state.put(COMPARTMENTS, "main", replace(terms, account_positions_max_count=0))

    taker = book.refused("dave", placing("dave", BUY, 2, TICKS))
    book.place("alice", BUY, 2, TICKS)

    assert "trades.positions_too_many" == taker
    assert [(lost, "trades.positions_too_many")] == cancelled(book.told)
    assert [(good, 2, TICKS)] == fills(book.told)
    book.sound()


def test_price_beyond_the_band_trades_nothing_and_opens_an_auction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    edge = TICKS * 105 // 100
    near = book.place("alice", SELL, 1, edge)
    book.place("bob", SELL, 1, edge + 1)

    order = book.place("carol", BUY, 2, edge + 1)

    assert [(near, 1, edge)] == fills(book.told)
    assert [(order, "band")] == cancelled(book.told)
    assert TRADING_AUCTION == book.trading()
    book.sound()


def test_market_order_stops_at_the_band_and_opens_no_auction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    edge = TICKS * 105 // 100
    book.place("alice", SELL, 1, edge)
    book.place("bob", SELL, 1, edge + 1)

    order = book.place("carol", BUY, 2, 0)

    assert [(order, "immediate")] == cancelled(book.told)
    assert (1, TRADING_AUCTION) != (book.lots("carol"), book.trading())
    assert 1 == book.lots("carol")


def test_matching_stops_after_two_hundred_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    for _ in range(FILLS_MAX_COUNT + 1):
        book.place("alice", SELL, 1, TICKS)

    order = book.place("bob", BUY, FILLS_MAX_COUNT + 1, TICKS)

    assert FILLS_MAX_COUNT == len(fills(book.told)) == book.lots("bob")
    assert [(order, "fills_limit")] == cancelled(book.told)
    book.sound()


def test_reduce_only_order_closes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.trade("alice", "bob", 3, TICKS)
    book.place("carol", BUY, 10, TICKS)

    order = book.place("alice", SELL, 5, TICKS, reduce_only=True)

    assert 0 == book.lots("alice")
    assert [(order, "nothing_to_reduce")] == cancelled(book.told)
    book.sound()


def test_reduce_only_orders_go_newest_first_when_their_position_shrinks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    book.trade("alice", "bob", 6, TICKS)
    old = book.place("alice", SELL, 3, TICKS + 20, reduce_only=True)
    new = book.place("alice", SELL, 3, TICKS + 10, reduce_only=True)
    book.place("carol", BUY, 2, TICKS)

    book.place("alice", SELL, 2, TICKS)

    assert [(new, "nothing_to_reduce")] == cancelled(book.told)
    assert [old] == [rested.order.order_id for rested in book.open("alice")]
    book.sound()


def test_where_only_reducing_is_allowed_openers_are_passed_over_and_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    book.trade("alice", "bob", 3, TICKS)
    opener = book.place("carol", BUY, 5, TICKS)
    book.state.put(TRADING, BTC_PERP, Trading(TRADING_REDUCE_ONLY, 0, 0))
    closer = book.place("bob", BUY, 1, TICKS, reduce_only=True)

    order = book.place("alice", SELL, 3, TICKS, reduce_only=True)

    assert [(closer, 1, TICKS)] == fills(book.told)
    assert [(order, "passed_over")] == cancelled(book.told)
    assert opener == book.open("carol")[0].order.order_id
    book.sound()


def test_expired_order_is_never_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    old = book.place("alice", SELL, 1, TICKS, good_till_ms=book.time_ms + 400)
    book.block(500)

    book.place("bob", BUY, 1, TICKS)

    assert [(old, "expired")] == cancelled(book.told)
    assert 0 == book.lots("bob")


def test_order_without_a_margin_test_is_for_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.place("alice", BUY, 2, TICKS)
    book.wealth.poor.update(account_of(name) for name in NAMES)
    incoming = Incoming(
        99,
        account_of("bob"),
        BTC_PERP,
        book.terms(),
        SELL,
        TICKS,
        3,
        False,
        0,
    )

    why = take(book.context(), incoming, None)

    assert ("", 1) == (why, incoming.remaining_lots)
    assert -2 == book.lots("bob")


ORDERS = some.lists(
    some.tuples(
        some.sampled_from(NAMES),
        some.sampled_from((BUY, SELL)),
        some.integers(1, 9),
        some.integers(-4, 4),
        some.sampled_from(("place", "place", "place", "cancel", "amend", "poor")),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(asked=ORDERS)
def test_book_is_never_crossed_and_its_sums_are_its_orders(
    asked: list[tuple[str, int, int, int, str]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        book = Book(patch)
        for name, side, lots, off, verb in asked:
            mine = book.open(name)
            try:
                if verb == "cancel" and mine:
                    book.cancel(name, mine[0].order.order_id)
                elif verb == "amend" and mine:
                    book.amend(name, mine[-1].order.order_id, TICKS + off, lots)
                elif verb == "poor":
                    book.wealth.poor ^= {account_of(name)}
                else:
                    book.place(name, side, lots, TICKS + off, reduce_only=lots == 9)
            except Refusal as refusal:
                assert refusal.reason.slug in {  # noqa: PT017
                    "orders.nothing_to_reduce",
                    "orders.nothing_amended",
                    "accounts.custody_short",
                }
            book.sound()


@settings(max_examples=60)
@given(
    resting=some.lists(
        some.tuples(some.sampled_from(NAMES[1:]), some.integers(1, 5), some.integers(0, 3)),
        max_size=12,
    ),
    wanted=some.integers(1, 40),
    reach=some.integers(0, 3),
)
def test_fills_are_in_order_of_price_then_time(
    resting: list[tuple[str, int, int]], wanted: int, reach: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        book = Book(patch)
        placed = [
            (off, book.place(name, SELL, lots, TICKS + off), lots) for name, lots, off in resting
        ]
        expected, left = [], wanted
        for off, order_id, lots in sorted(placed):
            if off <= reach and left:
                expected.append((order_id, min(lots, left), TICKS + off))
                left -= min(lots, left)

        book.place("alice", BUY, wanted, TICKS + reach)

        assert expected == fills(book.told)
        assert ([(TICKS + reach, left)] if left else []) == book.depth()[0]
