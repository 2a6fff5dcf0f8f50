"""What subscriptions are told. Criteria: RPC-052 to RPC-054 of docs/specs/rpc.md."""

from chain.crypto.addresses import text_of
from chain.modules.ledger.transactions import Transfer
from node.rpc.methods.feed import ServicesFeed
from tests import given
from tests.node.rpc.conftest import Rooms
from tests.node.rpc.methods.conftest import BTC_PERP, MARK_TICKS, Market

ALICE, BOB = text_of(given.address("alice")), text_of(given.address("bob"))


def test_an_event_concerns_both_sides_of_a_transfer(rooms: Rooms) -> None:
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=1_000_000)
    rooms.finalise(rooms.world.bytes_of("alice", transfer))
    feed = ServicesFeed(rooms.services)

    (event,) = feed.events(0, 10)

    assert {ALICE, BOB} == event.addresses
    assert (0, 1, 1) == (event.seq, event.height, feed.next_event())
    assert "ledger.transferred" == event.shape["event"]["name"]


def test_a_block_is_told_with_what_its_transactions_came_to(rooms: Rooms) -> None:
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=10**15)
    rooms.finalise(rooms.world.bytes_of("alice", transfer))
    feed = ServicesFeed(rooms.services)

    block = feed.block(1)

    (one,) = block["transactions"]
    assert ("ledger.transfer", False, "ledger.balance_short") == (
        one["kind"],
        one["ok"],
        one["reason"],
    )
    assert (1, "auth") == (block["tx_count"], block["proposer_name"][:4])


def test_the_feed_knows_where_the_chain_stands(rooms: Rooms) -> None:
    rooms.finalise()
    feed = ServicesFeed(rooms.services)

    assert (1, 0) == (feed.head_height(), feed.oldest_block())
    assert "7" == feed.standing()["view"]
    assert "unknown" == feed.transaction(bytes(32))["status"]


def test_a_market_is_told_from_its_tables_and_its_trades_from_events(market: Market) -> None:
    market.order("bob", 2, 5, MARK_TICKS)
    market.order("alice", 1, 3, MARK_TICKS)
    feed = ServicesFeed(market.rooms.services)

    (event,) = [event for event in feed.events(0, 1_000) if event.market]
    book, mark = feed.book(BTC_PERP), feed.mark(BTC_PERP)

    assert (BTC_PERP, {ALICE, BOB}) == (event.market, event.addresses)
    assert event.trade is not None
    assert ("3", str(MARK_TICKS)) == (event.trade["size_lots"], event.trade["price_ticks"])
    assert ([], [["128000", "2"]]) == (book["bids"], book["asks"])
    assert ("128000", "open") == (mark["mark_price_ticks"], mark["state"])


def test_a_fill_is_told_to_both_sides_of_its_trade_wherever_reading_begins(market: Market) -> None:
    market.order("bob", 2, 5, MARK_TICKS)
    market.order("alice", 1, 3, MARK_TICKS)
    feed = ServicesFeed(market.rooms.services)
    every = feed.events(0, 1_000)

    (fill,) = [one for one in every if one.shape["event"]["name"] == "orders.order_filled"]

    assert {ALICE, BOB} == fill.addresses
    assert fill == feed.events(fill.seq, 1)[0]
    assert every[-3:] == feed.events(every[-3].seq, 1_000)
