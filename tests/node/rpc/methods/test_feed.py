"""What subscriptions are told. Criteria: RPC-052 to RPC-054 of docs/specs/rpc.md."""

from chain.crypto.addresses import text_of
from chain.modules.ledger.transactions import Transfer
from node.rpc.methods.feed import ServicesFeed
from tests import given
from tests.node.rpc.conftest import Rooms

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
