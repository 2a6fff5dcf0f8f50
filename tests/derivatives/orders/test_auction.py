"""ORDR-060 to ORDR-069: one price for all, by brute force, and who loses an order in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chain.kit import replace
from derivatives.accounts.state import COMPARTMENTS
from derivatives.instruments.state import TRADING, TRADING_AUCTION, TRADING_OPEN, Trading
from derivatives.oracle.ladder import FeedState
from derivatives.orders import auction
from derivatives.orders.auction import Level, auction_price
from derivatives.orders.events import AuctionUncrossed
from tests.given_book import BUY, SELL, TICKS, Book, cancelled, fills, placing
from tests.given_market import BTC_PERP, ETH_PERP, UNIT_E8, account_of

ETH_TICKS = 64_000


def brute_force(bids: list[Level], asks: list[Level], mark: int) -> tuple[int, int] | None:
    """Look at every tick there is, by the words of the rule."""
    found = []
    for price in range(1, 40):
        demand = sum(lots for ticks, lots in bids if ticks >= price)
        supply = sum(lots for ticks, lots in asks if ticks <= price)
        found.append((price, min(demand, supply), demand - supply))
    volume = max(volume for _, volume, _ in found)
    if volume == 0:
        return None
    found = [f for f in found if f[1] == volume]
    least = min(abs(surplus) for _, _, surplus in found)
    found = [f for f in found if abs(f[2]) == least]
    if all(surplus > 0 for _, _, surplus in found):
        return max(found)[0], volume
    if all(surplus < 0 for _, _, surplus in found):
        return min(found)[0], volume
    return min(found, key=lambda f: (abs(f[0] - mark), f[0]))[0], volume


SIDE = some.dictionaries(some.integers(10, 30), some.integers(1, 9), max_size=8)


@given(bids=SIDE, asks=SIDE, mark=some.integers(5, 35))
def test_price_is_that_of_brute_force_over_every_tick(
    bids: dict[int, int], asks: dict[int, int], mark: int
) -> None:
    falling = [Level(*level) for level in sorted(bids.items(), reverse=True)]
    rising = [Level(*level) for level in sorted(asks.items())]

    found = auction_price(falling, rising, mark)

    assert brute_force(falling, rising, mark) == found


@pytest.mark.parametrize(
    ("bids", "asks", "mark", "expected"),
    [
        ([(12, 5)], [(10, 5)], 11, (11, 5)),  # no surplus anywhere: nearest to the mark
        ([(12, 5)], [(10, 5)], 30, (12, 5)),
        ([(12, 5)], [(10, 3)], 10, (12, 3)),  # surplus to buy: the highest
        ([(12, 3)], [(10, 5)], 12, (10, 3)),  # surplus to sell: the lowest
        ([(12, 2), (11, 4)], [(9, 3), (10, 3)], 12, (11, 6)),  # most volume before all
        ([(12, 3), (10, 2)], [(9, 3), (11, 2)], 12, (12, 3)),  # a surplus on either side
        ([(12, 3), (10, 2)], [(9, 3), (11, 2)], 8, (9, 3)),
        ([(9, 5)], [(10, 5)], 9, None),
        ([], [(10, 5)], 9, None),
    ],
)
def test_price_by_hand(
    bids: list[tuple[int, int]],
    asks: list[tuple[int, int]],
    mark: int,
    expected: tuple[int, int] | None,
) -> None:
    found = auction_price([Level(*b) for b in bids], [Level(*a) for a in asks], mark)

    assert expected == found


def _trading(book: Book) -> Trading:
    trading = book.state.get(TRADING, BTC_PERP)
    assert trading is not None
    return trading


def test_orders_gather_and_meet_at_one_price_without_fees(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.auction(2_000)
    bought = book.place("alice", BUY, 5, TICKS + 20)
    book.place("bob", BUY, 5, TICKS + 5)
    sold = book.place("carol", SELL, 4, TICKS - 20)
    assert [] == fills(book.told)

    assert [] == fills(book.end())
    book.time_ms += 2_000
    told = book.end()

    # Demand exceeds supply at every price up to the highest bid.
    assert [(bought, 4, TICKS + 20), (sold, 4, TICKS + 20)] == fills(told)
    assert AuctionUncrossed(BTC_PERP, TICKS + 20, 4, 1) in told
    assert (4, 0, -4) == (book.lots("alice"), book.lots("bob"), book.lots("carol"))
    assert 900_000_000_000 == book.cash("alice") == book.cash("carol")
    assert ([(TICKS + 20, 1), (TICKS + 5, 5)], []) == book.depth()
    book.sound()
    book.block()
    assert TRADING_OPEN == book.trading()
    book.sound()


def test_failing_account_loses_its_order_and_the_price_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    book.auction(500)
    lost = book.place("alice", BUY, 5, TICKS + 20)
    book.place("bob", BUY, 2, TICKS + 20)
    book.place("carol", SELL, 5, TICKS)
    book.wealth.poor.add(account_of("alice"))
    book.time_ms += 500

    told = book.end()

    assert [(lost, "accounts.custody_short")] == cancelled(told)
    assert (2, -2) == (book.lots("bob"), book.lots("carol"))
    assert {TICKS + 20} == {ticks for _, _, ticks in fills(told)}
    book.sound()


def test_auction_that_leaves_a_crossed_book_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.auction(500)
    book.place("alice", BUY, 5, TICKS + 10)
    lost = book.place("carol", SELL, 5, TICKS)
    book.place("dave", SELL, 5, TICKS + 8)
    book.wealth.poor.add(account_of("carol"))
    book.time_ms += 500

    told = book.end()

    # The price was the mark, at which only carol sold; alice and dave still cross.
    assert [(lost, "accounts.custody_short")] == cancelled(told)
    assert [] == fills(told)
    assert Trading(TRADING_AUCTION, 0, book.time_ms + 1) == replace(_trading(book), since_ms=0)
    book.block()
    assert TRADING_AUCTION == book.trading()
    assert {TICKS + 8} == {ticks for _, _, ticks in fills(book.end())}
    book.block()
    assert TRADING_OPEN == book.trading()
    assert (5, -5) == (book.lots("alice"), book.lots("dave"))
    book.sound()


def test_auctions_of_a_block_share_its_meetings(monkeypatch: pytest.MonkeyPatch) -> None:
    # ORDR-065
    book = Book(monkeypatch)
    monkeypatch.setattr(auction, "MEETINGS_MAX_COUNT", 1)
    for name, ticks in ((BTC_PERP, TICKS), (ETH_PERP, ETH_TICKS)):
        called = Trading(TRADING_AUCTION, book.time_ms, book.time_ms + 500)
        book.state.put(TRADING, name, called)
        book.place("alice", BUY, 5, ticks, instrument=name)
        book.place("carol", SELL, 5, ticks, instrument=name)
    book.time_ms += 500

    first = book.end()
    book.block()
    waits = book.state.get(TRADING, ETH_PERP)
    second = book.end()
    book.block()
    opened = book.state.get(TRADING, ETH_PERP)

    assert [{TICKS}, {ETH_TICKS}] == [{one[2] for one in fills(told)} for told in (first, second)]
    assert waits is not None
    assert opened is not None
    assert (TRADING_AUCTION, TRADING_OPEN) == (waits.state, opened.state)
    book.sound()


def test_account_that_may_not_hold_more_loses_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.trade("bob", "carol", 1, TICKS)
    book.auction(500)
    lost = book.place("alice", BUY, 5, TICKS + 20)
    book.place("bob", BUY, 2, TICKS + 20)
    book.place("carol", SELL, 5, TICKS)
    terms = book.state.get(COMPARTMENTS, "main")
    assert terms is not None
    book.state.put(COMPARTMENTS, "main", replace(terms, account_positions_max_count=0))
    book.time_ms += 500

    told = book.end()

    assert [(lost, "trades.positions_too_many")] == cancelled(told)
    assert (0, 3, -3) == (book.lots("alice"), book.lots("bob"), book.lots("carol"))
    book.sound()


def test_younger_order_goes_where_open_interest_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.with_terms(open_interest_cap_lots=3)
    book.auction(500)
    book.place("alice", BUY, 5, TICKS)
    younger = book.place("bob", SELL, 5, TICKS)
    book.place("carol", SELL, 3, TICKS)
    book.time_ms += 500

    told = book.end()

    assert [(younger, "trades.open_interest_full")] == cancelled(told)
    assert (3, -3) == (book.lots("alice"), book.lots("carol"))
    book.sound()


def test_of_a_signers_own_orders_the_older_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.auction(500)
    older = book.place("alice", BUY, 5, TICKS)
    book.place("alice", SELL, 5, TICKS)
    book.place("bob", BUY, 2, TICKS)
    book.time_ms += 500

    told = book.end()

    assert [(older, "self_trade")] == cancelled(told)
    assert -2 == book.lots("alice")
    book.sound()


def test_auction_in_which_nothing_meets_ends_at_the_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.auction(500)
    book.place("alice", BUY, 5, TICKS - 1)
    book.place("carol", SELL, 5, TICKS + 1)
    book.time_ms += 500

    assert [AuctionUncrossed(BTC_PERP, TICKS, 0, 0)] == book.end()


def test_auction_that_waits_for_its_feed_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.auction()
    book.place("alice", BUY, 5, TICKS)
    book.place("bob", SELL, 5, TICKS)

    told = book.end()

    assert [] == told
    trading = book.state.get(TRADING, BTC_PERP)
    assert trading is not None
    assert (TRADING_AUCTION, 0) == (trading.state, trading.auction_until_ms)


def test_orders_gather_while_their_feed_is_in_auction(monkeypatch: pytest.MonkeyPatch) -> None:
    # INST-015
    book = Book(monkeypatch)
    book.auction()
    asked = placing("alice", BUY, 5, TICKS)
    answers = []
    for state in (FeedState.JUMP, FeedState.STALE, FeedState.INVALID):
        book.price("BTC", 64_000 * UNIT_E8, state)
        answers.append(book.refused("alice", asked))
    book.price("BTC", 64_000 * UNIT_E8, FeedState.AUCTION)

    book.place("alice", BUY, 5, TICKS)
    book.place("bob", SELL, 5, TICKS)
    now = book.refused("carol", placing("carol", BUY, 5, TICKS, time_in_force=2))

    assert ["price_stale"] * 3 == answers
    assert "auction_rests" == now
    assert [] == book.end()
    assert 0 == book.lots("alice")
    book.price("BTC", 64_000 * UNIT_E8)
    book.auction(500)
    book.time_ms += 500
    book.end()
    assert 5 == book.lots("alice")
    book.sound()


def test_reduce_only_orders_close_in_an_auction_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book(monkeypatch)
    book.trade("alice", "bob", 3, TICKS)
    book.auction(500)
    book.place("alice", SELL, 7, TICKS, reduce_only=True)
    book.place("carol", BUY, 9, TICKS)
    book.time_ms += 500

    book.end()

    assert (0, 3) == (book.lots("alice"), book.lots("carol"))
    book.sound()
