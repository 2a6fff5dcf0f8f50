"""Who is told what, from which number on. Criteria: RPC-050 to RPC-056 of docs/specs/rpc.md."""

import msgspec

from node.rpc import limits
from node.rpc.subscriptions import Desk, Kind, Message, Subscription, notification
from tests.node.rpc.conftest import FakeFeed


class Reader:
    """Takes whatever it is told."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def tell(self, _subscription: Subscription, message: Message) -> None:
        self.messages.append(message)

    @property
    def seqs(self) -> list[int]:
        return [message.seq for message in self.messages]


def follow(desk: Desk, topic: str, from_seq: int | None = None) -> tuple[Reader, Subscription]:
    reader = Reader()
    subscription = desk.open("s1", topic, reader.tell, from_seq)
    while not desk.is_live(subscription):
        reader.messages += desk.catch_up(subscription)
    return reader, subscription


def test_a_new_follower_of_blocks_is_told_the_next_one() -> None:
    feed = FakeFeed(height=5)
    desk = Desk(feed)
    reader, subscription = follow(desk, "blocks")

    feed.height = 7
    desk.tell_news()

    assert [6, 7] == reader.seqs
    assert 8 == subscription.next_seq


def test_resuming_blocks_leaves_no_gap_and_repeats_nothing_however_far_behind() -> None:
    feed = FakeFeed(height=3 * limits.REPLAY_ITEMS_COUNT + 17)
    desk = Desk(feed)
    reader = Reader()
    subscription = desk.open("s1", "blocks", reader.tell, 4)
    while not desk.is_live(subscription):
        reader.messages += desk.catch_up(subscription)
        feed.height += 1 if len(reader.messages) < 330 else 0
        desk.tell_news()
    feed.height += 1
    desk.tell_news()

    assert list(range(4, feed.height + 1)) == reader.seqs


def test_resuming_beyond_the_head_waits_for_it() -> None:
    feed = FakeFeed(height=2)
    desk = Desk(feed)
    reader, _ = follow(desk, "blocks", from_seq=2)

    feed.height = 3
    desk.tell_news()

    assert [2, 3] == reader.seqs


def test_an_account_hears_of_its_own_events_only() -> None:
    feed = FakeFeed()
    desk = Desk(feed)
    alice, _ = follow(desk, "account:alice")
    bob, _ = follow(desk, "account:bob")

    feed.tell("alice", "bob")
    feed.tell("carol")
    feed.tell("bob")
    desk.tell_news()

    assert [0] == alice.seqs
    assert [0, 2] == bob.seqs


def test_an_account_resumes_among_many_events_of_others() -> None:
    feed = FakeFeed()
    for number in range(1_000):
        feed.tell("alice" if number % 100 == 0 else "bob")
    desk = Desk(feed)
    reader, _ = follow(desk, "account:alice", from_seq=150)
    feed.tell("alice")
    desk.tell_news()

    assert [200, 300, 400, 500, 600, 700, 800, 900, 1000] == reader.seqs


def test_a_transaction_shows_how_it_stands_and_each_change_once() -> None:
    feed = FakeFeed()
    desk = Desk(feed)
    reader, _ = follow(desk, "tx:0x" + "07" * 32)

    desk.tell_looks()
    feed.status = "applied"
    desk.tell_looks()
    desk.tell_looks()

    assert [Kind.SNAPSHOT, Kind.DELTA] == [message.kind for message in reader.messages]
    assert [1, 2] == reader.seqs
    assert "applied" == msgspec.json.decode(reader.messages[1].data)["status"]


def test_consensus_shows_each_new_view() -> None:
    feed = FakeFeed()
    desk = Desk(feed)
    reader, _ = follow(desk, "consensus")

    feed.view = 2
    desk.tell_looks()

    assert [{"view": "1"}, {"view": "2"}] == [
        msgspec.json.decode(message.data) for message in reader.messages
    ]


def test_who_begins_now_is_not_told_what_was_final_already() -> None:
    feed = FakeFeed(height=1)
    feed.tell("alice")
    desk = Desk(FakeFeed())
    desk._feed = feed
    blocks, _ = follow(desk, "blocks")
    alice, _ = follow(desk, "account:alice")

    feed.height = 2
    feed.tell("alice")
    desk.tell_news()

    assert ([2], [1]) == (blocks.seqs, alice.seqs)


def test_a_closed_subscription_is_told_nothing() -> None:
    feed = FakeFeed()
    desk = Desk(feed)
    reader, subscription = follow(desk, "blocks")

    desk.close(subscription)
    desk.close(subscription)
    feed.height = 1
    desk.tell_news()

    assert [] == reader.seqs
    assert 0 == desk.count


def test_a_chain_that_went_back_is_told_again_from_there() -> None:
    feed = FakeFeed(height=9)
    desk = Desk(feed)
    reader, _ = follow(desk, "blocks")

    feed.height = 4
    desk.tell_news()
    feed.height = 6
    desk.tell_news()

    assert [5, 6] == reader.seqs


def test_a_notification_carries_its_place_and_its_data() -> None:
    subscription = Subscription("s7", "blocks", Reader().tell, 1)
    message = Message(3, 3, Kind.DELTA, b'{"height":"3"}')

    told = msgspec.json.decode(notification(subscription, message))

    assert {
        "jsonrpc": "2.0",
        "method": "subscription",
        "params": {
            "subscription": "s7",
            "topic": "blocks",
            "seq": "3",
            "height": "3",
            "type": "delta",
            "data": {"height": "3"},
        },
    } == told


def test_a_heartbeat_carries_the_last_number() -> None:
    feed = FakeFeed(height=5)
    desk = Desk(feed)
    _, subscription = follow(desk, "blocks")

    beat = desk.heartbeat(subscription)

    assert (5, Kind.HEARTBEAT) == (beat.seq, beat.kind)


def test_trades_of_a_market_are_told_as_trades_and_its_accounts_as_events() -> None:
    feed = FakeFeed()
    desk = Desk(feed)
    market, _ = follow(desk, "trades:BTC-PERP")
    other, _ = follow(desk, "trades:ETH-PERP")
    account, _ = follow(desk, "account:alice")

    feed.tell("alice")
    feed.trade("BTC-PERP", "alice", "bob")
    desk.tell_news()

    assert ([1], [], [0, 1]) == (market.seqs, other.seqs, account.seqs)
    assert {"trade_id": 1, "instrument": "BTC-PERP"} == msgspec.json.decode(market.messages[0].data)
    assert "trades.traded" == msgspec.json.decode(account.messages[1].data)["name"]


def test_trades_are_resumed_without_gap_or_repetition() -> None:
    feed = FakeFeed()
    for _ in range(3):
        feed.trade("BTC-PERP")
        feed.tell("alice")
    desk = Desk(feed)

    reader, _ = follow(desk, "trades:BTC-PERP", 1)
    feed.trade("BTC-PERP")
    desk.tell_news()

    assert [2, 4, 6] == reader.seqs


def test_a_mark_and_a_book_begin_as_they_stand_and_tell_changes_alone() -> None:
    feed = FakeFeed(height=5)
    desk = Desk(feed)
    mark, _ = follow(desk, "mark:BTC-PERP")
    book, _ = follow(desk, "book:BTC-PERP")

    feed.height = 6
    desk.tell_news()
    feed.height, feed.price = 7, "11"
    desk.tell_news()

    for reader in (mark, book):
        assert [Kind.SNAPSHOT, Kind.DELTA] == [message.kind for message in reader.messages]
    assert ["5", "7"] == [msgspec.json.decode(told.data)["sequence"] for told in book.messages]
